"""Which places of a document a query is about, and the sentences that show them best.

    markers + text --mark_text--> marks;    marks + sentences --make_snippet--> Snippet

A query's clauses come here as `Marker`s: a word, or a phrase, by the terms that an analyzer gives its words. The text
is cut into chunks as it was for the index, so that a word is marked here exactly where the index counts it. A sentence
is a *unit*; a long one is several. The units that name the most, and the rarest, of the markers become the fragments.

Where the forms that the documents have of each word are known, as an index knows them, only the chunks that can be one
of them are cut; the marks are the same. The work is proportional to the length of the text, however many marks.
"""

from __future__ import annotations

import math
import re
import unicodedata
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, pairwise, takewhile
from operator import itemgetter

from wco_search import compiled
from wco_search.analysis import Analyzer, Token
from wco_search.analysis.seeker import Seeker, all_chunks
from wco_search.analysis.tokenizer import CHUNK
from wco_search.fragments import Fragment, Mark, Snippet
from wco_search.text import fold

_MOST_KNOWN = 100_000  # distinct chunks that a highlighter remembers: some 20 MB, more than a page of long articles has
_MOST_SETS = 4096  # sets of markers whose worth a highlighter remembers
_MOST_BITS = 63  # markers whose sets the compiled loop takes; a query of more is a rare one
_REPEATS = 2  # most fragments where a single marker stands in several units: the second shows that it is no accident

_Span = tuple[int, int]
_Token = tuple[int, int, int, int]  # a token that fits a word: its start, its end, where its chunk starts, its position
_Occurrence = tuple[int, int, int, tuple[_Token, ...]]  # where a whole marker stands: start, end, its number, tokens
_Window = tuple[int, int, int, int, int]  # a unit with occurrences: its start and end, its number, the markers in it (a
# bit each), and how many occurrences they have
_Fits = tuple[int, ...]  # a chunk's width; then word, position, start and end of each that fits in it, in one object
_start, _end, _position = itemgetter(0), itemgetter(1), itemgetter(3)


@dataclass(frozen=True, slots=True)
class WordTest:
    """What a token must be to count as one word of a query.

    Attributes:
        terms: A token with any of these terms fits: a word in all its inflected forms, its translations.
        forms: A token of one of these folded forms fits: an exact word, the words of a wildcard.

    Example:
        >>> analyzer = Analyzer()
        >>> test = WordTest(frozenset(analyzer.terms("таможня")))
        >>> [test.fits(token) for token in analyzer.tokens("На таможнях")]
        [False, True]
    """

    terms: frozenset[str] = frozenset()
    forms: frozenset[str] = frozenset()

    def fits(self, token: Token) -> bool:
        """Whether *token* counts as the word."""
        return self.accepts(token.form, token.terms)

    def accepts(self, form: str, terms: Iterable[str]) -> bool:
        """Whether a token of folded *form* with these *terms* counts as the word."""
        return form in self.forms or not self.terms.isdisjoint(terms)


@dataclass(frozen=True, slots=True)
class Marker:
    """One clause of a query that may be marked in a text: a word, or a phrase of several.

    Attributes:
        words: The words; several stand side by side in this order.
        slop: With more than 0, the words stand in any order with at most so many other words between them. A token that
            fits two different words counts for both.
        field: The field it is sought in: `title` or `body`; None is both.
        weight: How much a reader gains from seeing it: its rarity (idf) times its boost.

    Raises:
        ValueError: There are no words, or `slop` or `weight` is below 0, or `weight` is not finite.

    Example:
        >>> Marker((WordTest(frozenset({"fossil"})),), weight=7.2).slop
        0
    """

    words: tuple[WordTest, ...]
    slop: int = 0
    field: str | None = None
    weight: float = 1.0

    def __post_init__(self) -> None:
        if not self.words:
            raise ValueError("a marker must have at least one word")
        if self.slop < 0:
            raise ValueError(f"slop must be 0 or more, not {self.slop}")
        if not 0 <= self.weight < math.inf:
            raise ValueError(f"weight must be a finite number of 0 or more, not {self.weight}")


