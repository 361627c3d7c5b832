"""The workshop of the bundled lexicon, for those who change it: `python -m wco_search.languages.packing COMMAND`.

    assemble FOLDER    raw slices (`head TAB a|b|c [TAB new]`, no class) -> vocabulary/*.tsv, one file a topic
    check              say what is wrong with vocabulary/*.tsv
    pack               vocabulary/*.tsv -> vocabulary/lexicon.pack, and names from CLDR -> vocabulary/names.pack,
                       which are what a program loads

`assemble` takes the frequency of a head from wordfreq, which only it needs (`pip install 'wco-search[lexicon]'`);
`check` looks English words up there where it is installed. Slices named `common-NN` make one topic, `common`, which
gives way to all others: a head stands in the file of the first topic that has it, with the translations of all of them
by turns.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

from wco_search.analysis import russian
from wco_search.errors import MissingExtraError, ReadError
from wco_search.languages import cldr
from wco_search.languages.inflections import FORMS
from wco_search.languages.lexicon import NAMES, WORDS
from wco_search.languages.packed import pack
from wco_search.languages.rows import MAX_TRANSLATIONS, MOST_FREQUENT, RAREST, Row, interleave, parse_row, read_rows
from wco_search.text import fold

VOCABULARY = Path(__file__).parent / "vocabulary"
BEYOND, ENGLISH = "beyond_dictionary.txt", "english.txt"
COMMON = "common"

_RUSSIAN_WORD = re.compile(r"[А-Яа-яЁё0-9]+(?:[-’'./][А-Яа-яЁё0-9]+)*")
_ENGLISH_WORD = re.compile(r"[A-Za-z0-9]+(?:[-'./&][A-Za-z0-9]+)*\+{0,2}")
_FORM = re.compile(r"[a-z]+\t[a-z]+")
_PLACEHOLDER = re.compile(r"(?i)todo|tbd|fixme|xxx+|n/a|translation\d+|placeholder")
_JOINT = re.compile(r"[-'./&]")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 1 where `check` finds something wrong."""
    parser = argparse.ArgumentParser(prog="python -m wco_search.languages.packing", description="The bundled lexicon.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("assemble", help="raw slices to reviewed files").add_argument("folder", type=Path)
    commands.add_parser("check", help="say what is wrong with the reviewed files")
    commands.add_parser("pack", help="make the file that programs load")
    chosen = parser.parse_args(arguments)
    if chosen.command == "assemble":
        for path, count in assemble(chosen.folder, VOCABULARY):
            _say(f"{count:6} rows in {path}")
        return 0
    if chosen.command == "pack":
        for name, data in packs(VOCABULARY).items():
            (VOCABULARY / name).write_bytes(data)
            _say(f"{len(data):10,} bytes in {VOCABULARY / name}")
        return 0
    problems = list(check(VOCABULARY))
    for problem in problems:
        _say(problem)
    _say(f"{len(problems)} problems")
    return 1 if problems else 0


def sources(folder: Path) -> list[Path]:
    """The reviewed files, in the order in which they are read."""
    return sorted(folder.glob("*.tsv"))


def checksum(folder: Path) -> str:
    """SHA-256 of the reviewed files, the English words and forms; a pack names the ones it was made of."""
    digest = hashlib.sha256()
    for path in [*sources(folder), folder / ENGLISH, folder / FORMS]:
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def packs(folder: Path) -> dict[str, bytes]:
    """What programs load, by the names of the files: the reviewed files of *folder*, and the names of CLDR."""
    rows = [row for path in sources(folder) for row in read_rows(path)]
    lines = (folder / ENGLISH).read_text(encoding="utf-8").splitlines()
    english = [word for line in lines if not line.startswith("#") for word in line.split()]
    return {WORDS: pack(rows, checksum(folder), english), NAMES: pack(cldr.rows(), cldr.version())}


def _lines_of_forms(folder: Path) -> list[str]:
    return (folder / FORMS).read_text(encoding="utf-8").splitlines()


def assemble(slices: Path, into: Path) -> Iterator[tuple[Path, int]]:
    """Write the reviewed files from the raw slices of a folder, and the list of heads beyond the dictionary.

    Raises:
        ReadError: There is no slice, or a line of one is no row.
        MissingExtraError: wordfreq is not installed.
    """
    zipf = _zipf()
    if zipf is None:
        raise MissingExtraError("wordfreq", "lexicon", "assembling the lexicon")
    topics: dict[str, str] = {}
    rankings: dict[str, list[Sequence[str]]] = defaultdict(list)
    beyond: set[str] = set()
    paths = sorted(slices.glob("*.tsv"), key=lambda path: (_topic(path) == COMMON, path.name))
    if not paths:
        raise ReadError(slices, None, "the folder has no *.tsv")
    for path in paths:
        for head, translations, new in _read_slice(path):
            topics.setdefault(head, _topic(path))
            rankings[head].append(translations)
            beyond |= {head} if new else set()
    for topic in sorted(set(topics.values())):
        heads = sorted(head for head in topics if topics[head] == topic)
        rows = [Row(head, _frequency(zipf(head, "ru")), interleave(rankings[head], MAX_TRANSLATIONS)) for head in heads]
        path = into / f"{topic}.tsv"
        path.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
        yield path, len(rows)
    (into / BEYOND).write_text("".join(f"{head}\n" for head in sorted(beyond)), encoding="utf-8")


def _topic(path: Path) -> str:
    return re.sub(r"-\d+$", "", path.stem)


def _read_slice(path: Path) -> Iterator[tuple[str, tuple[str, ...], bool]]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        columns = line.split("\t")
        if len(columns) not in {2, 3} or columns[2:] not in ([], ["new"]):
            raise ReadError(path, number, "want `head TAB translation|translation`, or that and `TAB new`")
        try:
            row = parse_row("\t".join(columns[:2]))
        except ValueError as error:
            raise ReadError(path, number, str(error)) from error
        yield row.head, row.translations, len(columns) == 3


def _frequency(zipf: float) -> int:
    return min(max(round(7 - zipf), MOST_FREQUENT), RAREST)


def check(folder: Path) -> Iterator[str]:
    """What is wrong with the reviewed files of a folder, as `file:line: reason`.

    Every head is a lemma, a name or abbreviation with capitals, several words, or listed in `beyond_dictionary.txt`; no
    head occurs twice; alphabets are not mixed; nothing is a placeholder; lines are sorted. The lemma of an English form
    is a translation.
    """
    beyond = set((folder / BEYOND).read_text(encoding="utf-8").split("\n")) - {""}
    zipf = _zipf()
    first_place: dict[str, str] = {}
    translations: set[str] = set()
    for path in sources(folder):
        before = ""
        for number, row in enumerate(read_rows(path), 1):
            place = f"{path.name}:{number}"
            problems = [*_head_problems(row.head, beyond), *_translation_problems(row)]
            if row.head in first_place:
                problems.append(f"also at {first_place[row.head]}")
            if row.head < before:
                problems.append(f"out of order: stands behind {before!r}")
            if zipf and row.head not in beyond:
                problems += _unknown_english(row, zipf)
            before = row.head
            first_place.setdefault(row.head, place)
            translations.update(map(fold, row.translations))
            yield from (f"{place}: {row.head}: {problem}" for problem in problems)
    yield from (f"{BEYOND}: {head}: is no head of any file" for head in sorted(beyond - first_place.keys()))
    yield from _form_problems(_lines_of_forms(folder), translations)


def _head_problems(head: str, beyond: set[str]) -> Iterator[str]:
    words = head.split(" ")
    for word in words:
        if not _RUSSIAN_WORD.fullmatch(word):
            yield f"{word!r} is not a Russian word"
    if len(words) == 1 and head.islower() and head not in beyond and fold(head) not in russian.lemmas(fold(head)):
        yield f"is no lemma of the dictionary; write the lemma, or list it in {BEYOND} if it is a good new word"


def _translation_problems(row: Row) -> Iterator[str]:
    if len(set(row.translations)) != len(row.translations):
        yield "has a translation twice"
    for text in row.translations:
        if _PLACEHOLDER.fullmatch(text):
            yield f"{text!r} is a placeholder"
        for word in text.split(" "):
            if not _ENGLISH_WORD.fullmatch(word):
                yield f"{word!r} in {text!r} is not an English word"


def _form_problems(lines: Sequence[str], translations: set[str]) -> Iterator[str]:
    for number, (before, line) in enumerate(pairwise(["", *lines]), 1):
        lemma = line.partition("\t")[2]
        if not _FORM.fullmatch(line):
            yield f"{FORMS}:{number}: want `form TAB lemma` in small letters, not {line!r}"
        elif lemma not in translations:
            yield f"{FORMS}:{number}: {lemma!r} is no translation of any head"
        if line <= before:
            yield f"{FORMS}:{number}: out of order: stands behind {before!r}"


def _unknown_english(row: Row, zipf: Callable[[str, str], float]) -> Iterator[str]:
    for word in (word for text in row.translations for word in text.split(" ") if word.islower()):
        spellings = [word.replace("-", ""), *_JOINT.split(word)]
        if not any(zipf(spelling, "en") for spelling in [word, *spellings]):
            yield f"is {word!r} spelled right? If so, list the head in {BEYOND}"


def _zipf() -> Callable[[str, str], float] | None:
    """Zipf value of a word in a language by wordfreq, or None where that is not installed."""
    if find_spec("wordfreq") is None:
        return None
    from wordfreq import zipf_frequency

    def zipf(word: str, language: str) -> float:
        return float(zipf_frequency(word, language, "large" if language == "en" else "best"))

    return zipf


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
