"""Several segments to one, without analysing anything again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from wco_search.documents import MetadataSchema
from wco_search.engine.build import Means, _form_counts, _lay_out, _sorted_postings, _table, _with_postings
from wco_search.engine.columns import concatenate_columns
from wco_search.engine.segment import FIELD_GAP, Segment, column_kinds, id_order
from wco_search.engine.strings import Array, StringTable, concatenate


@dataclass(frozen=True, slots=True)
class Part:
    """A segment and which of its documents to keep (all where `live` is None)."""

    segment: Segment
    live: Array | None = None

    def documents(self) -> Array:
        """The numbers of the documents to keep."""
        return np.arange(len(self.segment)) if self.live is None else np.flatnonzero(self.live)


def merge_segments(parts: Sequence[Part], schema: MetadataSchema, means: Means = None) -> dict[str, Array]:
    """The arrays of one segment of the kept documents of *parts*, in order; nothing is analysed again.

    Equal to what `build_segment` makes of the same documents; *means* as there.
    """
    ids = concatenate(part.segment.ids.take(part.documents()) for part in parts)
    arrays: dict[str, Array] = {
        **_table("ids", ids),
        "id_order": id_order(ids),
        **_table("titles", concatenate(part.segment.titles.take(part.documents()) for part in parts)),
        **_table("bodies", concatenate(part.segment.bodies.take(part.documents()) for part in parts)),
    }
    for name, (files, _) in column_kinds(schema).items():
        column = concatenate_columns([part.segment.columns[name].take(part.documents()) for part in parts])
        arrays |= {f"{files}.{part}": array for part, array in column.arrays().items()}
    return arrays | _with_postings(_merge_text(parts), means)


def _merge_text(parts: Sequence[Part]) -> dict[str, Array]:
    widths = [_field_widths(part) for part in parts]
    starts, _ = _lay_out(np.concatenate(widths), np.ones(sum(map(len, widths)), np.int64))
    kept = list(_kept_postings(parts, starts))
    used_forms = _used([posting.forms for posting in kept], [part.segment.forms for part in parts])
    used_terms = _used([posting.terms for posting in kept], [part.segment.terms for part in parts])
    forms, terms = StringTable.sorted_of(used_forms), StringTable.sorted_of(used_terms)
    form_maps = [_renumbering(part.segment.forms, forms) for part in parts]
    term_maps = [_renumbering(part.segment.terms, terms) for part in parts]
    term_of = np.concatenate([terms_[p.terms] for p, terms_ in zip(kept, term_maps, strict=True)])
    form_of = np.concatenate([forms_[p.forms] for p, forms_ in zip(kept, form_maps, strict=True)])
    position_of = np.concatenate([p.positions for p in kept])
    return {
        "field_starts": starts,
        **_table("forms", forms),
        **_table("terms", terms),
        **_form_terms(parts, form_maps, term_maps, len(forms)),
        "form_counts": _form_counts(form_of, position_of, len(forms)),
        **_sorted_postings(term_of, position_of, form_of, len(terms)),
    }


@dataclass(frozen=True, slots=True)
class _Postings:
    """Postings of kept documents, with the numbers of their old segment but positions of the new one."""

    terms: Array
    positions: Array
    forms: Array


def _field_widths(part: Part) -> Array:
    """Positions that each kept field takes, without the gap behind it."""
    widths = np.diff(part.segment.field_starts) - FIELD_GAP
    documents = part.documents()
    kept: Array = widths[np.stack([2 * documents, 2 * documents + 1], axis=1).ravel()]
    return kept


def _kept_postings(parts: Sequence[Part], starts: Array) -> Iterable[_Postings]:
    first = 0
    for part in parts:
        segment, documents = part.segment, part.documents()
        new_field = np.full(2 * len(segment), -1, np.int64)
        new_field[2 * documents] = first + 2 * np.arange(len(documents))
        new_field[2 * documents + 1] = new_field[2 * documents] + 1
        first += 2 * len(documents)
        fields = segment.fields_of(segment.positions)
        kept = np.flatnonzero(new_field[fields] >= 0)
        fields = fields[kept]
        shift = starts[new_field[fields]] - segment.field_starts[fields]
        terms = np.repeat(np.arange(len(segment.terms)), np.diff(segment.term_offsets))
        yield _Postings(
            terms[kept], segment.positions[kept].astype(np.int64) + shift, segment.position_forms[kept].astype(np.int64)
        )


def _used(numbers: Sequence[Array], tables: Sequence[StringTable]) -> set[str]:
    return {string for used, table in zip(numbers, tables, strict=True) for string in table.take(np.unique(used))}


def _renumbering(old: StringTable, new: StringTable) -> Array:
    """For each number of *old* its number in *new*, -1 where it has gone."""
    numbers = {string: number for number, string in enumerate(new)}
    return np.fromiter((numbers.get(string, -1) for string in old), np.int64, len(old))


def _form_terms(
    parts: Sequence[Part], form_maps: Sequence[Array], term_maps: Sequence[Array], forms: int
) -> dict[str, Array]:
    terms_of: list[Sequence[int]] = [()] * forms
    for part, form_map, term_map in zip(parts, form_maps, term_maps, strict=True):
        offsets = part.segment.form_term_offsets.tolist()
        old_terms = term_map[part.segment.form_terms].tolist()
        for old, new in enumerate(form_map.tolist()):
            if new >= 0:
                terms_of[new] = old_terms[offsets[old] : offsets[old + 1]]
    flat = np.array([term for several in terms_of for term in several], np.uint32)
    offsets_new = np.concatenate([[0], np.cumsum([len(several) for several in terms_of])]).astype(np.int64)
    return {"form_term_offsets": offsets_new, "form_terms": flat}