def make_snippet(
    document_title: str,
    document_body: str,
    markers: Iterable[Marker],
    analyzer: Analyzer,
    *,
    fragments: int = 3,
    length: int = 240,
) -> Snippet:
    """The parts of a document that show best what a query found in it.

    The title comes first, if it has a mark. A body of at most *length* is shown whole. Of a longer one: the unit whose
    markers weigh most, then the one that adds most to it, while there is something to add; of equals, the one with more
    marks, then the earlier. Neighbouring units that fit into *length* together are one fragment. A long body without
    marks is shown from its beginning.

    Args:
        document_title: The title, or empty.
        document_body: The body, or empty.
        markers: The clauses of the query that may be marked.
        analyzer: The analyzer that gave the markers their terms.
        fragments: Most fragments of the body.
        length: Most code points of one fragment. Words are never cut: one that is longer is shown whole.

    Raises:
        ValueError: *fragments* or *length* is below 1.

    Example:
        >>> analyzer = Analyzer()
        >>> fossils = Marker((WordTest(frozenset(analyzer.terms("окаменелость"))),))
        >>> body = "Таможня Испании провела проверку. Изъяты 12 окаменелостей. Дело передано в суд."
        >>> make_snippet("", body, [fossils], analyzer, length=40).to_text(marks=("[", "]"))
        '… Изъяты 12 [окаменелостей]. …'
    """
    highlighter = Highlighter(markers, analyzer)
    return highlighter.snippet(document_title, document_body, fragments=fragments, length=length)


def mark_text(text: str, markers: Iterable[Marker], analyzer: Analyzer, field: str) -> tuple[Mark, ...]:
    """Everything in *text* that *markers* mark in *field*, ascending and apart.

    Tokens of one chunk that overlap, or have only a joining sign between them, share a mark: `COVID-19` is one mark
    where both its parts fit.

    Example:
        >>> analyzer = Analyzer()
        >>> words = [Marker((WordTest(frozenset(analyzer.terms(word))),)) for word in ("smuggle", "covid", "19")]
        >>> text = "Smuggling in times of COVID-19"
        >>> [text[mark.start : mark.end] for mark in mark_text(text, words, analyzer, "body")]
        ['Smuggling', 'COVID-19']
    """
    return Highlighter(markers, analyzer).marks(text, field)


