"""Query text to tokens: leaves of the tree, operators, signs and balanced parentheses, each with its span.

Whatever is not syntax becomes words, and what was nearly syntax is told in the `Report`. The text is read once, from
left to right; every look ahead is bounded or remembers its failure, so time grows with the length and no faster.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import lru_cache
from typing import Literal

from wco_search.dates import DateFinder
from wco_search.query.ranges import is_bracketed, read_range
from wco_search.query.report import Report
from wco_search.query.syntax import (
    DOCUMENT_FIELDS,
    END_PUNCTUATION,
    FIELD,
    FIELD_ALIASES,
    INVISIBLE,
    MAX_BOOST,
    MAX_DEPTH,
    MAX_EDITS,
    MAX_LEAVES,
    MAX_SLOP,
    MIN_BOOST,
    OPERATORS,
    QUOTED,
    QUOTES,
    SPACE,
    Operator,
    is_plain_word,
    unescape,
    unquote,
)
from wco_search.query.tree import (
    EverythingQuery,
    ExactQuery,
    FuzzyQuery,
    PhraseQuery,
    Query,
    RangeQuery,
    Span,
    WildcardQuery,
    WordQuery,
)

Kind = Literal["leaf", "(", ")", "and", "or", "not", "+", "-"]

_SYMBOLS: dict[str, Operator] = {"&&": "and", "||": "or"}
_SIGNS: dict[str, Kind] = {"+": "+", "-": "-", "!": "not"}

_PLAIN = re.compile(rf"[^\W_]\w*(?=[{SPACE}]|\Z)")
_GAP = re.compile(f"[{SPACE}{INVISIBLE}»”]+")  # a closing quote that closes nothing is a gap
_WORD = re.compile(rf"(?:\\(?:.|\Z)|&(?!&)|\|(?!\|)|[^{SPACE}{QUOTES}\\()&|])+", re.DOTALL)
_OPERATOR = re.compile(rf"&&|\|\||(?:{'|'.join(OPERATORS)})(?=[{SPACE}{QUOTES}()]|&&|\|\||\Z)")
_SIGN = re.compile(r'[+\-!](?=[\w"«“„(*?\\]|=[\w"«“„\\])')
_EXACT = re.compile(r'=(?=[\w"«“„\\])')
_GLUED = re.compile(rf"\\.|[()]|[{SPACE}{QUOTES}]+", re.DOTALL)
_LETTERS = re.compile(r"[^\W\d_]+")

_NUMBER = r"(?>[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"
_BOOST = re.compile(rf"\^({_NUMBER})(?!\w)")
_SLOP = re.compile(r"~([0-9]*+)(?!\w)")
_WORD_SUFFIX = re.compile(rf"(?P<base>.+?)(?:~(?P<edits>[0-9]*))?(?:\^(?P<boost>{_NUMBER}))?", re.DOTALL)
_BOLD = re.compile(r"\*\*+([^*?]+)\*\*+")
_URL = re.compile(r"(?:https?|ftp|mailto):|[^\W\d]\w*://", re.IGNORECASE)
_URL_MARKS = str.maketrans("?~", "\0\0")  # ordinary characters of an address

_DOTS = re.compile(r"(?<!\.)\.\.(?!\.)")
_DAY = re.compile(r"[0-9]{1,2}")
_MONTH_BEHIND = re.compile(
    rf"[{SPACE}]+((?:янв|фев|мар|апр|ма[йя]|июн|июл|авг|сен|окт|ноя|дек"
    r"|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[^\W\d_]*)",
    re.IGNORECASE,
)


@lru_cache(maxsize=64)  # a program searches few indexes, with the same fields each time
def field_names(fields: frozenset[str] | None) -> FieldNames:
    """`FieldNames`, made once for each set of fields."""
    return FieldNames(fields)


class FieldNames:
    """The names that count as fields, in any case, with their Russian aliases.

    Example:
        >>> names = FieldNames(["title", "Views"])
        >>> names.find("Заголовок"), names.find("views"), names.find("sorce"), FieldNames(None).find("sorce")
        ('title', 'Views', None, 'sorce')
    """

    def __init__(self, fields: Collection[str] | None) -> None:
        self._takes_any = fields is None
        self._names = frozenset(DOCUMENT_FIELDS if fields is None else fields)
        self._folded = {alias: name for alias, name in FIELD_ALIASES.items() if name in self._names}
        self._folded.update((name.casefold(), name) for name in sorted(self._names))

    def known(self, name: str) -> str | None:
        """The field of that name, or None."""
        return name if name in self._names else self._folded.get(name.casefold())

    def find(self, name: str) -> str | None:
        """The field of that name; where the fields are not known, every name is one."""
        return self.known(name) or (name if self._takes_any else None)

    def advice(self, name: str) -> str:
        """Which field may have been meant by *name*."""
        close = get_close_matches(name.casefold(), self._folded, n=1)
        if close:
            return f"did you mean {close[0]}?"
        return f"there are: {', '.join(sorted(self._names))}" if self._names else "there are no fields"


@dataclass(frozen=True, slots=True)
class Token:
    """One piece of a query.

    Attributes:
        kind: What it is; `!` is a `not`, `||` an `or`, `&&` an `and`.
        start, end: Its span.
        leaf: The leaf; of an operator, the word that it is where there is nothing for it to join.
        boost: Of `(`, the factor behind its `)`.
    """

    kind: Kind
    start: int
    end: int
    leaf: Query | None = None
    boost: float = 1.0


@dataclass(frozen=True, slots=True)
class _Group:
    """An open parenthesis: the place of its token (None if ignored), the field inside, that field's name before it."""

    index: int | None
    field: str | None
    name: re.Match[str] | None


