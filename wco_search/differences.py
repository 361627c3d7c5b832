"""What changed between two texts, word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

from wco_search.fragments import safe_text
from wco_search.text import escape_html

Change = Literal["same", "delete", "insert"]

_TOKENS = re.compile(r"\w+|\s+|[^\w\s]")
_TAGS = {"delete": "del", "insert": "ins"}  # HTML Living Standard, 4.7: edits


@dataclass(frozen=True, slots=True)
class Difference:
    """A piece of either text.

    Attributes:
        change: `same` where both have it, `delete` where only the earlier text does, `insert` where only the later.
        text: The piece, its white space as single spaces.
    """

    change: Change
    text: str


@dataclass(frozen=True, slots=True)
class Diff:
    """How one text became another: pieces in order; all but the inserted ones are the earlier text.

    Example:
        >>> diff = word_diff("Customs seized 20 fossils.", "Customs seized 22 fossils <b>.")
        >>> diff.to_text()
        'Customs seized [-20-]{+22+} fossils{+ <b>+}.'
        >>> diff.to_html()
        'Customs seized <del>20</del><ins>22</ins> fossils<ins> &lt;b&gt;</ins>.'
    """

    pieces: tuple[Difference, ...]

    def __str__(self) -> str:
        return self.to_text()

    @property
    def is_empty(self) -> bool:
        """Whether the texts are the same."""
        return all(piece.change == "same" for piece in self.pieces)

    def to_text(self) -> str:
        """One line of plain text, with the marks of the program wdiff: `[-deleted-]{+inserted+}`."""
        marks = {"same": ("", ""), "delete": ("[-", "-]"), "insert": ("{+", "+}")}
        return "".join(f"{marks[p.change][0]}{safe_text(p.text)}{marks[p.change][1]}" for p in self.pieces)

    def to_html(self) -> str:
        """HTML, safe between tags: the text escaped, changes in `<del>` and `<ins>`."""
        return "".join(map(_as_html, self.pieces))

    def to_dict(self) -> dict[str, Any]:
        """The difference as plain JSON values: pairs of a change and its text."""
        return {"text": self.to_text(), "pieces": [[piece.change, piece.text] for piece in self.pieces]}


def _as_html(piece: Difference) -> str:
    text, tag = escape_html(safe_text(piece.text)), _TAGS.get(piece.change)
    return text if tag is None else f"<{tag}>{text}</{tag}>"


def word_diff(earlier: str, later: str) -> Diff:
    """What changed from *earlier* to *later*, in whole words (`difflib.SequenceMatcher` over words, spaces and signs).

    Any white space is one space: how lines are broken is no change.
    Long texts may be told apart by more changes than need be: words that make up more than a hundredth of a text do not
    help to align it.
    """
    old, new = (_TOKENS.findall(" ".join(text.split())) for text in (earlier, later))
    return Diff(tuple(_pieces(old, new)))


def _pieces(old: list[str], new: list[str]) -> Iterator[Difference]:
    for tag, start, end, new_start, new_end in SequenceMatcher(str.isspace, old, new).get_opcodes():
        if tag == "equal":
            yield Difference("same", "".join(old[start:end]))
            continue
        if end > start:
            yield Difference("delete", "".join(old[start:end]))
        if new_end > new_start:
            yield Difference("insert", "".join(new[new_start:new_end]))