class Highlighter:
    """`make_snippet` and `mark_text` for many documents of one query.

    It remembers which words of the documents fit the query, so that the next document is marked faster. Threads may
    share one.

    Args:
        markers: The clauses of the query that may be marked.
        analyzer: The analyzer that gave the markers their terms.
        forms_of: For terms, all folded forms of the documents that have any of them. With it, documents are searched
            for these forms and cut only there, which gives the same snippets in a tenth of the time; texts that have
            forms it does not tell of are not marked there.

    Example:
        >>> analyzer = Analyzer()
        >>> highlighter = Highlighter([Marker((WordTest(frozenset(analyzer.terms("fossil"))),))], analyzer)
        >>> for body in ("Customs seized fossils.", "A fossil was returned."):
        ...     print(highlighter.snippet("", body).to_text(marks=("[", "]")))
        Customs seized [fossils].
        A [fossil] was returned.
    """

    def __init__(
        self,
        markers: Iterable[Marker],
        analyzer: Analyzer,
        *,
        forms_of: Callable[[frozenset[str]], Iterable[str]] | None = None,
    ) -> None:
        self._markers = tuple(dict.fromkeys(markers))
        number: dict[WordTest, int] = {}
        self._numbers = [[number.setdefault(word, len(number)) for word in marker.words] for marker in self._markers]
        self._words = tuple(number)
        self._has_phrases = any(len(marker.words) > 1 for marker in self._markers)
        self._weights = tuple(marker.weight for marker in self._markers)
        self._worth = _Worth(self._weights)
        words_of = None if forms_of is None else _words_by_form(self._words, forms_of)
        self._known = _Known(self._words, words_of, analyzer)
        seeker = None if words_of is None else Seeker(words_of)
        self._seeker = seeker if seeker and seeker.is_worthwhile else None
        self._finder = self._loop = None
        if compiled.MARKING:
            needles = self._seeker.loop if self._seeker else None
            self._finder = compiled.chunks.Finder(needles, all_chunks, self._known, words_of)
            if not self._has_phrases and len(self._weights) <= _MOST_BITS:
                self._loop = compiled.marking.WordSnippets(
                    _CUTTER, self._finder, self._markers_of_words("title"), self._markers_of_words("body"),
                    self._weights, self._worth,
                )  # fmt: skip

    def snippet(self, title: str, body: str, *, fragments: int = 3, length: int = 240) -> Snippet:
        """The parts of a document that show best what the query found in it; see `make_snippet`."""
        if fragments < 1 or length < 1:
            raise ValueError(f"fragments and length must be at least 1, not {fragments} and {length}")
        if self._loop is not None:
            return Snippet(self._loop.fragments(title, body, fragments, length))
        in_title, in_body = self._find(title, "title"), self._find(body, "body")
        shown = self._fragments("title", title, in_title, 1, length) if in_title else []
        return Snippet((*shown, *self._fragments("body", body, in_body, fragments, length)))

    def marks(self, text: str, field: str) -> tuple[Mark, ...]:
        """Everything in *text* that the query marks in *field*; see `mark_text`."""
        return tuple(_merged(text, _tokens(self._find(text, field))))

    def _fragments(
        self, field: str, text: str, occurrences: list[_Occurrence], count: int, length: int
    ) -> list[Fragment]:
        if compiled.MARKING and len(self._weights) <= _MOST_BITS:
            tied = _tied(occurrences) if self._has_phrases else []
            return _CUTTER.fragments(field, text, occurrences, tied, self._weights, self._worth, count, length)
        start, end = _trimmed(text, 0, len(text))
        if start >= end:
            return []
        if end - start <= length:
            spans = [(start, end)]
        elif not occurrences:
            spans = [(start, _beginning(text, start, length))]
        else:
            spans = _joined(_best(_windows(text, occurrences, length), self._worth, count), length)
        tokens = _tokens(occurrences)
        starts = [token[0] for token in tokens]
        return [
            Fragment(
                field,
                text[first:last],
                first,
                last,
                tuple(_merged(text, tokens[bisect_left(starts, first) : bisect_left(starts, last)])),
                cut_before=first > start,
                cut_after=last < end,
            )
            for first, last in spans
        ]

    def _find(self, text: str, field: str) -> list[_Occurrence]:
        """The occurrences in *text* of the markers that are sought in *field*, in text order."""
        sought = [number for number, marker in enumerate(self._markers) if marker.field in (None, field)]
        found = self._find_words(text) if text and sought else []
        if not any(found):
            return []
        occurrences: list[_Occurrence] = []
        for number in sought:
            words = self._numbers[number]
            if len(words) == 1:
                occurrences += [(token[0], token[1], number, (token,)) for token in found[words[0]]]
                continue
            slop = self._markers[number].slop
            if compiled.MARKING and not slop:
                occurrences += compiled.chunks.side_by_side([found[word] for word in words], number)
                continue
            for tokens in _occurrences(words, slop, found):
                occurrences.append((min(map(_start, tokens)), max(map(_end, tokens)), number, tokens))
        occurrences.sort()
        return occurrences

    def _markers_of_words(self, field: str) -> tuple[tuple[int, ...], ...]:
        """For each word, the numbers of the markers of it alone that are sought in *field*; empty if none is."""
        markers: list[list[int]] = [[] for _ in self._words]
        for number, marker in enumerate(self._markers):
            if marker.field in (None, field):
                markers[self._numbers[number][0]].append(number)
        return tuple(map(tuple, markers)) if any(markers) else ()

    def _find_words(self, text: str) -> list[list[_Token]]:
        """The tokens of *text* that fit each word; their positions are only good for phrases."""
        if self._finder is not None:
            return self._finder.words(text, len(self._words), self._has_phrases)
        found: list[list[_Token]] = [[] for _ in self._words]
        known, base = self._known, 0
        for origin, chunk in self._chunks(text):
            fits = known[chunk]
            for place in range(1, len(fits), 4):
                word, position, start, end = fits[place], fits[place + 1], fits[place + 2], fits[place + 3]
                found[word].append((origin + start, origin + end, origin, base + position))
            base += fits[0]
        return found

    def _chunks(self, text: str) -> Iterable[tuple[int, str]]:
        """The places and chunks of *text* that may fit a word, in order; for phrases, those between them as well."""
        if self._seeker is None:
            return all_chunks(text, 0, len(text))
        return self._seeker.chunks(text, between=self._has_phrases)