@dataclass(frozen=True, slots=True)
class _Word:
    """A word, its shape, and what stood behind `~` and `^`."""

    text: str
    shape: str
    edits: str | None = None
    boost: str | None = None

    @property
    def is_wild(self) -> bool:
        return "*" in self.shape or "?" in self.shape


class Lexer:
    """Reads one query text; `read` gives its tokens, with parentheses balanced.

    Example:
        >>> [token.kind for token in Lexer("-(a OR b", FieldNames(None), Report()).read()]
        ['-', '(', 'leaf', 'or', 'leaf', ')']
    """

    def __init__(self, text: str, fields: FieldNames, report: Report, *, dates: bool = False) -> None:
        self.dates: list[Span] = []  # of the words that were taken for a date without a field's name
        self._text = text
        self._fields = fields
        self._report = report
        self._date_field = fields.find("date")
        self._no_date_before = 0  # where a date that is none to search by ends: no other begins inside
        self._pos = 0
        self._tokens: list[Token] = []
        self._groups: list[_Group] = []
        self._leaf_count = 0
        self._glued = _glued_parentheses(text)
        self._unclosed: set[str] = set()  # opening quotes for which no closing one is left
        self._is_all_capitals = _is_all_capitals(text)
        self._finder: DateFinder | None = None
        if dates and self._date_field:
            self._finder = DateFinder(text, barriers=() if self._is_all_capitals else OPERATORS)

    def read(self) -> list[Token]:
        """The tokens of the whole text."""
        while (start := self._skip_gap(self._pos)) < len(self._text):
            self._read_at(start)
        self._close_all()
        return self._tokens

    @property
    def _field(self) -> str | None:
        """The field of the group we are in."""
        return self._groups[-1].field if self._groups else None

    def _skip_gap(self, pos: int) -> int:
        gap = _GAP.match(self._text, pos)
        return gap.end() if gap else pos

    def _read_at(self, start: int) -> None:
        """Read what stands at `start`, and move on."""
        if self._read_date(start, start, self._field):
            return
        char = self._text[start]
        plain = _PLAIN.match(self._text, start)
        if plain and plain[0] not in OPERATORS:  # most of what is typed; the rules below would find the same
            self._pos = plain.end()
            self._add_leaf(WordQuery(plain[0], self._field, span=plain.span()))
        elif char == "(":
            self._open_group(start, start, self._field)
        elif char == ")":
            self._close_group(start)
        elif operator := _OPERATOR.match(self._text, start):
            self._read_operator(operator)
        elif self._is_sign(start):
            self._add(Token(_SIGNS[char], start, start + 1))
        elif name := FIELD.match(self._text, start):
            self._read_field(name)
        elif self._field is None and is_bracketed(self._text, start):
            hint = "a range needs a field, as in date:[2019 TO 2020]"
            self._report.add(hint, start, start + 1, fate="it is read as words")
            self._pos = start + 1
        elif self._field is None or not self._read_range(start, start, self._field):
            self._read_text(start, start, self._field)

    def _add(self, token: Token) -> None:
        self._tokens.append(token)
        self._pos = token.end

    # Operators, signs and parentheses

    def _read_operator(self, operator: re.Match[str]) -> None:
        word, span = operator[0], operator.span()
        if word in _SYMBOLS:
            self._add(Token(_SYMBOLS[word], *span))
        elif self._is_all_capitals:
            remark = f"where all is in capitals, {word} is a word too; to make it an operator, write the others small"
            self._report.note(remark, *span)
            self._read_text(span[0], span[0], self._field)
        else:
            self._add(Token(OPERATORS[word], *span, WordQuery(word, self._field, span=span)))

    def _is_sign(self, pos: int) -> bool:
        if not _SIGN.match(self._text, pos):
            return False
        return pos == 0 or self._text[pos - 1] in "()&|" or _GAP.match(self._text, pos - 1) is not None

    def _open_group(self, start: int, parenthesis: int, field: str | None, name: re.Match[str] | None = None) -> None:
        is_too_deep = len(self._groups) >= MAX_DEPTH
        self._groups.append(_Group(None if is_too_deep else len(self._tokens), field, name))
        if is_too_deep:
            hint = f"parentheses may stand {MAX_DEPTH} deep in each other"
            self._report.add(hint, parenthesis, parenthesis + 1, fate="this one is ignored")
            self._pos = parenthesis + 1
        else:
            self._add(Token("(", start, parenthesis + 1))

    def _close_group(self, start: int) -> None:
        boost = _BOOST.match(self._text, start + 1)
        self._pos = boost.end() if boost else start + 1
        if self._groups:
            self._leave_group(start, self._boost(boost[1] if boost else None, (start, self._pos)))
        else:
            self._report.add("this parenthesis closes nothing", start, start + 1, fate="it is ignored")

    def _leave_group(self, pos: int, boost: float) -> None:
        group = self._groups.pop()
        if group.index is None:
            return
        opening = self._tokens[group.index]
        if opening is not self._tokens[-1]:
            self._tokens[group.index] = replace(opening, boost=boost)
            self._tokens.append(Token(")", pos, pos))
            return
        self._tokens.pop()
        if group.name:
            self._misread_field(group.name, self._pos)

    def _close_all(self) -> None:
        while self._groups:
            index = self._groups[-1].index
            if index is not None and self._leaf_count <= MAX_LEAVES:
                end = self._tokens[index].end
                fate = "it is read as closed at the end"
                self._report.add("this parenthesis is never closed", end - 1, end, fate=fate)
            self._leave_group(len(self._text), 1.0)

    # Fields

    def _read_field(self, name: re.Match[str]) -> None:
        start, value = name.span()
        behind = self._skip_gap(value)
        is_spaced = behind > value or self._text[value : value + 1] in ("", ")")
        field = self._fields.known(name[1]) if is_spaced else self._fields.find(name[1])
        if field is None and is_spaced:  # a word before a colon, as anywhere
            self._read_text(start, start, self._field)
        elif field is None:
            advice = "" if self._report.is_full else f" ({self._fields.advice(name[1])})"  # similar names take time
            self._misread_field(name, value, f"there is no field {name[1]!r}{advice}", fate="read as words")
        elif is_spaced and not self._begins_value(behind):
            self._misread_field(name, value)
        else:
            self._read_value(name, behind, field)

    def _begins_value(self, pos: int) -> bool:
        """Whether what stands behind `title: ` can be the field's value."""
        text = self._text
        if text[pos : pos + 1] in ("", ")") or _SIGN.match(text, pos):
            return False
        operator = _OPERATOR.match(text, pos)
        if operator and (operator[0] in _SYMBOLS or not self._is_all_capitals):
            return False
        name = FIELD.match(text, pos)
        return name is None or self._fields.known(name[1]) is None

    def _read_value(self, name: re.Match[str], pos: int, field: str) -> None:
        start = name.start()
        if self._text[pos] == "(":
            self._open_group(start, pos, field, name)
        elif self._read_range(start, pos, field, spaced=True) or self._read_date(start, pos, field):
            return
        elif self._text[pos] in "[{":
            self._misread_field(name, pos + 1, "this is not a range like [2019 TO 2020]", fate="read as words")
        elif not self._read_text(start, pos, field):
            self._misread_field(name, self._pos)

    def _misread_field(self, name: re.Match[str], pos: int, reason: str = "", fate: str = "read as a word") -> None:
        """Read a field's name as a word, and go on at `pos`."""
        start, end = name.span()
        self._report.add(reason or f"nothing to search for stands behind {name[0]}", start, end, fate=fate)
        self._pos = pos
        if _is_searchable(name[1]):
            self._add_leaf(WordQuery(name[1], self._field, span=(start, end - 1)))

    def _read_range(self, start: int, pos: int, field: str, *, spaced: bool = False) -> bool:
        found = read_range(self._text, pos, field, spaced=spaced)
        if found is None:
            return False
        self._pos = found.span[1]
        if boost := _BOOST.match(self._text, self._pos):
            self._report.add("a range does not rank, so ^ has no effect here", *boost.span())
            self._pos = boost.end()
        self._add_leaf(replace(found, span=(start, self._pos)))
        return True

    def _read_date(self, start: int, pos: int, field: str | None) -> bool:
        """Read a date of one or more words: the value of the date field, or unmistakable without its name."""
        if self._finder is None or field not in {None, self._date_field} or pos < self._no_date_before:
            return False
        found = self._finder.at(pos, is_value=field is not None)
        if found is None:
            return False
        end, fault = found
        text = self._text[pos:end]
        if fault:
            self._no_date_before = end
            self._report.note(f"“{text}” {fault}; read as words", pos, end)
            return False
        self._pos = end
        if field is None:
            self.dates.append((start, end))
        leaf = WordQuery if is_plain_word(text) else PhraseQuery
        self._add_leaf(leaf(text, field=self._date_field, span=(start, end)))
        return True

    # Phrases and words; each method says whether there was anything to search for

    def _read_text(self, start: int, pos: int, field: str | None) -> bool:
        is_exact = _EXACT.match(self._text, pos) is not None
        pos += is_exact
        while self._text[pos : pos + 1] in QUOTED:
            if quoted := self._closed_quote(pos):
                return self._read_phrase(start, quoted, field, is_exact=is_exact)
            self._report.add("this quote is never closed", pos, pos + 1, fate="what follows is read as words")
            pos += 1
        self._pos = self._word_end(pos)
        return self._read_word((start, self._pos), self._text[pos : self._pos], field, is_exact=is_exact)

    def _closed_quote(self, pos: int) -> re.Match[str] | None:
        opening = self._text[pos]
        if opening in self._unclosed:
            return None
        quoted = QUOTED[opening].match(self._text, pos)
        if quoted is None:
            self._unclosed.add(opening)
        return quoted

    def _read_phrase(self, start: int, quoted: re.Match[str], field: str | None, *, is_exact: bool) -> bool:
        text = unquote(quoted)
        slop = _SLOP.match(self._text, quoted.end())
        boost = _BOOST.match(self._text, slop.end() if slop else quoted.end())
        self._pos = (boost or slop or quoted).end()
        span = (start, self._pos)
        if not _is_searchable(text):
            self._report.add("there is no word in these quotes", *quoted.span(), fate="they are ignored")
            return False
        factor = self._boost(boost[1] if boost else None, span)
        if is_exact:
            if slop:
                self._report.add("an exact form allows no words between, so ~ has no effect here", *slop.span())
            self._add_leaf(ExactQuery(text, field, factor, span=span))
        else:
            self._add_leaf(PhraseQuery(text, self._slop(slop), field, factor, span=span))
        return True

    def _slop(self, slop: re.Match[str] | None) -> int:
        if slop is None:
            return 0
        if not slop[1]:
            self._report.add("~ behind quotes needs a number of words, as in ~5", *slop.span(), fate="it is ignored")
            return 0
        return int(self._clamped(float(slop[1]), 0, MAX_SLOP, "the distance behind ~", slop.span()))

    def _word_end(self, pos: int) -> int:
        """Where the word at `pos` ends: parentheses glued to it and closed in it, as in container(s), belong to it."""
        start = pos
        while True:
            word = _WORD.match(self._text, pos)
            pos = word.end() if word else pos
            closing = self._glued.get(pos)
            if closing is None or pos == start:
                return pos
            pos = closing + 1

    def _read_word(self, span: Span, raw: str, field: str | None, *, is_exact: bool) -> bool:
        text, shape = unescape(raw)
        word = _split_word(text, shape.translate(_URL_MARKS) if _URL.match(shape) else shape)
        if word is None:
            return False
        self._warn_of_marks(word, field, span, is_exact=is_exact)
        boost = self._boost(word.boost, span)
        if word.shape == "*":
            self._add_leaf(RangeQuery(field, None, None, span=span) if field else EverythingQuery(span=span))
        elif is_exact:
            self._add_leaf(ExactQuery(word.text, field, boost, span=span))
        elif word.is_wild:
            self._add_leaf(WildcardQuery(_pattern(word), field, boost, span=span))
        elif word.edits is not None:
            edits = int(self._clamped(float(word.edits or 1), 1, MAX_EDITS, "the number of edits behind ~", span))
            self._add_leaf(FuzzyQuery(word.text, edits, field, boost, span=span))
        else:
            self._add_leaf(WordQuery(word.text, field, boost, span=span))
        return True

    def _warn_of_marks(self, word: _Word, field: str | None, span: Span, *, is_exact: bool) -> None:
        """Tell of marks in a word that mean nothing there."""
        if word.edits is not None and (is_exact or word.is_wild):
            self._report.add("~ has no effect on an exact form or together with * and ?", *span)
        if is_exact and word.is_wild:
            self._report.add("* and ? have no effect on an exact form", *span)
        if word.boost is not None and word.shape == "*":
            self._report.add("* does not rank, so ^ has no effect here", *span)
        if field is not None and _DOTS.search(word.shape):
            self._report.add("this is not a range like 2019..2020", *span, fate="read as a word")

    def _boost(self, number: str | None, span: Span) -> float:
        if number is None:
            return 1.0
        return self._clamped(float(number), MIN_BOOST, MAX_BOOST, "the factor behind ^", span)

    def _clamped(self, value: float, low: float, high: float, what: str, span: Span) -> float:
        within = min(max(value, low), high)
        if within != value:
            self._report.add(f"{what} must be {low:g} to {high:g}", *span, fate=f"taken as {within:g}")
        return within

    def _add_leaf(self, leaf: Query) -> None:
        self._leaf_count += 1
        start, end = leaf.span
        if self._leaf_count > MAX_LEAVES:
            self._report.add(f"more than {MAX_LEAVES} words", start, len(self._text), fate="the rest is ignored")
            self._pos = len(self._text)
            return
        self._tokens.append(Token("leaf", start, end, leaf))
        if isinstance(leaf, WordQuery) and leaf.field == "date" and _DAY.fullmatch(leaf.text):
            self._advise_quotes(leaf)

    def _advise_quotes(self, day: WordQuery) -> None:
        """`date:30 октября` is the 30 as a date and the word октября."""
        if month := _MONTH_BEHIND.match(self._text, day.span[1]):
            hint = f'a date of several words needs quotes, as in date:"{day.text} {month[1]} 2020"'
            self._report.add(hint, day.span[0], month.end())


