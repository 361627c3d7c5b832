"""The user's own synonyms: a plain UTF-8 file of words that mean the same.

# comments begin with #
wco, вто, всемирная таможенная организация     each of these finds the others
фура => грузовик, тягач                        a lorry finds both, and they do not find it
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from wco_search.errors import ReadError
from wco_search.languages.rows import words_of

LONGEST_ENTRY = 8  # words of one entry: more of them are a sentence, and a comma has been forgotten

Entry = tuple[str, ...]
"""The folded words of one entry."""


@dataclass(frozen=True, slots=True)
class Synonyms:
    """For each entry those that it also finds.

    Attributes:
        alternatives: By the folded words of an entry, the texts that are searched beside it, as written.

    Example:
        >>> synonyms = Synonyms.parse(["WCO, ВТамО, Всемирная таможенная организация", "фура => грузовик"])
        >>> synonyms.alternatives["wco",]
        ('ВТамО', 'Всемирная таможенная организация')
        >>> ("грузовик",) in synonyms.alternatives
        False
    """

    alternatives: dict[Entry, tuple[str, ...]]

    @classmethod
    def parse(cls, lines: Iterable[str], *, name: str = "synonyms") -> Synonyms:
        """The synonyms of *lines*; *name* is what errors call them.

        Raises:
            ReadError: A line is no group: `name:line: reason`.
        """
        found: dict[Entry, dict[Entry, str]] = {}
        for number, line in enumerate(lines, 1):
            if line.strip() and not line.lstrip().startswith("#"):
                try:
                    pairs = list(_pairs(line))
                except ValueError as error:
                    raise ReadError(name, number, str(error)) from error
                for entry, (words, text) in pairs:
                    found.setdefault(entry, {}).setdefault(words, text)
        return cls({entry: tuple(texts.values()) for entry, texts in found.items()})

    @classmethod
    def read(cls, path: str | Path) -> Synonyms:
        """The synonyms of a UTF-8 file.

        Raises:
            ReadError: The file cannot be read, or a line is no group: `path:line: reason`.
        """
        try:
            text = Path(path).read_text(encoding="utf-8-sig")
        except OSError as error:
            raise ReadError(path, None, error.strerror or str(error)) from error
        except UnicodeDecodeError as error:
            raise ReadError(path, None, "not UTF-8; save the file as UTF-8") from error
        return cls.parse(text.splitlines(), name=str(path))


def _pairs(line: str) -> Iterator[tuple[Entry, tuple[Entry, str]]]:
    """What each entry of a line finds."""
    sides = line.split("=>")
    if len(sides) > 2:
        raise ValueError("more than one =>; write each rule on a line of its own")
    heads = _entries(sides[0])
    others = _entries(sides[1]) if len(sides) == 2 else heads
    if len(sides) == 1 and len(heads) < 2:
        raise ValueError("a group needs two entries or more, with commas between")
    for head in heads:
        for words, text in others.items():
            if words != head:
                yield head, (words, text)


def _entries(side: str) -> dict[Entry, str]:
    entries: dict[Entry, str] = {}
    for text in map(str.strip, side.split(",")):
        words = tuple(words_of(text))
        if not words:
            raise ValueError(f"{text!r} has no letter and no digit" if text else "an entry is empty; a comma too many?")
        if len(words) > LONGEST_ENTRY:
            raise ValueError(f"{text!r} has {len(words)} words; an entry may have {LONGEST_ENTRY}")
        entries.setdefault(words, text)
    return entries