class _Known(dict[str, _Fits]):
    """Which words the entries of a chunk fit; worked out once for each distinct one."""

    __slots__ = ("_analyzer", "_words", "_words_of")

    def __init__(
        self, words: Sequence[WordTest], words_of: Mapping[str, tuple[int, ...]] | None, analyzer: Analyzer
    ) -> None:
        super().__init__()
        self._words = words
        self._words_of = words_of
        self._analyzer = analyzer

    def __missing__(self, chunk: str) -> _Fits:
        if len(self) >= _MOST_KNOWN:
            self.clear()
        entries, width = self._analyzer.chunk(chunk)
        fitting = self._fitting if self._words_of is None else self._words_of.get
        fits = [width]
        for form, _, position, start, end in entries:
            for number in fitting(form) or ():
                fits += number, position, start, end
        self[chunk] = known = tuple(fits)
        return known

    def _fitting(self, form: str) -> Sequence[int]:
        """The numbers of the words that a token of folded *form* counts as."""
        terms = self._analyzer.terms(form)
        return [number for number, word in enumerate(self._words) if word.accepts(form, terms)]


def _words_by_form(
    words: Iterable[WordTest], forms_of: Callable[[frozenset[str]], Iterable[str]]
) -> dict[str, tuple[int, ...]]:
    """For each form of the documents that counts as any of *words*, the numbers of those."""
    numbers: dict[str, tuple[int, ...]] = {}
    for number, word in enumerate(words):
        alone = (number,)  # one object for nearly all forms of the word
        for form in word.forms.union(forms_of(word.terms)):
            numbers[form] = numbers[form] + alone if form in numbers else alone
    return numbers


# --- Where a marker occurs --------------------------------------------------------------------------------------------


def _occurrences(words: Sequence[int], slop: int, found: Sequence[Sequence[_Token]]) -> Iterator[tuple[_Token, ...]]:
    """The tokens of each occurrence of the phrase of these *words*, numbers in *found*."""
    return _near(words, slop, found) if slop else _side_by_side([found[word] for word in words])


def _side_by_side(words: Sequence[Sequence[_Token]]) -> Iterator[tuple[_Token, ...]]:
    places = [_by_position(tokens) for tokens in words]
    for position in places[0]:
        if all(position + step in tokens for step, tokens in enumerate(places)):
            yield tuple(token for step, tokens in enumerate(places) for token in tokens[position + step])


def _by_position(tokens: Iterable[_Token]) -> dict[int, list[_Token]]:
    places: dict[int, list[_Token]] = defaultdict(list)
    for token in tokens:
        places[_position(token)].append(token)
    return places


def _near(words: Sequence[int], slop: int, found: Sequence[Sequence[_Token]]) -> Iterator[tuple[_Token, ...]]:
    """The tokens in each smallest window that has all words, if it is narrow enough.

    The window's right end moves on word by word; when nothing is missing, its left end follows until something is.
    """
    places = {word: _by_position(found[word]) for word in words}
    positions = sorted(set().union(*places.values()))
    needed, missing, left = Counter(words), len(words), 0
    for right, position in enumerate(positions):
        for word in needed:
            if position in places[word]:
                missing -= needed[word] > 0
                needed[word] -= 1
        if missing:
            continue
        while not missing:
            for word in needed:
                if positions[left] in places[word]:
                    needed[word] += 1
                    missing += needed[word] > 0
            left += 1
        if position - positions[left - 1] < len(words) + slop:
            window = positions[left - 1 : right + 1]
            yield tuple(token for place in window for tokens in places.values() for token in tokens.get(place, ()))