def _glued_parentheses(text: str) -> dict[int, int]:
    """The places of opening parentheses that close before the next space, with the places of the closing ones."""
    pairs: dict[int, int] = {}
    open_places: list[int] = []
    if "(" not in text:
        return pairs
    for mark in _GLUED.finditer(text):
        if mark[0] == "(":
            open_places.append(mark.start())
        elif mark[0] != ")":
            if not mark[0].startswith("\\"):
                open_places.clear()
        elif open_places:
            pairs[open_places.pop()] = mark.start()
    return pairs


def _is_all_capitals(text: str) -> bool:
    """Whether capitals say nothing in *text*: there are no small letters and at least two words besides operators."""
    if not text.isupper():
        return False
    words = [word for word in _LETTERS.findall(text) if word.isupper() and word not in OPERATORS]
    return len(words) > 1


def _is_searchable(text: str) -> bool:
    return any(char.isalnum() for char in text)


def _split_word(text: str, shape: str) -> _Word | None:
    """The word without its suffixes and the punctuation behind it; None where nothing to search for is left."""
    shape = _without_punctuation(shape)
    suffix = _WORD_SUFFIX.fullmatch(shape)
    if suffix:
        base = _without_punctuation(suffix["base"])
        bold = _BOLD.fullmatch(base)
        start, end = bold.span(1) if bold else (0, len(base))
        if base == "*" or _is_searchable(text[start:end]):
            return _Word(text[start:end], base[start:end], suffix["edits"], suffix["boost"])
    text = text[: len(shape)]  # as "~~5", where the suffix has no word before it
    return _Word(text, shape) if _is_searchable(text) else None


def _without_punctuation(shape: str) -> str:
    """*shape* without what trails a word in a sentence; a `?` there asks, unless there is another wildcard."""
    brackets = "" if "[" in shape or "{" in shape else "]}"
    bare = shape.rstrip(f"?{END_PUNCTUATION}{brackets}")
    is_wild = ("*" in bare and bare != "*") or "?" in bare
    return shape.rstrip(f"{END_PUNCTUATION}{brackets}") if is_wild else bare


def _pattern(word: _Word) -> str:
    """The word as a pattern: a backslash before every ordinary `*`, `?` and backslash, and runs of `*` made one."""
    parts: list[str] = []
    for char, mark in zip(word.text, word.shape, strict=True):
        if char == "\\" or (char in "*?" and mark != char):
            parts.append(f"\\{char}")
        elif char != "*" or parts[-1:] != ["*"]:
            parts.append(char)
    return "".join(parts)
