"""What a reader sees of a hit: `Snippet`, made of `Fragment`s of the document's text, with `Mark`s on the words found.

All offsets are half-open spans in code points of the field's original text: `document.body[mark.start:mark.end]` is a
word as the author wrote it. Nothing here searches or cuts: these are the values, and the ways to show them.

Every way to show a snippet follows one convention. Fragments come in text order, the title before the body. ` … `
stands between two fragments of a field, `…` at either end of a field where its text goes on there, ` — ` between title
and body. A run of white space is shown as one space. Control characters, and those that turn the direction of writing,
are shown as U+FFFD: an archive must not drive its reader's terminal or rearrange the page around the snippet.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from wco_search import compiled
from wco_search.text import escape_html

_SPACES = re.compile(r"\s+")
# C0, DEL, C1; embeddings, overrides and isolates of the bidirectional algorithm (Unicode Standard Annex 9).
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_BOLD, _PLAIN = "\x1b[1m", "\x1b[0m"  # SGR 1 and 0 of ECMA-48


class Mark(NamedTuple):
    """A place to highlight: the half-open span of code points from `start` to `end` of the field's original text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of a document's text.

    Attributes:
        field: The field it is cut from: `title` or `body`.
        text: The piece as written: `original[start:end]`.
        start, end: Its span in code points of the field's original text.
        marks: What to highlight in it; absolute spans like its own, ascending, apart from each other.
        cut_before, cut_after: Whether the field's text, white space aside, goes on there: an ellipsis belongs there.

    Example:
        >>> fragment = Fragment("body", "stopped fossils", 16, 31, (Mark(24, 31),), cut_before=True)
        >>> [fragment.text[mark.start - fragment.start : mark.end - fragment.start] for mark in fragment.marks]
        ['fossils']
    """

    field: str
    text: str
    start: int
    end: int
    marks: tuple[Mark, ...]
    cut_before: bool = False
    cut_after: bool = False

    def to_dict(self) -> dict[str, Any]:
        """The fragment as plain JSON values; a mark is a pair `[start, end]`.

        Example:
            >>> Fragment("title", "WCO News", 0, 8, (Mark(0, 3),)).to_dict()
            {'field': 'title', 'text': 'WCO News', 'start': 0, 'end': 8, 'marks': [[0, 3]]}
        """
        marks = [list(mark) for mark in self.marks]
        return {"field": self.field, "text": self.text, "start": self.start, "end": self.end, "marks": marks}


@dataclass(frozen=True, slots=True)
class Snippet:
    """The fragments of a document that show best what a query found in it; none where the document has no text to show.

    Example:
        >>> text = "Spanish Customs stopped fossils."
        >>> snippet = Snippet((Fragment("body", text, 0, len(text), (Mark(24, 31),)),))
        >>> print(snippet)
        Spanish Customs stopped fossils.
        >>> snippet.to_html()
        'Spanish Customs stopped <mark>fossils</mark>.'
    """

    fragments: tuple[Fragment, ...]

    def __str__(self) -> str:
        return self.to_text()

    def to_text(self, *, marks: tuple[str, str] = ("", "")) -> str:
        r"""The snippet as one line of plain text.

        Args:
            marks: What to write before and after each highlighted word.

        Example:
            >>> fragment = Fragment("body", "stopped\n fossils", 16, 32, (Mark(25, 32),), cut_before=True)
            >>> Snippet((fragment,)).to_text(marks=("[", "]"))
            '… stopped [fossils]'
        """
        return self._shown(safe_text, *marks)

    def to_ansi(self) -> str:
        r"""The snippet as one line for a terminal, the highlighted words in bold.

        Example:
            >>> Snippet((Fragment("body", "fossils \x1b[2J", 0, 12, (Mark(0, 7),)),)).to_ansi()
            '\x1b[1mfossils\x1b[0m �[2J'
        """
        return self._shown(safe_text, _BOLD, _PLAIN)

    def to_html(self) -> str:
        """The snippet as HTML, safe between tags: the text escaped, the highlighted words in `<mark>`.

        Example:
            >>> Snippet((Fragment("body", "<b> fossils", 0, 11, (Mark(4, 11),)),)).to_html()
            '&lt;b&gt; <mark>fossils</mark>'
        """
        return self._shown(_as_html, "<mark>", "</mark>")

    def to_dict(self) -> dict[str, Any]:
        """The snippet as plain JSON values: `text` to read, `fragments` to work with.

        Example:
            >>> Snippet((Fragment("title", "WCO News", 0, 8, ()),)).to_dict()["text"]
            'WCO News'
        """
        return {"text": self.to_text(), "fragments": [fragment.to_dict() for fragment in self.fragments]}

    def _shown(self, show: Callable[[str], str], opening: str, closing: str) -> str:
        if compiled.MARKING:
            done = compiled.showing.shown(self.fragments, show is _as_html, opening, closing)
            if done is not None:
                return done
        line: list[str] = []
        before: Fragment | None = None
        for fragment in self.fragments:
            if before is not None and before.field == fragment.field:
                line.append(" … ")
            else:
                line.append(_between(before, fragment))
            line.append(_marked(fragment, show, opening, closing))
            before = fragment
        line.append(_between(before, None))
        return "".join(line)


def _between(before: Fragment | None, after: Fragment | None) -> str:
    """What stands where one field ends and another begins; None is an end of the line."""
    end = " …" if before is not None and before.cut_after else ""
    start = "… " if after is not None and after.cut_before else ""
    return f"{end}{' — ' if before is not None and after is not None else ''}{start}"


def _as_html(text: str) -> str:
    return escape_html(safe_text(text))


def safe_text(text: str) -> str:
    r"""*text* as all of this shows it: white space as one space, and nothing that drives a terminal or turns writing.

    Example:
        >>> safe_text("fossils\n \x1b[2J")
        'fossils �[2J'
    """
    if text.isprintable() and "  " not in text:  # nearly all text: neither control characters nor other white space
        return text
    return _UNSAFE.sub("\ufffd", _SPACES.sub(" ", text))


def _marked(fragment: Fragment, show: Callable[[str], str], opening: str, closing: str) -> str:
    text, origin = fragment.text, fragment.start
    parts: list[str] = []
    place = 0
    is_plain = show(text) == text  # so are its parts then
    for mark_start, mark_end in fragment.marks:
        start, end = mark_start - origin, mark_end - origin
        before, marked = text[place:start], text[start:end]
        parts += (before, opening, marked, closing) if is_plain else (show(before), opening, show(marked), closing)
        place = end
    parts.append(text[place:] if is_plain else show(text[place:]))
    return "".join(parts)