def _tokens(occurrences: Iterable[_Occurrence]) -> list[_Token]:
    """Each token of *occurrences* once, in text order."""
    tokens = dict.fromkeys(chain.from_iterable([tokens for *_, tokens in occurrences]))
    return sorted(tokens)  # in a dictionary they are nearly so already


def _merged(text: str, tokens: Iterable[_Token]) -> Iterator[Mark]:
    """The marks over sorted *tokens*; those of a chunk with nothing, or only a joining sign, between them share one."""
    start = end = chunk = -1
    for first, last, origin, _ in tokens:
        if origin == chunk and (first <= end or (first == end + 1 and not text[end].isalnum())):
            end = max(end, last)
            continue
        if chunk >= 0:
            yield Mark(start, end)
        start, end, chunk = first, last, origin
    if chunk >= 0:
        yield Mark(start, end)


# --- Which units become fragments -------------------------------------------------------------------------------------


class _Worth(dict[int, tuple[float, int]]):
    """What a set of markers is worth: the sum of their weights, in whatever order they came, and their number."""

    __slots__ = ("_weights",)

    def __init__(self, weights: Sequence[float]) -> None:
        super().__init__()
        self._weights = weights

    def __missing__(self, markers: int) -> tuple[float, int]:
        if len(self) >= _MOST_SETS:
            self.clear()
        present = [weight for number, weight in enumerate(self._weights) if markers >> number & 1]
        worth = self[markers] = math.fsum(present), len(present)
        return worth


def _windows(text: str, occurrences: Sequence[_Occurrence], length: int) -> list[_Window]:
    """The units of *text* that have occurrences. One that goes beyond its unit counts where it starts."""
    windows = []
    place, total = 0, len(occurrences)
    for unit, (start, end) in enumerate(_units(text, _tied(occurrences), length)):
        first, markers = place, 0
        while place < total and occurrences[place][0] < end:
            markers |= 1 << occurrences[place][2]
            place += 1
        if place > first:
            windows.append((start, end, unit, markers, place - first))
        if place == total:
            break
    return windows


def _best(windows: Sequence[_Window], worth: Mapping[int, tuple[float, int]], count: int) -> list[_Window]:
    """At most *count* windows in text order, each the one that added most to those chosen before it.

    Always taking what adds most reaches at least 63 % of the best sum there is (Nemhauser, Wolsey, Fisher 1978, on
    submodular functions).
    """
    left = list(windows)
    chosen: list[_Window] = []
    covered = 0

    def gain(window: _Window) -> tuple[float, int, int, int]:
        start, _, _, markers, occurrences = window
        return (*worth[markers & ~covered], occurrences, -start)

    while left and len(chosen) < count:
        best = max(left, key=gain)
        markers = best[3]
        is_repeat = not markers & ~covered
        if is_repeat and (covered.bit_count() > 1 or len(chosen) == _REPEATS):
            break
        left.remove(best)
        chosen.append(best)
        covered |= markers
    return sorted(chosen)


def _joined(windows: Iterable[_Window], length: int) -> list[_Span]:
    """The spans of *windows*, neighbours that fit into *length* as one."""
    spans: list[_Span] = []
    last_unit = -2
    for start, end, unit, _, _ in windows:
        if unit == last_unit + 1 and end - spans[-1][0] <= length:
            spans[-1] = spans[-1][0], end
        else:
            spans.append((start, end))
        last_unit = unit
    return spans


# --- Where a text may be cut ------------------------------------------------------------------------------------------

