"""People and organisations that texts name, by the form of their names: `people`, `organisations`.

    >>> people("Dr. Kunio Mikuriya met Ivan Petrov; Ивану Петрову вручили медаль.")
    ['Kunio Mikuriya', 'Ivan Petrov', 'Иван Петров']
    >>> organisations("ВТамО и Ghana Revenue Authority (GRA)")
    ['World Customs Organization', 'Ghana Revenue Authority']

Only what is nearly certain is told, so many are passed over: precision is what a count needs. A person is

- in English, two capitalised words or more behind a title (`Dr.`, `Secretary General`), or a common given name and a
  capitalised word behind it, but none right before it (San Diego Zoo);
- in Russian, a given name and a surname of the dictionary, in either order, that agree in case, number and gender; they
  are told in the nominative.

An organisation is

- one of `organisations.tsv`, by a name or abbreviation in either language: only these are one value in both languages,
  their English name, since they are certain to be the same;
- in English, capitalised words with one that organisations are called by (`Authority`, `Ministry of`), where it is
  clear at which words the name begins and ends.

Distinct words are looked at once for clues: titles, given names, first words of organisations, words they are called
by. Only what stands about a clue is read, so that many texts cost little more than to cut them into words.

Of the values found on a page of customs news, in 1,344 pieces of Debian's and 250 of Russian news, 265 people and all
176 organisations were looked through by one reader, who took names cut short for wrong: 96 and 94 of 100 are right (of
Debian's alone 95 and 92). What is missed was not counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from itertools import chain, groupby, islice
from operator import itemgetter
from typing import NamedTuple

import numpy as np

from wco_search.analysis.batch import Runs, chunks_as_runs
from wco_search.analysis.russian import is_given_name, nominative_name, terms
from wco_search.text import CYRILLIC, fold

_TITLES = (
    r"(?:(?:Mr|Mrs|Ms|Dr|Prof)\.?|Professor|Secretary[ -]General|Director[ -]General|Prime Minister|President"
    r"|Ambassador|Commissioner|Senator|Chairman|Chairperson|Chairwoman|Judge)"
)
_CAPITAL = r"[A-ZÀ-ÖØ-ÞŁŠŽČ](?:[a-zß-öø-ÿłšžčćęąńśźż]+|'[A-Z][a-z]+)(?:[A-Z][a-z]+)?(?:-[A-ZÀ-ÖØ-Þ]?[a-zß-öø-ÿ]+)*"
_INITIAL = r"[A-Z]\."
_PARTICLE = r"(?:[Dd]e|[Dd]a|dos|[Dd]el|della|[Dd]i|[Vv]an|[Vv]on|der|den|bin|ibn|al|el|[Ll]a|[Ll]e|ten)"
_NEXT = rf"(?:\s(?:{_INITIAL}|{_PARTICLE}|{_CAPITAL}))"
_TITLED = re.compile(rf"(?<!\w){_TITLES}\s((?:{_CAPITAL}|{_INITIAL}){_NEXT}{{0,3}}?\s{_CAPITAL})(?!\w)(?!\s[A-Z])")
_NAMED = re.compile(rf"(?<![\w-]){_CAPITAL}(?:\s{_INITIAL})?(?:\s{_PARTICLE}){{0,2}}\s{_CAPITAL}(?!\w|['’](?!s\b))")
_CAPITAL_BEFORE = re.compile(rf"(?<![\w-]){_CAPITAL}\s\Z")  # then who is named may be a place: San Diego Zoo
_CYRILLIC = r"(?P<word>[А-ЯЁ][а-яё]+(?:-[А-ЯЁ][а-яё]+)*)"
_RUSSIAN_WORD, _RUSSIAN_BEFORE = re.compile(_CYRILLIC), re.compile(rf"{_CYRILLIC}[ \n]\Z")
_RUSSIAN_BEHIND = re.compile(rf"[ \n]{_CYRILLIC}")
_LETTERS = re.compile(r"[^\W\d_]+")
_WORD = re.compile(rf"{_LETTERS.pattern}(?:[-'’]{_LETTERS.pattern})*")
_TITLE_WORDS = frozenset(
    "Mr Mrs Ms Dr Prof Professor Secretary Director Prime President Ambassador Commissioner Senator Chairman "
    "Chairperson Chairwoman Judge".split()
)  # that titles begin with
_SAME = 3  # letters at the beginning of a Russian word that all its forms have
_LONGEST_WORD = 40  # characters of a name that are looked for before another
_LONGEST = 5 * _LONGEST_WORD

_GIVEN_NAMES = frozenset(
    """
    Adam Adrian Alain Alan Albert Alberto Alejandro Alex Alexander Alexandre Alexis Alfredo Ali Alice Alistair Allan
    Amanda Amaya Ana Anders Andre André Andrea Andreas Andrei Andrew Andrey Andrzej Andy Angela Anna Anne Anthony Anton
    Antonio Antti Arnaud Arthur Axel Barbara Barry Bart Bastian Bdale Ben Benjamin Bernard Bernd Bernhard Bill Björn Bob
    Branden Brandon Brian Bruce Bruno Carl Carlos Carol Caroline Catherine Charles Charlotte Chris Christian Christina
    Christine Christoph Christophe Christopher Claire Claudia Colin Craig Cyril Daniel Daniela Darren Dave David Dennis
    Derek Diana Didier Diego Dieter Dirk Dmitry Domenico Dominic Dominik Donald Douglas Eduard Eduardo Edward Elena
    Elizabeth Emanuele Emma Enrico Erich Erik Ernst Eugene Eva Evan Evgeny Fabian Fabio Federico Felix Fernando Filip
    Florian Francesco Francis Francisco Frank Frans Franz Fred Frederic Frédéric Friedrich Fritz Gabriel Gary Geert
    Geoffrey George Georges Gerald Gerard Gerd Gianluca Gilles Giovanni Giuseppe Gordon Graham Greg Gregory Guido
    Guillaume Guillem Gunnar Gustavo Hans Harald Harald Heather Heiko Heinrich Helen Helmut Hendrik Henri Henrik Henry
    Herbert Holger Hubert Hugo Ian Igor Ingo Irina Isaac Ivan Jacek Jack Jacob Jacques Jakub James Jamie Jan Jane Janusz
    Javier Jean Jeff Jeffrey Jennifer Jens Jeremy Jerome Jesus Jim Joachim Joanna Joao Jochen Joe Joel Joerg Joey Johan
    Johann Johannes John Jon Jonas Jonathan Jordi Jorge Jose José Josef Joseph Josh Joshua Josip Juan Judith Julia
    Julian Julien Julio Jun Jurgen Jürgen Karen Karl Karsten Kate Katherine Keith Kenneth Kenshi Kevin Kim Klaus Konrad
    Kunio Kurt Lars Laura Laurent Lennart Leonardo Lionel Lisa Loic Louis Luca Lucas Lucy Luigi Luis Lukas Lutz Maarten
    Magnus Manuel Marc Marcel Marcin Marco Marcos Marcus Margaret Maria María Marie Mario Marius Martha Martin Mary
    Masato Mathias Mathieu Matt Matteo Matthew Matthias Matthieu Maurizio Mauro Max Maxim Michael Michal Michel Michelle
    Miguel Mika Mike Mikhail Mohamed Mohammed Monica Moritz Nadia Natalia Natasha Nathan Nathaniel Neil Nicholas Nick
    Nicolas Nicole Niels Nikolai Nikolay Nils Norbert Olaf Oleg Olga Olivier Oscar Osamu Otto Pablo Paolo Patricia
    Patrick Patrik Paul Paula Paulo Pavel Pedro Per Peter Petr Petra Petter Phil Philip Philipp Philippe Pierre Pietro
    Piotr Rafael Rainer Ralf Ralph Ramon Raphael Raphaël Raul Rebecca Reinhard Rene René Ricardo Richard Rob Robert
    Roberto Rodrigo Roger Roland Rolf Roman Ronald Rudolf Rudy Russell Ruth Ryan Salvatore Sam Samuel Sandra Sandro
    Sarah Sascha Scott Sean Sebastian Sebastien Sergei Sergey Sergio Seth Shane Sharon Sherry Simon Simone Sophie Stefan
    Stefano Steffen Stephan Stephane Stephen Steve Steven Stuart Susan Sven Svetlana Sylvain Takashi Tatiana Ted
    Theodore Thierry Thomas Thorsten Tim Timothy Tobias Todd Tom Tomas Tommaso Tony Torsten Tzafrir Ulrich Ulrike Uwe
    Valerie Vasily Victor Viktor Vincent Vincenzo Vladimir Volker Walter Werner Wichert William Wolfgang Wouter Xavier
    Yann Yves Zack
    """.split()
)  # that are no words, places or months as well, and few surnames

_HEADS = (
    r"(?:Agency|Association|Authority|Bank|Bureau|Confederation|Corporation|Federation|Foundation|Institute|Ministry"
    r"|Organi[sz]ation|Parliament|Society|University"
    r"|(?:Revenue|Customs|Tax)\sAdministration|(?:Revenue|Customs|Security|Intelligence|Police|Border|Guard)\sService)"
)  # not Committee, Council, Department, Office and Service: bodies within others, meetings, software
_ENDS = frozenset(re.findall("[A-Z][a-z]+", _HEADS.replace("[sz]", "z")))
_HEAD_WORDS = {*_ENDS, "Organisation"} - set("Revenue Customs Tax Security Intelligence Police Border Guard".split())
_PART = r"[A-Z][\w/-]*"
_WORDS = r"[A-Z][a-zß-öø-ÿ][\w-]*(?:\s[A-Z][a-zß-öø-ÿ][\w-]*){0,3}"
_LIST = rf"{_WORDS}(?:,?\sand\s{_WORDS})?"
_CALLED = re.compile(
    rf"(?<![\w'’-])(?:"
    rf"(?:{_PART}\s){{1,5}}{_HEADS}(?:\s(?:of|for|on)\s(?:the\s)?{_LIST}(?:\sof\s(?:the\s)?{_WORDS})?)?"
    rf"|(?:Ministry|Bureau|Institute)\s(?:of|for)\s(?:the\s)?{_LIST}(?:\sof\s(?:the\s)?{_WORDS}(?:\sof\s{_WORDS})?)?"
    rf"|(?:University|Bank)\sof\s(?:the\s)?{_WORDS}(?:\sof\s(?:the\s)?{_WORDS})?)(?![\w'’-])"
)
_PART_OF_NAME = re.compile(_PART)
_PARTS_BEFORE = re.compile(rf"(?<![\w'’-])(?:{_PART}\s){{1,6}}\Z")  # of two words of an end one is such a part
_GOES_ON = re.compile(r",?\s(?:[A-Z]\w|of\s|for\s|on\s|in\s[A-Z]|and\s(?:the\s)?[A-Z])")
_BEGINS_BEFORE = re.compile(r"(?:\band|&|\bof|\bfor|'s?|’s?)\s$")
_ORGANISATION_WORD = re.compile(_HEADS)
_NO_NAME = frozenset(
    "The This These That Those A An In On At By For From With And But As Our Your Its All Any Each Another Internal "
    "Member About".split()
)  # at the beginning of a sentence
_GENERAL = frozenset(
    "National Federal Technical State Public Local Regional International Central Commercial Software Information "
    "Education Industrial Research Trusted Member Certificate Certification Registration Internal Parent European "
    "American German French Indian Chinese Russian British Spanish Health Revenue Computer Charitable Private".split()
)  # with nothing else they tell of no certain one: the National Bank


class Names(NamedTuple):
    """What a text names, each once, in the order of first mention."""

    people: list[str]
    organisations: list[str]


def people(text: str) -> list[str]:
    """The people that *text* names, each once, in the order they are first named."""
    return next((names.people for _, names in names_in([text])), [])


def organisations(text: str) -> list[str]:
    """The organisations that *text* names, each once, in the order they are first named."""
    return next((names.organisations for _, names in names_in([text])), [])


def names_in(texts: Sequence[str], runs: Runs | None = None) -> Iterator[tuple[int, Names]]:
    """The numbers of those of *texts* that name people or organisations, ascending, and whom they name.

    *runs* are those of the texts, where they are known. Every distinct run is looked at once, for words that names are
    found by; of the texts, only what stands about such words is read.

    Example:
        >>> list(names_in(["no names", "Ian Murdock and the WCO"]))
        [(1, Names(people=['Ian Murdock'], organisations=['World Customs Organization']))]
    """
    known = chunks_as_runs(texts) if runs is None else runs
    for number, clues in _clues(known):
        text = texts[number]
        names = Names(_people(text, clues), _organisations(text, clues))
        if any(names):
            yield number, names


def surname_of(name: str) -> str:
    """The last word of a person's name, folded.

    Example:
        >>> surname_of("Kunio Mikuriya"), surname_of("Ludwig van Beethoven")
        ('mikuriya', 'beethoven')
    """
    return fold(name).rpartition(" ")[2]


def organisation_names(value: str) -> Mapping[str, str]:
    """What an organisation is called, by language, where that is known."""
    return _names().get(value, {})


def organisation_called(text: str) -> str | None:
    """The value of a known organisation by any of its names, in either language, whatever the case of its letters.

    Example:
        >>> organisation_called("втамо"), organisation_called("customs")
        ('World Customs Organization', None)
    """
    return _by_name().get(fold(text))


@cache
def _by_name() -> Mapping[str, str]:
    names = ((name, (english or russian)[0]) for english, russian in _rows() for name in (*english, *russian))
    return {fold(name): value for name, value in names}


@cache
def _rows() -> list[tuple[list[str], list[str]]]:
    text = (files(__name__.rpartition(".")[0]) / "organisations.tsv").read_text(encoding="utf-8")
    pairs = (line.split("\t") for line in text.splitlines())
    return [
        (english.split("; ") if english else [], russian.split("; ") if russian else []) for english, russian in pairs
    ]


@cache
def _names() -> Mapping[str, Mapping[str, str]]:
    found = {}
    for english, russian in _rows():
        value = (english or russian)[0]
        found[value] = {code: names[0] for code, names in (("en", english), ("ru", russian)) if names}
    return found


@cache
def _by_keys() -> Mapping[tuple[str, ...], str]:
    """The organisations of the table by the keys of all words of a name."""
    names = ((name, (english or russian)[0]) for english, russian in _rows() for name in (*english, *russian))
    found: dict[tuple[str, ...], str] = {}
    for name, value in names:
        found.setdefault(tuple(map(_key, _WORD.findall(name))), value)
    return found


@cache
def _sizes() -> Mapping[str, list[int]]:
    """By the key of its first word, how many words names of the table have, most first."""
    found: dict[str, set[int]] = {}
    for keys in _by_keys():
        found.setdefault(keys[0], set()).add(len(keys))
    return {first: sorted(sizes, reverse=True) for first, sizes in found.items()}


@lru_cache(maxsize=50_000)
def _key(word: str) -> str:
    """What forms of one word share: Russian ones their terms, abbreviations and others their letters."""
    if word.isupper() or not CYRILLIC.search(word):
        return word.removesuffix("'s").removesuffix("’s")
    return " ".join(terms(fold(word)))


_TITLE, _GIVEN, _RUSSIAN, _KNOWN, _HEAD = (1 << place for place in range(5))
"""What a word may be, in bits: a title, a given name, a Russian one, the first word of a known organisation, and a word
that organisations are called by."""

_Clue = tuple[int, int]
"""Where a word stands that names are found by, and what it may be."""


def _clues(runs: Runs) -> Iterator[tuple[int, list[_Clue]]]:
    """For each text that has any, its number and its clues in order."""
    words = [() if run.islower() else (run,) if run.isalpha() else _LETTERS.findall(run) for run in runs.distinct]
    known = set(chain.from_iterable(words))
    clue_words = (known & _clue_words()).union(word for word in known if not word.isascii() and _is_russian_clue(word))
    likely = [number for number, own in enumerate(words) if not clue_words.isdisjoint(own)]
    clues_of = {number: clues for number in likely if (clues := tuple(_clues_of(runs.distinct[number])))}
    has_clue = np.zeros(len(words), np.bool_)
    has_clue[list(clues_of)] = True
    places = np.flatnonzero(has_clue[runs.numbers])
    texts = np.searchsorted(np.cumsum(runs.counts), places, "right").tolist()
    found = zip(texts, runs.numbers[places].tolist(), runs.starts[places].tolist(), strict=True)
    for text, own in groupby(found, key=itemgetter(0)):
        yield text, [(start + at, kinds) for _, number, start in own for at, kinds in clues_of[number]]


def _is_russian_clue(word: str) -> bool:
    return word[:_SAME].lower() in _russian_beginnings() or is_given_name(word.lower())


@cache
def _clue_words() -> frozenset[str]:
    """The letters of all clues but Russian words, whose endings change."""
    known = (_LETTERS.findall(keys)[0] for keys in _sizes() if not CYRILLIC.search(keys) or keys.isupper())
    return frozenset({*_TITLE_WORDS, *_GIVEN_NAMES, *_HEAD_WORDS, *known})


@cache
def _russian_beginnings() -> frozenset[str]:
    """How the first words of Russian names of the table begin, in all their forms."""
    return frozenset(key[:_SAME] for key in _sizes() if CYRILLIC.search(key) and not key.isupper())


def _clues_of(run: str) -> Iterator[_Clue]:
    for match in _LETTERS.finditer(run):
        word, start = match[0], match.start()
        kinds = _TITLE * (word in _TITLE_WORDS)
        if not start or run[start - 1] not in "-'’":
            whole = _WORD.match(run, start)
            russian = _RUSSIAN_WORD.match(run, start)
            kinds |= _GIVEN * (word in _GIVEN_NAMES) | _HEAD * (word in _HEAD_WORDS)
            kinds |= _RUSSIAN * (russian is not None and is_given_name(russian[0].lower()))
            kinds |= _KNOWN * (whole is not None and word[0].isupper() and _key(whole[0]) in _sizes())
        if kinds:
            yield start, kinds


def _people(text: str, clues: Sequence[_Clue]) -> list[str]:
    found = list(_russian_people(text, clues))
    end = 0
    for start, stop in sorted(_people_by_form(text, clues), key=lambda span: (span[0], -span[1])):
        if start >= end and not _is_called_like_organisation(text[start:stop]):
            found.append((start, text[start:stop]))
            end = stop
    return list(dict.fromkeys(" ".join(name.split()) for _, name in sorted(found)))


def _people_by_form(text: str, clues: Sequence[_Clue]) -> Iterator[tuple[int, int]]:
    """Spans of names behind a title, and of those that begin with a given name."""
    end = 0
    for start, kinds in clues:
        if kinds & _TITLE and start >= end and (titled := _TITLED.match(text, start)):
            yield titled.span(1)
            end = titled.end()
        named = _NAMED.match(text, start) if kinds & _GIVEN else None
        if named and not _CAPITAL_BEFORE.search(text, max(0, start - _LONGEST_WORD), start):
            yield named.span()


def _is_called_like_organisation(words: str) -> bool:
    return _ORGANISATION_WORD.search(words) is not None


def _russian_people(text: str, clues: Sequence[_Clue]) -> Iterator[tuple[int, str]]:
    end = 0
    for start, kinds in clues:
        if not kinds & _RUSSIAN or start < end:
            continue
        before = _RUSSIAN_BEFORE.search(text, max(end, start - _LONGEST_WORD), start)
        word = _RUSSIAN_WORD.match(text, start)
        behind = word and _RUSSIAN_BEHIND.match(text, word.end())
        for first, second in ((before, word), (word, behind)):
            if first and second and (name := nominative_name(first["word"], second["word"])):
                yield first.start(), name
                end = second.end()
                break


def _organisations(text: str, clues: Sequence[_Clue]) -> list[str]:
    found = [*_known(text, clues), *_called(text, clues)]
    return list(dict.fromkeys(name for _, name in sorted(found)))


def _known(text: str, clues: Sequence[_Clue]) -> Iterator[tuple[int, str]]:
    """Those of the table, by all of their words."""
    end = 0
    for start, kinds in clues:
        if not kinds & _KNOWN or start < end:
            continue
        first = _key(_WORD.search(text, start)[0])  # type: ignore[index]  # a clue is a word
        words = list(islice(_WORD.finditer(text, start), _sizes()[first][0]))
        keys = tuple([_key(word[0]) for word in words])
        for size in _sizes()[first]:
            value = _by_keys().get(own := keys[:size])
            if value is not None:
                yield start, value
                end = words[len(own) - 1].end()
                break


def _called(text: str, clues: Sequence[_Clue]) -> Iterator[tuple[int, str]]:
    """English names with a word that organisations are called by."""
    end = 0
    for head, kinds in clues:
        if not kinds & _HEAD or head < end:
            continue
        match = next(filter(None, (_CALLED.match(text, start) for start in _beginnings(text, end, head))), None)
        if match is None:
            continue
        end = match.end()
        before, behind = text[max(0, match.start() - 4) : match.start()], text[match.end() : match.end() + 6]
        if _GOES_ON.match(behind) or _BEGINS_BEFORE.search(before):
            continue  # where it begins or ends is not certain
        words = match[0].split()
        while words and words[0] in _NO_NAME:
            words = words[1:]
        name = " ".join(words)
        is_general = len(words) < 2 or (words[-1] in _ENDS and _GENERAL.issuperset(words[:-1]))
        if not is_general and _ORGANISATION_WORD.search(name) and name not in _known_english():
            yield match.start(), name


def _beginnings(text: str, end: int, head: int) -> Iterator[int]:
    """Where a name with a word at *head* may begin, not before *end*: at one of six capitalised words, or there."""
    chain = _PARTS_BEFORE.search(text, max(end, head - _LONGEST), head)
    if chain:
        yield from (part.start() for part in _PART_OF_NAME.finditer(text, chain.start(), head))
    yield head


@cache
def _known_english() -> frozenset[str]:
    return frozenset(name for english, _ in _rows() for name in english)
