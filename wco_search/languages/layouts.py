"""Russian typed on an English keyboard and the other way round, and Russian typed in Latin letters.

    ghbdtn      -> привет         the keys are those of the Russian word
    ащыышды     -> fossils
    hf,jnf      -> работа         , is a letter of the Russian layout
    kontrabanda -> контрабанда    the letters are Latin on purpose

A word that is known as it stands is left alone; one that is unknown and known on the other layout votes for the other
layout. Nothing here asks an index: the caller says which words are known.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum, auto
from functools import cache
from itertools import chain, islice

from wco_search.analysis import russian
from wco_search.analysis.analyzer import Language, language_of_form
from wco_search.analysis.stopwords import is_stop_word
from wco_search.languages.lexicon import Lexicon, Source
from wco_search.text import CYRILLIC, LATIN, fold, script_of

Known = Callable[[str], bool]
"""Whether a folded form is a word of the index or of a dictionary."""

Score = Callable[[Language, str], float]
"""Mean natural logarithm of the chance of a letter of a folded form in a language, by its trigrams."""

# The same keys on the American and the Russian layout (ЙЦУКЕН), without and with Shift.
_LATIN_KEYS = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`" + 'QWERTYUIOP{}ASDFGHJKL:"ZXCVBNM<>~'
_CYRILLIC_KEYS = "йцукенгшщзхъфывапролджэячсмитьбюё" + "ЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮЁ"
_TO_CYRILLIC = str.maketrans(_LATIN_KEYS, _CYRILLIC_KEYS)
_TO_LATIN = str.maketrans(_CYRILLIC_KEYS, _LATIN_KEYS)

_CHUNK = re.compile(r"\S+")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_SHORTEST_VOTE = 3  # letters: most pairs of letters are a short form or an abbreviation on both layouts
_LONGEST_ABBREVIATION = 4  # capitals that are left alone: WCO, USSR; CRUD and DDC are words on the other layout
_CLEARLY_LIKELIER = 1.2  # natural logarithms a letter, from which trigrams decide where both readings are unknown
_LIKELIER = 0.5  # the same in a query that is swapped for its other words: Vbrehbz .9 to 1.2, nginx .3, xkcd 0
_SHORTEST_BY_TRIGRAMS = 4  # letters: three are no evidence
_BY_CHANCE = 3  # letters of a word that may be one on both layouts by chance, and so says nothing: vs is мы, the is еру


@dataclass(frozen=True, slots=True)
class Correction:
    """A query read on the other layout.

    Attributes:
        text: The query with the swapped words.
        swapped: Half-open spans of `text` that are swapped, in order.
        is_certain: Whether every word that can tell says so: search for `text` and say so. Otherwise some words are
            right as typed: offer `text` as a suggestion.
    """

    text: str
    swapped: tuple[tuple[int, int], ...]
    is_certain: bool


class _Vote(Enum):
    KEEP = auto()  # known as typed, unknown on the other layout
    SWAP = auto()  # the other way round
    EITHER = auto()  # known on both: "vs" is "мы"
    UNKNOWN = auto()  # known on neither
    FOLLOW = auto()  # too short to tell: one or two letters, or a few capitals
    NONE = auto()  # numbers, mixed alphabets, signs: nothing to swap


@dataclass(frozen=True, slots=True)
class _Reading:
    start: int
    end: int
    text: str
    other: str
    vote: _Vote


def swapped(text: str) -> str:
    """*text* as the other layout writes it: Latin letters and signs as Russian letters, or those as Latin ones.

    Which way is told by the letters of *text*; without any it stays.

    Example:
        >>> swapped("hf,jnf"), swapped("ащыышды"), swapped("Njhujdkz"), swapped("2020")
        ('работа', 'fossils', 'Торговля', '2020')
    """
    if LATIN.search(text):
        return text.translate(_TO_CYRILLIC)
    return text.translate(_TO_LATIN) if CYRILLIC.search(text) else text


def corrected(query: str, known: Known, score: Score | None = None) -> Correction | None:
    """*query* on the other layout, or None where it is right as typed.

    Args:
        query: Plain words.
        known: Whether a folded form is a word; see `dictionary`.
        score: Decides where a word is known on neither layout; see `trigram_score`. Without it such words follow the
            others.

    Each chunk between white space that has letters of one alphabet and no digits votes. If more chunks vote for the
    other layout than are known as typed, all are swapped, but for those known as typed only; else just the unknown ones
    among them are. One or two letters follow their neighbours, and so do up to four capitals, which are mostly
    abbreviations.

    Example:
        >>> known = {"привет", "мир", "wco", "news"}.__contains__
        >>> corrected("ghbdtn vbh", known)
        Correction(text='привет мир', swapped=((0, 6), (7, 10)), is_certain=True)
        >>> corrected("ghbdtn news", known).is_certain, corrected("WCO news", known), corrected("xkcd", known)
        (False, None, None)
    """
    chunks = list(_CHUNK.finditer(query))
    if all(_is_known(match.group(), known) for match in chunks):  # most queries; the other layout is not looked at
        return None
    readings = [_read(match, known, score) for match in chunks]
    votes = [reading.vote for reading in readings]
    for_swap, against = votes.count(_Vote.SWAP), votes.count(_Vote.KEEP)
    if not for_swap:
        return None
    undecided = sum(reading.vote is _Vote.EITHER and len(reading.text) > _BY_CHANCE for reading in readings)
    whole = for_swap > against + undecided
    chosen = [_is_swapped(readings, place, whole=whole, score=score) for place in range(len(readings))]
    text, spans = _rewritten(query, [reading for reading, taken in zip(readings, chosen, strict=True) if taken])
    return Correction(text, spans, is_certain=whole and not against)


def _is_swapped(readings: list[_Reading], place: int, *, whole: bool, score: Score | None) -> bool:
    reading = readings[place]
    if reading.vote is _Vote.UNKNOWN:
        return whole and (score is None or _gain(reading, score) > _LIKELIER)
    if reading.vote is _Vote.EITHER and whole:
        return True
    if reading.vote in {_Vote.EITHER, _Vote.FOLLOW}:
        neighbours = {_nearest(readings, place, step) for step in (-1, 1)} - {None}
        return neighbours == {_Vote.SWAP}
    return reading.vote is _Vote.SWAP


def _nearest(readings: list[_Reading], place: int, step: int) -> _Vote | None:
    """The vote of the nearest chunk on one side that can tell."""
    place += step
    while 0 <= place < len(readings):
        if readings[place].vote in {_Vote.KEEP, _Vote.SWAP}:
            return readings[place].vote
        place += step
    return None


def _rewritten(query: str, taken: list[_Reading]) -> tuple[str, tuple[tuple[int, int], ...]]:
    pieces: list[str] = []
    spans: list[tuple[int, int]] = []
    written = done = 0
    for reading in taken:
        before = query[done : reading.start]
        start = written + len(before)
        written = start + len(reading.other)
        pieces += [before, reading.other]
        spans.append((start, written))
        done = reading.end
    return "".join([*pieces, query[done:]]), tuple(spans)


def _read(match: re.Match[str], known: Known, score: Score | None) -> _Reading:
    """One chunk with its reading on the other layout that is a word, signs at its edges peeled off one by one."""
    chunk, start = match.group(), match.start()
    scripts = {script_of(char) for char in chunk if char.isalpha()}
    if len(scripts) != 1 or "other" in scripts or any(char.isdecimal() for char in chunk):
        return _Reading(start, match.end(), chunk, chunk, _Vote.NONE)
    is_known = _is_known(chunk, known)
    found = next((span for span in _peeled(chunk) if _is_known_whole(swapped(chunk[slice(*span)]), known)), None)
    first, last = found or _core(chunk)
    core = chunk[first:last]
    reading = _Reading(start + first, start + last, core, swapped(core), _Vote.UNKNOWN)
    return _with_vote(reading, _vote(reading, as_typed=is_known, on_other=found is not None, score=score))


def _with_vote(reading: _Reading, vote: _Vote) -> _Reading:
    return _Reading(reading.start, reading.end, reading.text, reading.other, vote)


def _vote(reading: _Reading, *, as_typed: bool, on_other: bool, score: Score | None) -> _Vote:
    letters = [char for char in reading.text if char.isalpha()]
    abbreviation = len(letters) <= _LONGEST_ABBREVIATION and all(char.isupper() for char in letters)
    if len(letters) < _SHORTEST_VOTE or abbreviation:
        return _Vote.FOLLOW
    if as_typed:
        return _Vote.EITHER if on_other else _Vote.KEEP
    if on_other and (reading.text.islower() or reading.text[1:].islower() or reading.text.isupper()):
        return _Vote.SWAP  # a mixture of cases (GThe) is a code or a slip, and no word on any layout
    if score is not None and len(letters) >= _SHORTEST_BY_TRIGRAMS:
        gain = _gain(reading, score)
        if abs(gain) > _CLEARLY_LIKELIER:
            return _Vote.SWAP if gain > 0 else _Vote.KEEP
    return _Vote.UNKNOWN


def _gain(reading: _Reading, score: Score) -> float:
    """How much likelier a letter is on the other layout; signs within a word rule that layout out."""
    ours, theirs = fold(reading.text), fold(reading.other)
    languages: tuple[Language, Language] = ("en", "ru") if LATIN.search(ours) else ("ru", "en")
    if not _WORD.fullmatch(theirs):
        return -_CLEARLY_LIKELIER
    return score(languages[1], theirs) - score(languages[0], ours)


def _peeled(chunk: str) -> Iterator[tuple[int, int]]:
    """Spans of *chunk*: the whole, then without signs at its end, one by one, then the same without those before it."""
    first, last = _core(chunk)
    for start in dict.fromkeys((0, first)):
        for end in range(len(chunk), last - 1, -1):
            yield start, end


def _core(chunk: str) -> tuple[int, int]:
    places = [place for place, char in enumerate(chunk) if char.isalpha()]
    return places[0], places[-1] + 1


def _is_known(text: str, known: Known) -> bool:
    """Whether all words of *text* are known, joined ones as one or each."""
    words = [match.group() for match in _WORD.finditer(text)]
    return bool(words) and all(_is_known_whole(word, known) for word in words)


def _is_known_whole(text: str, known: Known) -> bool:
    """Whether *text* is one known word and nothing else; a joined one may be known by its parts."""
    if not _WORD.fullmatch(text):
        return False
    form = fold(text)
    return known(form) or ("-" in form and all(map(known, form.split("-"))))


def dictionary(source: Source | None = None) -> Known:
    """Whether a folded form is a Russian word of the dictionary, or an English one of *source* (the bundled lexicon).

    An English word counts as known if its stem is that of any English word of the source.

    Example:
        >>> known = dictionary(Lexicon.bundled())
        >>> known("таможней"), known("smuggled"), known("the"), known("ghbdtn")
        (True, True, True, False)
    """
    english = source or Lexicon.bundled()

    def known(form: str) -> bool:
        if is_stop_word(form):
            return True
        if language_of_form(form) == "ru":
            return bool(russian.lemmas(form)) or english.knows(form)
        return english.knows(form)

    return known


@cache
def trigram_score() -> Score:
    """Likelihood of letters by the trigrams of the bundled lexicon's words.

    Example:
        >>> score = trigram_score()
        >>> score("ru", "микурия") > score("en", "vbrehbz")
        True
    """
    lexicon = Lexicon.bundled()
    return lambda language, form: lexicon.trigrams(language).score(form)


# What Russian people write for each letter, longest first. Soft signs are mostly left out before a consonant and at the
# end; `e` and `y` stand for several letters.
_READINGS = {
    "shch": "щ", "sch": "щ", "sh": "ш", "ch": "ч", "zh": "ж", "kh": "х", "ts": "ц", "tz": "ц", "ya": "я ья",
    "ja": "я жа", "yu": "ю ью", "ju": "ю жу", "yo": "е ье", "jo": "е жо", "ye": "е ъе ье", "je": "е же ъе", "a": "а",
    "b": "б", "c": "ц к", "d": "д", "e": "е э", "f": "ф", "g": "г", "h": "х", "i": "и й", "j": "й ж", "k": "к",
    "l": "л ль", "m": "м", "n": "н нь", "o": "о", "p": "п", "q": "к", "r": "р рь", "s": "с сь", "t": "т ть", "u": "у",
    "v": "в", "w": "в", "x": "х кс", "y": "ы й", "z": "з", "'": "ь ъ",
}  # fmt: skip
_SPELLINGS = {latin: tuple(letters.split()) for latin, letters in _READINGS.items()}
_LONGEST_SPELLING = 4
_SHORTEST_ROMANISED = 4  # letters: shorter ones read as something whatever they are
_TRIED = 128  # readings; the likely ones come first


def from_latin(form: str, known: Known) -> str | None:
    """The Russian word that folded *form* writes in Latin letters, or None where it is known itself or writes none.

    Example:
        >>> known = dictionary()
        >>> [from_latin(form, known) for form in ("kontrabanda", "tamozhnya", "opublikovat", "customs", "nginx")]
        ['контрабанда', 'таможня', 'опубликовать', None, None]
    """
    readings = latin_readings(form)
    return None if not readings or known(form) else next(filter(known, readings), None)


def latin_readings(form: str) -> tuple[str, ...]:
    """The Russian words, known or not, that folded *form* may write in Latin letters, the likely ones first.

    Example:
        >>> "контрабанда" in latin_readings("kontrabanda"), latin_readings("2020")
        (True, ())
    """
    if len(form) < _SHORTEST_ROMANISED or not re.fullmatch("[a-z']+", form):
        return ()
    return tuple(islice(_russian_readings(form), _TRIED))


def _russian_readings(form: str) -> Iterator[str]:
    """Ways to read *form* as Russian: the plain one, then those with one letter read otherwise, and so on.

    Worked out from the end: for what is left of the word, the first readings with none, one, two ... letters changed.
    """
    readings = [[""]]
    for first, *others in reversed(_choices(form)):
        kept = [[first + tail for tail in tails] for tails in readings]
        if others:
            kept.append([])
            for changes, tails in enumerate(readings, 1):
                kept[changes] += [other + tail for tail in tails for other in others]
        readings = [same[:_TRIED] for same in kept]
    return chain.from_iterable(readings)


def _choices(form: str) -> list[tuple[str, ...]]:
    found = []
    place = 0
    while place < len(form):
        starts = (form[place : place + size] for size in range(_LONGEST_SPELLING, 0, -1))
        spelling = next(start for start in starts if start in _SPELLINGS)
        found.append(_SPELLINGS[spelling])
        place += len(spelling)
    return found
