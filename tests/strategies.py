"""Hypothesis strategies: small bilingual texts in which words meet again and again."""

from __future__ import annotations

import datetime as dt

from hypothesis import strategies as st

from wco_search.documents import Document, MetadataValue

WORDS = (
    "таможня таможни контрабанда контрабанды стали сталь ёлка окаменелости и в не the of customs fossils fossil "
    "smuggling smuggled COVID-19 HSC/66 Asia/Pacific 19 66 2020 WhatsApp онлайн-семинар пошлина"
).split()

words = st.sampled_from(WORDS)
texts = st.lists(words, max_size=12).map(" ".join)
days = st.dates(dt.date(2019, 12, 30), dt.date(2020, 3, 2))
SCHEMA_TYPES: dict[str, type] = {
    "section": str,
    "views": int,
    "rate": float,
    "urgent": bool,
    "seen": dt.date,
    "tags": list,
}
metadata: st.SearchStrategy[dict[str, MetadataValue]] = st.fixed_dictionaries(
    {},
    optional={
        "section": st.sampled_from(["trade", "Право", "ёлки"]),
        "views": st.integers(-(2**63), 2**63 - 1) | st.integers(0, 5),
        "rate": st.floats(allow_nan=False),
        "urgent": st.booleans(),
        "seen": days,
        "tags": st.lists(st.sampled_from(["a", "b", "Б"]), min_size=1, max_size=3).map(tuple),
    },
)


@st.composite
def document(draw: st.DrawFn, ids: st.SearchStrategy[str] | None = None) -> Document:
    """A document of repeated words; *ids* limits its id."""
    return Document(
        id=draw(ids) if ids is not None else "",
        title=draw(texts),
        body=draw(texts) or "пусто",
        date=draw(st.none() | days),
        source=draw(st.sampled_from([None, "Reuters", "ТАСС"])),
        metadata=draw(metadata),
    )


@st.composite
def archives(draw: st.DrawFn, max_size: int = 8) -> list[Document]:
    """Some documents with distinct ids."""
    made = draw(st.lists(document(), max_size=max_size))
    return [
        Document(**{name: getattr(d, name) for name in ("title", "body", "date", "source", "metadata")}, id=f"d{n}")
        for n, d in enumerate(made)
    ]
