"""Names of countries, languages, currencies and cities in both languages, from Unicode CLDR through Babel.

    >>> names = {row.head: row.translations for row in rows()}
    >>> names["Гватемала"], names["испанский"], names["кенийский"], names["Каир"]
    (('Guatemala',), ('Spanish',), ('Kenyan',), ('Cairo',))

They are packed beside the lexicon, since reading them from Babel takes half a second. Adjectives of nationality come
from names of languages (испанский) and, where a country's language has another name, from names of currencies: of
`кенийский шиллинг` and `Kenyan Shilling` the first words translate each other.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import version as distribution_version

from wco_search.languages.rows import MAX_TRANSLATIONS, USUAL_FREQUENCY, Row
from wco_search.text import CYRILLIC, LATIN

_Zones = Mapping[str, Mapping[str, str]]

_ASIDE = re.compile(r"\(([^)]*)\)")
_SHORT = {"о-ва": "острова", "о-в": "остров", "респ.": "республика"}
_ADJECTIVE = re.compile(r"[а-яё-]+(?:ский|цкий|ская|цкая|ское|цкое)")
_MASCULINE = str.maketrans({"а": "и", "о": "и", "я": "й", "е": "й"})
_EXPLAINS = re.compile(r"\d|[–—]")  # years, and the two halves of a compound name


def version() -> str:
    """The release of Babel, and so of CLDR, that `rows` reads."""
    return f"CLDR of Babel {distribution_version('Babel')}"


def rows() -> list[Row]:
    """The names as rows, sorted by head."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for russian, english in _pairs():
        found[russian][english] = None
    return [Row(head, USUAL_FREQUENCY, tuple(found[head])[:MAX_TRANSLATIONS]) for head in sorted(found)]


def _pairs() -> Iterator[tuple[str, str]]:
    from babel import Locale  # .1 s to import

    ru, en = Locale("ru"), Locale("en")
    for russian_names, english_names in ((ru.territories, en.territories), (ru.languages, en.languages)):
        yield from _spellings(_joined(russian_names, english_names))
    currencies = list(_joined(ru.currencies, en.currencies))
    yield from _spellings((_uncapitalised(russian), english) for russian, english in currencies)
    yield from _adjectives(currencies)
    yield from _spellings(_cities(ru.time_zones, en.time_zones))


def _joined(russian: Mapping[str, str], english: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    return ((russian[code], english[code]) for code in sorted(russian) if code in english)


def _cities(russian: _Zones, english: _Zones) -> Iterator[tuple[str, str]]:
    """Cities that time zones are named after; CLDR leaves an English name out where the zone's own is one."""
    for zone in sorted(russian):
        if "city" in russian[zone] and not zone.startswith("Etc/"):
            own = zone.rpartition("/")[2].replace("_", " ")
            yield russian[zone]["city"], english.get(zone, {}).get("city", own)


def _spellings(pairs: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Each name without its aside, and where both have one, the two asides: Мьянма (Бирма) = Myanmar (Burma)."""
    for russian, english in pairs:
        if _EXPLAINS.search(russian + english):
            continue
        plain = _plain(_ASIDE.sub("", russian)), _plain(_ASIDE.sub("", english))
        asides = _ASIDE.findall(russian), _ASIDE.findall(english)
        candidates = [plain, *((_plain(ours), _plain(theirs)) for ours, theirs in zip(*asides, strict=False))]
        yield from ((ours, theirs) for ours, theirs in candidates if _is_russian(ours) and _is_english(theirs))


def _plain(name: str) -> str:
    return " ".join(_SHORT.get(word, word) for word in name.replace(",", " ").split())


def _is_russian(name: str) -> bool:
    return bool(CYRILLIC.search(name)) and not LATIN.search(name)


def _is_english(name: str) -> bool:
    return bool(LATIN.search(name)) and not CYRILLIC.search(name)


def _uncapitalised(name: str) -> str:
    return name[:1].lower() + name[1:]  # of CLDR's names of currencies about half begin with a capital


def _adjectives(currencies: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for russian, english in currencies:
        ours, theirs = _uncapitalised(russian).split(), english.split()
        if len(ours) == len(theirs) == 2 and _ADJECTIVE.fullmatch(ours[0]):
            yield ours[0][:-2] + ours[0][-2:].translate(_MASCULINE), theirs[0]
