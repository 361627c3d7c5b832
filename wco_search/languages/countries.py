"""Countries by what texts call them, in both languages: `countries`, `country_code`, `country_expressions`.

    >>> country_code("Мальдив"), country_code("Maldives"), country_code("GN"), country_code("Narnia")
    ('MV', 'MV', 'GN', None)

`countries.tsv` holds a country a row: its ISO 3166-1 code, English and Russian expressions, of which the first is its
name in Unicode CLDR. The others are older and longer names, adjectives and capitals. What is in parentheses is a name
that is not sought, because it is a word as well. Texts are folded, so that no
capital letter tells a name from a word; this decides what is left out:

- capitals that are words too: Вена (vein), Сана, Ломе, София, Malé; the adjective Polish; Togo's Russian name alone;
- English, the language of most of the world's news. Other adjectives that are names of languages too (the row `*`) name
  no country beside each other, beside the word language, and behind `in`, `into`, `to` and `на`: that is what the row
  `-` says, which also lists Latin American, Indian Ocean and the like;
- Congo alone, which is two countries.

Georgia, Jordan, Turkey and Chad are the countries: in news the state, the name, the bird and the word are rare.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from wco_search.analysis.tokenizer import CHUNK, cut
from wco_search.text import CYRILLIC, fold

NO_COUNTRY = "-"
"""The code of the row of expressions that look like a country's, and are none."""

LANGUAGES = "*"
"""The code of the row of languages, any of which `<language>` stands for in an expression of the same column."""


@dataclass(frozen=True, slots=True)
class Country:
    """A country.

    Attributes:
        code: Its code in ISO 3166-1; XK for Kosovo, as in CLDR.
        names: Its name, by language.
    """

    code: str
    names: Mapping[str, str]


@cache
def countries() -> Mapping[str, Country]:
    """All countries by code.

    Example:
        >>> countries()["MV"].names["ru"], len(countries())
        ('Мальдивы', 198)
    """
    return {
        code: Country(code, {"en": english[0].strip("()"), "ru": russian[0].strip("()")})
        for code, english, russian in _rows()
        if code not in (NO_COUNTRY, LANGUAGES)
    }


def country_code(text: str) -> str | None:
    """The code of the country that *text* is the code, the name or another expression of, in any form; else None.

    Example:
        >>> country_code("российский"), country_code("republic of the Congo"), country_code("ЮАР")
        ('RU', 'CG', 'ZA')
    """
    code = text.strip().upper()
    if code in countries():
        return code
    wanted = fold(text.strip())
    for one in countries().values():
        if wanted in map(fold, one.names.values()):
            return one.code
    found = _words(text)
    for known, words in _by_first_form().get(found[0] if found else "", ()):
        if len(words) == len(found) and all(form in forms for form, forms in zip(found, words, strict=True)):
            return known
    return None


@cache
def _by_first_form() -> Mapping[str, Sequence[tuple[str, tuple[frozenset[str], ...]]]]:
    found: dict[str, list[tuple[str, tuple[frozenset[str], ...]]]] = {}
    for code, words in country_expressions():
        for form in words[0] if code else ():
            found.setdefault(form, []).append((code, words))
    return found


@cache
def country_expressions() -> Sequence[tuple[str, tuple[frozenset[str], ...]]]:
    """Each expression: the code of its country, "" for what names none, and of each of its words the folded forms."""
    found = []
    languages = [names for code, *columns in _rows() if code == LANGUAGES for names in columns]
    spoken = [frozenset(form for name in names for form in _forms(fold(name))) for names in languages]
    for code, *columns in _rows():
        if code == LANGUAGES:
            continue
        for expressions, any_language in zip(columns, spoken, strict=True):
            found += [
                (code.replace(NO_COUNTRY, ""), _word_forms(expression, any_language))
                for expression in expressions
                if not expression.startswith("(")
            ]
    return found


def _word_forms(expression: str, any_language: frozenset[str]) -> tuple[frozenset[str], ...]:
    """Of each word of an expression the forms it may have."""
    found: list[frozenset[str]] = []
    for piece in expression.split():
        found += [any_language] if piece == "<language>" else [frozenset(_forms(word)) for word in _words(piece)]
    return tuple(found)


def _rows() -> Iterator[tuple[str, list[str], list[str]]]:
    text = (files(__name__.rpartition(".")[0]) / "countries.tsv").read_text(encoding="utf-8")
    for line in text.splitlines():
        code, english, russian = line.split("\t")
        yield code, english.split("; "), russian.split("; ")


def _words(text: str) -> list[str]:
    """The folded words of *text*, as they count positions."""
    return [entry.form for found in CHUNK.finditer(text) for entry in cut(found[0]).entries if entry.kind in _WORDS]


_WORDS = ("word", "part")


def _forms(word: str) -> Iterator[str]:
    """The forms of a word: of an English one also its possessive, of a Russian one all that its ending may become."""
    yield word
    if not CYRILLIC.search(word):
        yield f"{word}'s"
        return
    for stem, endings in _DECLENSIONS:
        found = stem.fullmatch(word)
        if found:
            yield from (found[1] + ending for ending in endings.split())
            yield from [found[1]] * ("∅" in endings)
            return


_DECLENSIONS: Sequence[tuple[re.Pattern[str], str]] = [
    (re.compile(pattern), endings)
    for pattern, endings in (
        (r"(сша|оаэ|юар|самоа|кнр|кндр|фрг|дрк|др|рф|цар|и|д|о|де|порт|нью|шри)", ""),  # never change
        (r"(егип)ет", "та ту том те"),
        (r"(маврики)й", "й я ю ем и"),
        (r"(.*[кгх])ий", "ий ого ому им ом ая ой ую ою ое ие их ими"),
        (r"(.+)ый", "ый ого ому ым ом ая ой ую ою ое ые ых ыми"),
        (r"(.+)ая", "ая ой ую ою"),
        (r"(.+)ое", "ое ого ому ым им ом"),
        (r"(.+)ые", "ые ых ым ыми"),
        (r"(.+к)ие", "ие их им ими"),
        (r"(остров)а", "а ∅ ов ам ами ах"),
        (r"(.+в)о(?<=ство)", "о а у ом е"),
        (r"(.+[яеиа])я", "я и ю ей ею е"),
        (r"(.+)я", "я и ю ей ею е"),
        (r"(.+[кгх])а", "а и у ой ою е"),
        (r"(.+[жчшщ])а", "а и у ей ею ой ою е"),
        (r"(.+)а", "а ы у ой ою е"),
        (r"(.+)ь", "ь я ю ем е и ью"),
        (r"(.+)й", "й я ю ем е"),
        (r"(.+)ы", "ы ∅ ов ам ами ах"),
        (r"(.+[жчшщц])", "а у ом ем е"),
        (r"(.+[бвгдзклмнпрстфх])", "а у ом е"),
    )
]
"""Declensions by the end of a folded word, the first that fits.

Some of the forms do not exist; none may be another word's, as `гавани` (harbours) of `Гавана` would be.
"""
