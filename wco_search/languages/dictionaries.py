"""Dictionaries that a user has installed, in the formats of dictd and StarDict, as rows of a lexicon.

dictd      `NAME.index` (headword, offset and length in base 64) beside `NAME.dict` or `NAME.dict.dz`;
           see dictd(8) and dictfmt(1)
StarDict   `NAME.ifo`, `NAME.idx` or `.idx.gz`, `NAME.dict` or `.dict.dz`;
           see "Format for StarDict dictionary files" (doc/StarDictFileFormat of its sources)

A `.dz` is a gzip file with an index that plain reading ignores. The articles are prose for people: numbered senses,
renderings between commas and semicolons, then examples. An English head is turned round, so that each of its Russian
renderings becomes a head.
"""

from __future__ import annotations

import gzip
import re
import struct
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from wco_search.errors import ReadError
from wco_search.languages.rows import MAX_TRANSLATIONS, USUAL_FREQUENCY, Row
from wco_search.text import CYRILLIC, LATIN

_BASE64 = {char: value for value, char in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")}
_ABOUT_ITSELF = "00-database"  # headwords under which a dictd dictionary speaks of itself
_TEXT_TYPES = frozenset("mlghx")  # StarDict: plain text, markup of Pango, HTML and XDXF; not t, transcription

_TAG = re.compile(r"<[^>]*>")
_ASIDE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|\{[^{}]*\}")  # comments, transcription, cross-references
_MARK = re.compile(r"_[\w-]+\.?")  # _v. _тех.
_SENSE = re.compile(r"(?:^|(?<=\s))(?:\d+[.)]|_[IVX]+\b)\s*")
_LETTERED = re.compile(r"(?:^|(?<=\s))[а-яa-z]\)\s*")
_HYPHENATION = re.compile(r"(?<=\w)-\n\s*")
_RENDERING = re.compile(r"[^\W\d_]+(?:[-'’ ][^\W\d_]+)*")
_LONGEST_RENDERING = 4  # words; longer ones explain instead of translating


def read_dictionary(path: str | Path) -> list[Row]:
    """The rows of an English-Russian or Russian-English dictionary.

    Args:
        path: Its `.index` file (dictd) or `.ifo` file (StarDict); the others are looked for beside it.

    Raises:
        ReadError: A file is missing or damaged, or nothing in it looks like a translation.
    """
    source = Path(path)
    readers = {".index": _dictd_articles, ".ifo": _stardict_articles}
    if source.suffix not in readers:
        raise ReadError(path, None, "want the .index file of a dictd dictionary or the .ifo file of a StarDict one")
    rows = rows_of_articles(readers[source.suffix](source))
    if not rows:
        raise ReadError(path, None, "no article translates between English and Russian")
    return rows


def rows_of_articles(articles: Iterable[tuple[str, str]]) -> list[Row]:
    r"""Rows from headwords and articles, English-Russian or Russian-English, sorted by head.

    The rendering at place p of sense s weighs 1/sqrt((1 + s)(1 + p)); one of an English head with m senses m^.13 of
    that, since frequent words have many meanings, about the square root of their frequency (G. K. Zipf, The
    meaning-frequency relationship of words, 1945), and a frequent word is the likelier translation.

    Example:
        >>> article = "smuggler\n   [smʌglə] _n. контрабандист (особ. морской); a smuggler's den притон"
        >>> rows_of_articles([("smuggler", article)])
        [Row(head='контрабандист', frequency=3, translations=('smuggler',))]
    """
    weights: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for head, article in articles:
        from_russian = bool(CYRILLIC.search(head))
        senses = list(_senses(article.removeprefix(head), into_russian=not from_russian))
        commonness = 1.0 if from_russian else len(senses) ** 0.13
        for number, sense in enumerate(senses):
            for place, rendering in enumerate(sense):
                russian, english = (head, rendering) if from_russian else (rendering, head)
                weights[russian][english] += commonness / ((1 + number) * (1 + place)) ** 0.5
    return [Row(head, USUAL_FREQUENCY, _heaviest(weights[head])) for head in sorted(weights)]


def _heaviest(weights: dict[str, float]) -> tuple[str, ...]:
    return tuple(sorted(weights, key=lambda text: (-weights[text], text))[:MAX_TRANSLATIONS])


def _senses(article: str, *, into_russian: bool) -> Iterator[list[str]]:
    """The renderings of each sense. Its examples come last and begin in the language of the head, so it ends there."""
    wanted, other = (CYRILLIC, LATIN) if into_russian else (LATIN, CYRILLIC)
    text = _TAG.sub(" ", _HYPHENATION.sub("", article))
    while _ASIDE.search(text):  # they may be nested
        text = _ASIDE.sub("", text)
    for sense in _SENSE.split(text):
        plain = _LETTERED.sub(";", _MARK.sub(" ", sense))
        parts = re.split("[,;]", _without_example(plain, other))
        found = [rendering for part in parts if (rendering := _rendering(part)) and wanted.search(rendering)]
        if found:
            yield found


def _without_example(sense: str, other: re.Pattern[str]) -> str:
    """*sense* up to the part in which the other language begins."""
    example = other.search(sense)
    if not example:
        return sense
    plain = sense[: example.start()]
    return plain[: max(plain.rfind(";"), plain.rfind(",")) + 1]


def _rendering(part: str) -> str | None:
    words = part.strip(" \t\r\n.:=-—").split()
    text = " ".join(words)
    return text if len(words) <= _LONGEST_RENDERING and _RENDERING.fullmatch(text) else None


def _dictd_articles(index: Path) -> Iterator[tuple[str, str]]:
    data = _read_beside(index, (".dict", ".dict.dz"))
    for number, line in enumerate(_read(index).decode("utf-8", "replace").splitlines(), 1):
        columns = line.split("\t")
        if len(columns) < 3 or not all(char in _BASE64 for char in columns[1] + columns[2]):
            raise ReadError(index, number, "want headword, offset and length in base 64")
        if not columns[0].startswith(_ABOUT_ITSELF):
            yield columns[0], _slice(index, number, data, _from_base64(columns[1]), _from_base64(columns[2]))


def _from_base64(digits: str) -> int:
    number = 0
    for digit in digits:
        number = number * 64 + _BASE64[digit]
    return number


def _stardict_articles(ifo: Path) -> Iterator[tuple[str, str]]:
    lines = _read(ifo).decode("utf-8", "replace").splitlines()
    facts = dict(line.split("=", 1) for line in lines if "=" in line)
    types = facts.get("sametypesequence", "").strip()
    form = struct.Struct(">QI" if facts.get("idxoffsetbits", "").strip() == "64" else ">II")
    data, index = _read_beside(ifo, (".dict", ".dict.dz")), _read_beside(ifo, (".idx", ".idx.gz"))
    place = number = 0
    while place < len(index):
        number += 1
        end = index.find(b"\0", place)
        if end < 0 or end + 1 + form.size > len(index):
            raise ReadError(ifo, number, "the .idx file ends within an entry; copy the dictionary again")
        offset, length = form.unpack_from(index, end + 1)
        if offset + length > len(data):
            raise ReadError(ifo, number, "an article lies beyond the end of the .dict file; copy the dictionary again")
        yield index[place:end].decode("utf-8", "replace"), _stardict_text(data[offset : offset + length], types)
        place = end + 1 + form.size


def _stardict_text(entry: bytes, types: str) -> str:
    """The texts of one article: fields of the types that the .ifo file names, or each behind its own type letter."""
    texts = []
    place = 0
    for number in range(len(types) or len(entry)):
        if place >= len(entry):
            break
        kind = types[number] if types else chr(entry[place])
        place += 0 if types else 1
        is_last = bool(types) and number == len(types) - 1  # runs to the end, without size or zero byte
        if is_last:
            end = after = len(entry)
        elif kind.isupper():
            place, end = place + 4, place + 4 + int.from_bytes(entry[place : place + 4], "big")
            after = end
        else:
            end = entry.find(b"\0", place)
            end = len(entry) if end < 0 else end
            after = end + 1
        if kind in _TEXT_TYPES:
            texts.append(entry[place:end].decode("utf-8", "replace"))
        place = after
    return "\n".join(texts)


def _slice(index: Path, line: int, data: bytes, offset: int, length: int) -> str:
    if offset + length > len(data):
        raise ReadError(index, line, "the article lies beyond the end of the .dict file; install the dictionary again")
    return data[offset : offset + length].decode("utf-8", "replace")


def _read_beside(path: Path, suffixes: tuple[str, str]) -> bytes:
    for suffix in suffixes:
        beside = path.with_name(path.stem + suffix)
        if beside.exists():
            return _read(beside)
    raise ReadError(path, None, f"there is no {path.stem}{suffixes[0]} (or {suffixes[1].rpartition('.')[2]}) beside it")


def _read(path: Path) -> bytes:
    try:
        raw = path.read_bytes()
        return gzip.decompress(raw) if path.suffix in {".dz", ".gz"} else raw
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ReadError(path, None, f"damaged gzip data: {error}") from error
    except OSError as error:
        raise ReadError(path, None, error.strerror or str(error)) from error