# The end of a sentence, with the quotes and brackets that close with it and the white space behind; or a line's end.
# A set of single characters comes first, since that is what the regular expression engine skips to fastest.
_END = re.compile(
    r"""[.!?…\n\r\u2028\u2029](?:
    (?<=[.!?…])(?<![.!?…].) (?P<signs>[.!?…]*+) [»”“’"')\]]*+ (?P<gap>\s++)
    | (?<=[\n\r\u2028\u2029]) \s*+
    )""",
    re.VERBOSE,
)
_NEXT = re.compile(r"[\W_]{0,4}(\w)")  # what the next sentence starts with, behind an opening quote, bracket or dash
_LAST_WORD = re.compile(r"[^\W_][\w.]*\Z")
_LETTERS_APART = re.compile(r"[^\W\d_](?:\.[^\W\d_])*")  # А in А. С. Пушкин, U.S, т.е
_LONGEST_ABBREVIATION = 8  # code points that are looked at before a full stop; more than any abbreviation has
_MOST_ABBREVIATIONS = 4096  # words at the end of sentences whose kind is remembered
_ENDING = frozenset({"т.д", "т.п"})  # with a capital behind them, they have ended a sentence
_BEFORE_NAMES = frozenset(
    """
    акад бул бульв гг ген гр дер доц им кн корп мкр наб напр обл оз пгт пер пл пос пр просп проф респ св см тов ул
    adm assoc brig capt cf cmdr col cpl dept dr fr gen gov hon inst lt maj messrs mr mrs ms mt pres prof rep rev sen sgt
    st univ viz vs
    """.split()
)
_BEFORE_NUMBERS = frozenset(
    """
    абз гл илл млн млрд ок пп разд рис руб ст стр табл тел тыс янв фев февр мар апр авг сен сент окт ноя нояб дек
    approx art ca ch eq fig figs no nos para pp sec tab vol jan feb mar apr jun jul aug sep sept oct nov dec
    """.split()
)
_ABBREVIATIONS = _BEFORE_NAMES | _BEFORE_NUMBERS
_LONGEST_WORD = max(map(len, _ABBREVIATIONS))
_GAP = re.compile(r"\s+")
_CLAUSE_SIGNS = frozenset(",;:—–…")
_WORD_OR_SIGN = re.compile(rf"{CHUNK.pattern}|.", re.DOTALL)
_JOINER = "\u200d"  # makes one picture of several emoji
_SKIN_TONES = frozenset("\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff")


def _units(text: str, tied: Sequence[_Span], length: int) -> Iterator[_Span]:
    """The sentences of *text*, white space aside; a longer one than *length* in pieces.

    A sentence does not end inside a *tied* span, as long as it stays short enough: a phrase is to be seen whole.
    """
    start = 0
    for end, next_end in pairwise(chain(_sentence_ends(text), (len(text), len(text)))):
        if tied and end < len(text) and next_end - start <= length and _is_inside(tied, end):
            continue
        first, last = _trimmed(text, start, end)
        if last - first > length:
            yield from _pieces(text, first, last, tied, length)
        elif first < last:
            yield first, last
        start = end


def _sentence_ends(text: str, start: int = 0) -> Iterator[int]:
    """Where the sentences of *text* end, from *start* on, before the white space behind them; but for the last one."""
    for match in _END.finditer(text, start):
        stop, end = match.span()
        gap = match.start("gap")
        if gap < 0:  # the line ends without a sign
            gap = stop
        if end - gap > 1 and (text.count("\n", gap, end) > 1 or text.count("\r", gap, end) > 1):  # an empty line
            ends = True
        else:
            following = _following(text, end)
            if following.islower():  # so does a wrapped line go on
                continue
            ends = text[stop] != "." or match["signs"] != "" or not _is_abbreviation(text, start, stop, following)
        if ends:
            start = gap
            yield start


def _following(text: str, place: int) -> str:
    """The letter or digit that what stands at *place* begins with, or nothing."""
    if (first := text[place : place + 1]).isalnum():
        return first
    match = _NEXT.match(text, place)
    return match[1] if match else ""


def _is_abbreviation(text: str, start: int, stop: int, following: str) -> bool:
    """Whether the full stop at *stop* belongs to an initial, an abbreviation or the number of a list's item."""
    before = text[max(start, stop - _LONGEST_ABBREVIATION) : stop]
    word = before[before.rfind(" ") + 1 :]
    if word.isalpha():  # in most cases; the rules below would give the same
        if len(word) > _LONGEST_WORD:
            return False
    elif stop - start <= _LONGEST_ABBREVIATION and not any(map(str.isalpha, before)):
        return True
    always, before_numbers = _abbreviates(word)
    return always or (before_numbers and following.isdigit())


