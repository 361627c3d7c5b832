"""What one search was given, understood: query and filter to plans, with dates, layouts and languages taken in.

text --parse--> tree --compile--> plan          with dates among the words, seen from today
 |                                              with renderings in the other language
 '--> on the other keyboard layout, where words are unknown as typed
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from wco_search.analysis import Analyzer
from wco_search.analysis.stemming import TELLING_STEM
from wco_search.dates import may_hold_date
from wco_search.documents import MetadataValue, plain_number
from wco_search.engine.compile import TEXT_SCOPES, Compiled, compile_plain, compile_query, compile_values
from wco_search.engine.crossing import Crossing
from wco_search.engine.snapshot import Snapshot
from wco_search.engine.spelling import Speller
from wco_search.engine.synonymy import Synonymy
from wco_search.engine.value_tests import Values, known_fields
from wco_search.languages import corrected, dictionary, trigram_score
from wco_search.query import AndQuery, OrQuery, ParsedQuery, Query, RangeQuery, WordQuery, leaves, parse, plain_query
from wco_search.query.tree import MAX_LEVELS, levels_of
from wco_search.results import Interpretation
from wco_search.text import fold
from wco_search.timeline import no_query

if TYPE_CHECKING:
    from wco_search.engine.whoosh_search import WhooshQuery

Switch = Literal["auto", "off"]
"""Whether something is done where it is unmistakable, or never."""

FilterValue = MetadataValue | None
Filter = str | Query | Mapping[str, "FilterValue | tuple[FilterValue, FilterValue] | list[FilterValue]"]
"""What `Index.search(filter=...)` takes."""


_FOUND_OTHERWISE = frozenset({"letters", "synonym"})  # words so understood are right as typed


class Understood(NamedTuple):  # made at every search, as what is compiled
    """A query as it was understood.

    Attributes:
        text: The query in the query language.
        compiled: Its plan.
        warnings: What in the text could not be read as meant.
    """

    text: str
    compiled: Compiled
    warnings: tuple[str, ...] = ()


@dataclass(slots=True)  # not frozen: it is made at every search, which takes three times as long then
class Understanding:
    """How the query and the filter of one search are to be understood.

    Attributes:
        snapshot: What is searched.
        analyzer: What analysed it.
        crossing: Renders words in the other language; None leaves them as typed.
        synonymy: Finds synonyms of words, to be searched beside them.
        today: The day that "yesterday" is before.
        dates: Whether dates among the words narrow the search to days.
        layout: Whether a query on the wrong keyboard layout is read on the other one.
        is_standing: Whether the query is asked of documents as they come: then a date stays one where there is no
            document of it.
        values: What tests values; None where the columns of the snapshot do.
        taken: Words of the texts so far that were taken for dates.
    """

    snapshot: Snapshot
    analyzer: Analyzer
    crossing: Crossing | None
    synonymy: Synonymy | None
    today: dt.date
    dates: Switch
    layout: Switch
    is_standing: bool = False
    values: Values | None = None
    taken: list[str] = field(default_factory=list)

    def query(self, query: str | Query | WhooshQuery, *, strict: bool) -> Understood:
        """A query of any kind.

        Raises:
            QuerySyntaxError: Under *strict*, its text is not well formed.
            UnknownFieldError: A tree names a field that the index lacks.
        """
        if isinstance(query, str):
            found = self._text(query, strict=strict)
            return self._on_other_layout(found) if found.compiled.unknown and self.layout == "auto" else found
        if isinstance(query, Query):
            return Understood(query.to_text(), self._compiled(query, typed=""))
        from wco_search.engine.whoosh_search import compile_whoosh  # .1 s: it imports Whoosh

        compiled = compile_whoosh(query, self.snapshot)  # first: a tree too deep to be written is told so here
        return Understood(str(query), compiled)

    def suggestion(self, understood: Understood) -> str | None:
        """What query text should perhaps have been: its plain words spelt as the index spells them.

        Or, where only some words seem to be typed on the other keyboard layout, with these on that. What is quoted, a
        pattern or a value stays, as does a query that was read on the other layout, or a word in the other alphabet.
        """
        told = understood.compiled.interpretation
        if any(part.kind == "layout" for part in told):
            return None
        text = understood.text
        found_so = {fold(part.text) for part in told if part.kind in _FOUND_OTHERWISE}
        known = _Known(self.snapshot, self.analyzer)
        if understood.compiled.unknown and self.layout == "auto" and (swap := corrected(text, known, trigram_score())):
            return swap.text
        in_dictionary = dictionary()
        speller = Speller(self.snapshot, self.analyzer, lambda form: form in found_so or in_dictionary(form))
        parsed = parse(text, fields=known_fields(self.snapshot), dates=self._takes_dates)
        words = [leaf for leaf in leaves(parsed.query) if isinstance(leaf, WordQuery) and leaf.field in TEXT_SCOPES]
        found = text
        for leaf in sorted(words, key=lambda leaf: -leaf.span[0]):  # from the end, so that spans stay right
            start = text.find(leaf.text, leaf.span[0] + len(leaf.field or ""), leaf.span[1])
            if start >= 0 and (meant := speller.corrected(leaf.text)) is not None:
                found = f"{found[:start]}{meant}{found[start + len(leaf.text) :]}"
        return None if found == text else found

    def filter(self, restriction: Filter) -> Compiled:
        """The plan of a filter; its text must be well formed, since no hit shows what a filter left out.

        Raises:
            FilterValueError: It asks a field for what it cannot have.
            QuerySyntaxError: It is not well formed.
            TypeError: It is no filter.
            UnknownFieldError: It names a field that the index lacks.
        """
        if isinstance(restriction, str):
            return self._compiled_filter(self._parsed(restriction, strict=True).query, typed=restriction)
        if isinstance(restriction, Query):
            return self._compiled_filter(restriction)
        if not isinstance(restriction, Mapping):
            kind = type(restriction).__name__
            raise TypeError(f"a filter is text, a parsed query or a mapping of fields to values, not {kind}")
        for name in restriction:
            if not isinstance(name, str):
                raise TypeError(f"a filter names fields by text, as {{'source': 'WCO'}}, not by {name!r}")
        quick = compile_values(restriction, self.snapshot) if self.values is None else None
        return self._compiled_filter(_filter_query(restriction)) if quick is None else quick

    def narrower(
        self, query: str | Query | WhooshQuery, understood: Understood
    ) -> Callable[[dt.date, dt.date], str | None]:
        """What writes *query*, which was *understood* so, restricted to some days; a query of Whoosh has no text, and
        one as deep as a query may be has no room for another level.
        """
        mentioning = ""
        if isinstance(query, str):
            meant = [part.meaning for part in understood.compiled.interpretation if part.kind == "layout"]
            parsed = self._parsed(meant[0] if meant else query, strict=False)
            query, mentioning = parsed.query, f"({parsed.text}) AND " if parsed.dates else ""
        tree = query
        if not isinstance(tree, Query) or levels_of(tree) == MAX_LEVELS:
            return no_query
        days = RangeQuery("date", "2000-01-01", "2000-12-31")
        narrowed = AndQuery((tree, days)).to_text()
        before = narrowed.removesuffix(days.to_text())
        if mentioning and self._means_alike(narrowed, mentioning + days.to_text()):
            before = mentioning  # a date as typed: written as a value, it leaves out what only speaks of it
        return partial(_within, before)

    def _means_alike(self, *texts: str) -> bool:
        one, other = (self._parsed(text, strict=False) for text in texts)
        return one.query.to_text() == other.query.to_text() and not other.warnings

    def _text(self, text: str, *, strict: bool) -> Understood:
        plain = plain_query(text)
        if plain is not None and plain.joined != "prefix" and not self._may_hold_date(text):
            return Understood(text, compile_plain(plain, self.snapshot, self.analyzer, self.crossing, self.synonymy))
        parsed = self._parsed(text, strict=strict)
        warnings = tuple(warning.message for warning in parsed.warnings)
        compiled = self._compiled(parsed.query, typed=text, mentioned=parsed.dates, is_strict=strict)
        return Understood(text, compiled, warnings)

    def _may_hold_date(self, text: str) -> bool:
        return self._takes_dates and may_hold_date(text)

    @property
    def _takes_dates(self) -> bool:
        """Whether dates among the words mean days: in an archive without any dated document they are words."""
        return self.dates == "auto" and (self.is_standing or self.snapshot.has_dates)

    def _parsed(self, text: str, *, strict: bool) -> ParsedQuery:
        parsed = parse(text, fields=known_fields(self.snapshot), strict=strict, dates=self._takes_dates)
        self.taken.extend(text[slice(*span)] for span in parsed.dates)
        return parsed

    def _compiled(
        self, query: Query, *, typed: str, mentioned: Sequence[tuple[int, int]] = (), is_strict: bool = False
    ) -> Compiled:
        """The plan of a query, which is sought in other words too."""
        return compile_query(
            query, self.snapshot, self.analyzer, self.crossing, self.synonymy,
            today=self.today, typed=typed, mentioned=mentioned, is_standing=self.is_standing, values=self.values,
            is_strict=is_strict,
        )  # fmt: skip

    def _compiled_filter(self, query: Query, *, typed: str = "") -> Compiled:
        """The plan of a filter, whose words mean what is typed."""
        return compile_query(
            query, self.snapshot, self.analyzer,
            today=self.today, typed=typed, is_standing=self.is_standing, values=self.values, is_filter=True,
        )  # fmt: skip

    def _on_other_layout(self, typed: Understood) -> Understood:
        """What the text means if it was typed on the other keyboard layout; as it was, if it was not."""
        correction = corrected(typed.text, _Known(self.snapshot, self.analyzer), trigram_score())
        if correction is None or not correction.is_certain:
            return typed
        meant = self._text(correction.text, strict=False)
        told = Interpretation("layout", typed.text, correction.text)
        interpretation = (told, *meant.compiled.interpretation)
        return meant._replace(text=typed.text, compiled=meant.compiled._replace(interpretation=interpretation))


class _Known:
    """Whether a folded form is a word of the index, in any form, or of a dictionary."""

    def __init__(self, snapshot: Snapshot, analyzer: Analyzer) -> None:
        self._snapshot = snapshot
        self._terms = snapshot.knowing(analyzer).terms
        self._dictionary = dictionary()

    def __call__(self, form: str) -> bool:
        snapshot = self._snapshot
        if snapshot.has_form(form) or self._dictionary(form):
            return True
        return any(len(term) >= TELLING_STEM and snapshot.has_term(term) for term in self._terms(form))


def _filter_query(values: Mapping[str, Any]) -> Query:
    """The query that a mapping of fields to values, lists and ranges means."""
    clauses: list[Query] = []
    for name, value in values.items():
        if isinstance(value, tuple):
            if len(value) != 2:
                raise ValueError(f"a range of {name} is (from, to), with None for an open end, not {value!r}")
            low, high = (None if end is None else _as_text(end) for end in value)
            clauses.append(RangeQuery(name, low, high))
        elif isinstance(value, list):
            clauses.append(OrQuery(tuple(WordQuery(_as_text(one), name) for one in value)))
        else:
            clauses.append(WordQuery(_as_text(value), name))
    return AndQuery(tuple(clauses))


def _as_text(value: object) -> str:
    value = plain_number(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.date):
        return value.isoformat()
    if not isinstance(value, str | int | float):
        raise TypeError(f"a filter compares a field with text, a number, a day or true or false, not {value!r}")
    return str(value)


def _within(before: str, start: dt.date, end: dt.date) -> str:
    """A query that *before* begins, restricted to some days."""
    return f"{before}date:[{start} TO {end}]"
