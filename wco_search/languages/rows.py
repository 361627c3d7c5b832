"""What a bilingual dictionary says, as plain rows: a Russian head, how frequent it is, its English translations.

The bundled lexicon, a user's own file, names from CLDR and dictionaries in other formats all become rows, and a lexicon
is made of rows. As text a row is `head TAB class TAB translation|translation|...`, best translation first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from wco_search.analysis.tokenizer import CHUNK, cut, forms_of_word
from wco_search.errors import ReadError
from wco_search.text import CYRILLIC, LATIN

MAX_TRANSLATIONS = 6  # of a row in a file; the third already adds little to what a search finds
MOST_FREQUENT, RAREST = 0, 7
USUAL_FREQUENCY = 3  # of a head whose source tells nothing: a word that a newspaper uses, but not on every page


@dataclass(frozen=True, slots=True)
class Row:
    """One head and its translations.

    Attributes:
        head: A Russian lemma, or several words in their natural basic form; names keep their capitals.
        frequency: Class of frequency, from 0 (a word of every page) to 7: about 7 minus the Zipf value, which is the
            decimal logarithm of a word's occurrences in a billion words (W. van Heuven et al., SUBTLEX-UK, 2014).
        translations: English words or short phrases, best first.
    """

    head: str
    frequency: int
    translations: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.head}\t{self.frequency}\t{'|'.join(self.translations)}"


def parse_row(line: str) -> Row:
    r"""The row that *line* writes; its class may be left out.

    Raises:
        ValueError: The line is no row; the message says what is wrong.

    Example:
        >>> parse_row("контрабанда\t3\tsmuggling|contraband")
        Row(head='контрабанда', frequency=3, translations=('smuggling', 'contraband'))
        >>> parse_row("транзит\ttransit").frequency
        3
    """
    columns = [column.strip() for column in line.split("\t")]
    if len(columns) == 2:
        columns.insert(1, str(USUAL_FREQUENCY))
    if len(columns) != 3:
        raise ValueError("want `head TAB translation|translation`, or `head TAB class TAB translation|translation`")
    head, frequency, joined = columns
    translations = tuple(part.strip() for part in joined.split("|"))
    if not CYRILLIC.search(head):
        raise ValueError(f"the head {head!r} has no Russian letter; the Russian word comes first")
    if not re.fullmatch("[0-7]", frequency):
        raise ValueError(f"the class of frequency must be a digit from 0 to 7, not {frequency!r}")
    for text in translations:
        if not LATIN.search(text):
            raise ValueError(f"the translation {text!r} has no Latin letter")
    if len(translations) > MAX_TRANSLATIONS:
        raise ValueError(f"{len(translations)} translations; keep the best {MAX_TRANSLATIONS}")
    return Row(head, int(frequency), translations)


def read_rows(path: str | Path) -> Iterator[Row]:
    """The rows of a UTF-8 file, one a line; empty lines and lines that begin with # are passed over.

    Raises:
        ReadError: The file cannot be read, or a line is no row: `path:line: reason`.
    """
    try:
        lines = Path(path).read_text(encoding="utf-8-sig").split("\n")
    except OSError as error:
        raise ReadError(path, None, error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        raise ReadError(path, None, "not UTF-8; save the file as UTF-8") from error
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.startswith("#"):
            try:
                yield parse_row(line.rstrip("\r"))
            except ValueError as error:
                raise ReadError(path, number, str(error)) from error


def words_of(text: str) -> list[str]:
    """The forms of the words of *text*, as a text is searched by them; joined words count as one.

    Example:
        >>> words_of("Железная дорога"), words_of("U.S. re-export"), words_of("Côte d'Ivoire")
        (['железная', 'дорога'], ['us', 're-export'], ['cote', 'd-ivoire'])
    """
    forms = forms_of_word(text)
    if forms is not None and len(forms) == 1:  # an ordinary word: what the rules below would give
        return forms
    return [_whole_form(match.group()) for match in CHUNK.finditer(text)]


def _whole_form(chunk: str) -> str:
    entries = cut(chunk).entries
    return next((entry.form for entry in entries if entry.kind == "whole"), entries[0].form)


def interleave(rankings: Iterable[Iterable[str]], limit: int) -> tuple[str, ...]:
    """The first of each ranking, then the second of each, and so on; each text once, at most *limit*.

    Example:
        >>> interleave([("clearance", "release"), ("cleaning", "clearance", "purification")], 4)
        ('clearance', 'cleaning', 'release', 'purification')
    """
    lists = [list(ranking) for ranking in rankings]
    longest = max(map(len, lists), default=0)
    merged = dict.fromkeys(ranking[place] for place in range(longest) for ranking in lists if place < len(ranking))
    return tuple(merged)[:limit]