@lru_cache(_MOST_ABBREVIATIONS)
def _abbreviates(word: str) -> tuple[bool, bool]:
    """Whether a full stop behind *word* belongs to it, whatever follows, and whether it does before a number."""
    last = fold(word)
    if not word.isalpha():
        found = _LAST_WORD.search(last)
        last = found.group() if found else ""
    if _LETTERS_APART.fullmatch(last):
        return last not in _ENDING, False
    return last in _BEFORE_NAMES, last in _BEFORE_NUMBERS


def _pieces(text: str, start: int, end: int, tied: Sequence[_Span], length: int) -> Iterator[_Span]:
    """The span from *start* to *end* in pieces of about the same size, none longer than *length* if words allow it."""
    while start < end:
        cut = end
        if end - start > length:
            count = math.ceil((end - start) / length)
            cut = _cut(text, start, start + math.ceil((end - start) / count), start + length, tied)
        yield start, cut
        start = cut
        while start < end and text[start].isspace():
            start += 1


def _beginning(text: str, start: int, length: int) -> int:
    """Where the beginning of *text* from *start* ends: with a sentence, if that fills half of *length*."""
    limit = start + length
    ends = list(takewhile(lambda end: end <= limit, _sentence_ends(text, start)))
    if ends and ends[-1] - start >= length // 2:
        return _trimmed(text, start, ends[-1])[1]
    return _cut(text, start, limit, limit, [])


def _cut(text: str, start: int, target: int, limit: int, tied: Sequence[_Span]) -> int:
    """The best place to cut between *start* and *limit*: outside *tied* spans, behind a clause, near *target*."""
    gaps = [match.start() for match in _GAP.finditer(text, start + 1, limit + 1)]
    if not gaps:
        return _cut_without_space(text, start, limit)
    middle = (start + target) // 2  # a clause that ends before it leaves too little

    def badness(gap: int) -> tuple[bool, bool, int]:
        ends_clause = gap >= middle and text[gap - 1] in _CLAUSE_SIGNS
        return _is_inside(tied, gap), not ends_clause, abs(gap - target)

    return min(gaps, key=badness)


def _cut_without_space(text: str, start: int, limit: int) -> int:
    """The last place up to *limit* that is in no word and before no combining mark; else the first one behind it."""
    cut = start
    for match in _WORD_OR_SIGN.finditer(text, start):
        if match.start() < cut:
            continue
        end = _behind_marks(text, match.end())
        if end > limit and cut > start:
            break
        cut = end
    return cut


def _behind_marks(text: str, place: int) -> int:
    """*place* moved behind what belongs to the character before it."""
    while place < len(text) and _belongs_to_previous(text, place):
        place += 1
    return place


def _belongs_to_previous(text: str, place: int) -> bool:
    category = unicodedata.category(text[place])
    joined = category == "So" and text[place - 1] == _JOINER
    return joined or category.startswith("M") or text[place] == _JOINER or text[place] in _SKIN_TONES


def _tied(occurrences: Iterable[_Occurrence]) -> list[_Span]:
    """The spans that those of sorted *occurrences* cover together that are more than one word."""
    spans: list[_Span] = []
    for start, end, _, tokens in occurrences:
        if len(tokens) == 1:  # without white space in it, so that no cut is tried there
            continue
        if spans and start < spans[-1][1]:
            spans[-1] = spans[-1][0], max(end, spans[-1][1])
        else:
            spans.append((start, end))
    return spans


def _is_inside(spans: Sequence[_Span], place: int) -> bool:
    before = bisect_left(spans, place, key=_start) - 1
    return before >= 0 and place < spans[before][1]


def _trimmed(text: str, start: int, end: int) -> _Span:
    """The span without white space at its ends; empty where there is nothing else."""
    part = text[start:end]
    return end - len(part.lstrip()), start + len(part.rstrip())


if compiled.MARKING:
    _CUTTER = compiled.marking.Cutter(
        (_is_abbreviation, _abbreviates, _ABBREVIATIONS, _LONGEST_ABBREVIATION, _LONGEST_WORD),
        _cut_without_space, Fragment, Mark, _REPEATS,
    )  # fmt: skip
