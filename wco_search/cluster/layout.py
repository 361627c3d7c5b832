"""How documents and words are laid out in an index of OpenSearch.

    document.*                  the document as it was added, in `_source`, not indexed
    title_terms  body_terms     its words by their terms:  таможня -> тамож
    title_forms  body_forms     its words as written, folded
    title_length body_length    how many words each has; none where it is empty
    raw.* folded.* first.*      keywords as written, folded, and the folded first one of several, to sort by
    values.*                    dates, numbers, yes and no
    countries                   ISO codes of the countries that it names
    people  organisations       those that it names (`wco_search.languages.entities`)
    order                       ascends in the order in which documents were added
    digest                      what tells a changed document from an unchanged one

A text is analysed here, never by the cluster: it is sent as one string, a group of tokens for every position with a
blank between groups and `|` between the tokens of one, and the cluster only cuts it there. So there is one analyzer,
and a position is what it is in an index of our own.

The words of all documents stand in a second index, `NAME-words`, a document for each batch that was added: what
patterns, misspellings, names by sound and completions are sought among. It is read when an index is opened.

The score is that of `wco_search.engine.score`: a scripted similarity gives `tf / (tf + K)`, of the same byte for the
length of a field, and the query multiplies it by weight and idf. Mean lengths are numbers in that script.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from wco_search.analysis import Analyzer
from wco_search.documents import Document, FieldKind, MetadataSchema, plain_value
from wco_search.engine.entities import ENTITIES
from wco_search.engine.score import K1, B
from wco_search.engine.segment import OWN_COLUMNS
from wco_search.errors import InvalidDocumentError
from wco_search.text import fold

FORMAT: Final = 2
"""Number of this layout; an index of another is not opened."""

SEPARATOR: Final = "|"  # stands in no form and no term, which are of letters, digits, - and '
LONGEST_KEYWORD: Final = (
    8191  # characters that are indexed: Lucene holds 32,766 bytes, and a character takes up to four
)
_LONGEST_ID: Final = 512  # bytes, what OpenSearch allows
_LONGEST_GROUP: Final = 100_000  # characters of one position with all its tokens: more than the tokenizer ever gives
_TYPES: Final[Mapping[FieldKind, str]] = {"integer": "long", "float": "double", "boolean": "boolean", "date": "date"}

Json = dict[str, Any]


def columns_of(schema: MetadataSchema) -> dict[str, FieldKind]:
    """The kind of every field but id, title and body."""
    return {**OWN_COLUMNS, **schema.kinds}


def is_keyword(kind: FieldKind) -> bool:
    """Whether a field of that kind holds words, and not numbers."""
    return kind in ("keyword", "keywords")


def similarities(means: Mapping[str, float]) -> Json:
    """The similarity of each text, for these mean lengths."""
    return {
        f"wco_{field}": {"type": "scripted", "script": {"source": _saturation(*flat_and_slope(field, means))}}
        for field in ("title", "body")
    }


def flat_and_slope(field: str, means: Mapping[str, float]) -> tuple[float, float]:
    """K of a text is the first number and the second times its length, where mean lengths are *means*."""
    return K1 * (1 - B), K1 * B / means.get(f"mean_{field}_length", 1.0)


def _saturation(flat: float, slope: float) -> str:
    return f"return query.boost * doc.freq / (doc.freq + {flat!r} + {slope!r} * doc.length);"


def settings(*, shards: int, replicas: int, means: Mapping[str, float]) -> Json:
    """The settings of an index of documents."""
    return {
        "index": {
            "number_of_shards": shards,
            "number_of_replicas": replicas,
            "similarity": similarities(means),
            "analysis": {
                "tokenizer": {"groups": {"type": "whitespace", "max_token_length": _LONGEST_GROUP}},
                "filter": {
                    "tokens": {"type": "pattern_capture", "preserve_original": False, "patterns": [r"([^|]+)"]},
                },
                "analyzer": {"groups": {"tokenizer": "groups", "filter": ["tokens"]}},
            },
        }
    }


def mapping(schema: MetadataSchema, meta: Json) -> Json:
    """The mapping of an index of documents; *meta* tells how they were analysed."""
    keyword = {"type": "keyword", "ignore_above": LONGEST_KEYWORD}
    words = [name for name, kind in columns_of(schema).items() if is_keyword(kind)]
    numbers = {name: kind for name, kind in columns_of(schema).items() if not is_keyword(kind)}
    return {
        "dynamic": "strict",
        "_meta": meta,
        "_source": {"includes": ["document", "digest"]},
        "properties": {
            "document": {"type": "object", "enabled": False},
            "id": {"type": "keyword", "ignore_above": LONGEST_KEYWORD},
            "order": {"type": "long"},
            "digest": {"type": "keyword", "index": False},
            **dict.fromkeys(("countries", *ENTITIES), keyword),
            **{f"{field}_length": {"type": "integer"} for field in ("title", "body")},
            **{f"{field}_{what}": _text(field) for field in ("title", "body") for what in ("terms", "forms")},
            **{group: {"properties": dict.fromkeys(words, keyword)} for group in ("raw", "folded", "first")},
            "values": {"properties": {name: _number(kind) for name, kind in numbers.items()}},
        },
    }


def _text(field: str) -> Json:
    return {"type": "text", "analyzer": "groups", "similarity": f"wco_{field}", "index_options": "positions"}


def _number(kind: FieldKind) -> Json:
    return {"type": "date", "format": "strict_date||epoch_millis"} if kind == "date" else {"type": _TYPES[kind]}


WORDS_SETTINGS: Final[Json] = {"index": {"number_of_shards": 1}}
WORDS_MAPPING: Final[Json] = {
    "dynamic": "strict",
    "properties": {
        "order": {"type": "long"},
        "name": {"type": "keyword"},
        "words": {"type": "object", "enabled": False},
        "replaces": {"type": "keyword", "index": False},
    },
}


def path_of(index: str, what: str = "") -> str:
    """The path of a request to an index.

    Example:
        >>> path_of("новости", "_search")
        '/%D0%BD%D0%BE%D0%B2%D0%BE%D1%81%D1%82%D0%B8/_search'
    """
    return f"/{quote(index, safe='')}/{what}".rstrip("/")


def key_of(document_id: str) -> str:
    """What OpenSearch calls a document: its id, or a hash of one that is too long.

    Example:
        >>> key_of("wco-2020-10-30"), len(key_of("ы" * 300))
        ('wco-2020-10-30', 66)
    """
    if len(document_id.encode()) <= _LONGEST_ID:
        return document_id
    return f"#:{hashlib.blake2b(document_id.encode(), digest_size=32).hexdigest()}"


def to_source(
    document: Document, analyzer: Analyzer, schema: MetadataSchema, order: int, countries: Iterable[str]
) -> Json:
    """A document as it is sent.

    Raises:
        InvalidDocumentError: A number is infinite, which JSON cannot hold.
    """
    stored = to_stored(document)
    source: Json = {
        "document": stored,
        "id": document.id,
        "order": order,
        "digest": digest_of(stored),
        "countries": list(countries),
        **{name: list(dict.fromkeys([*find(document.title), *find(document.body)])) for name, find in ENTITIES.items()},
    }
    for field in ("title", "body"):
        source |= _words(field, getattr(document, field), analyzer)
    groups: dict[str, Json] = {"raw": {}, "folded": {}, "first": {}, "values": {}}
    for name, kind in columns_of(schema).items():
        value = getattr(document, name) if name in OWN_COLUMNS else document.metadata.get(name)
        if value is None:
            continue
        if is_keyword(kind):
            assert isinstance(value, Sequence)
            words = [value] if isinstance(value, str) else list(value)
            folded = list(map(fold, words))
            groups["raw"][name], groups["folded"][name], groups["first"][name] = words, folded, folded[:1]
        elif isinstance(value, float) and math.isinf(value):
            raise InvalidDocumentError(document.id, name, "is infinite, which a cluster cannot keep")
        else:
            groups["values"][name] = plain_value(value)
    return source | groups


def _words(field: str, text: str, analyzer: Analyzer) -> Json:
    forms: list[dict[str, None]] = []
    terms: list[dict[str, None]] = []
    for token in analyzer.tokens(text):
        while len(forms) <= token.position:
            forms.append({})
            terms.append({})
        forms[token.position][token.form] = None
        terms[token.position].update(dict.fromkeys(token.terms))
    if not forms:
        return {}
    return {
        f"{field}_length": len(forms),
        f"{field}_forms": " ".join(map(SEPARATOR.join, forms)),
        f"{field}_terms": " ".join(map(SEPARATOR.join, terms)),
    }


def to_stored(document: Document) -> Json:
    """All fields of a document as plain JSON values."""
    return {
        "id": document.id,
        "title": document.title,
        "body": document.body,
        "date": plain_value(document.date),
        "url": document.url,
        "source": document.source,
        "language": document.language,
        "metadata": {name: plain_value(value) for name, value in document.metadata.items()},
    }


def digest_of(stored: Json) -> str:
    """What two documents share only if they are equal."""
    text = json.dumps(stored, ensure_ascii=False, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def to_document(stored: Mapping[str, Any], schema: MetadataSchema) -> Document:
    """The document that `to_stored` gave."""
    return Document.stored(stored["id"], lambda _: _fields(stored, schema))


def _fields(stored: Mapping[str, Any], schema: MetadataSchema) -> Json:
    """All fields: that costs no more than one."""
    date = None if stored["date"] is None else dt.date.fromisoformat(stored["date"])
    metadata = {name: schema.coerce(name, value, document_id=None) for name, value in stored["metadata"].items()}
    return {**stored, "date": date, "metadata": metadata}
