"""What is indexed: `Document`, one article, and the typed metadata fields that an index may add to it."""

from __future__ import annotations

import datetime as dt
import hashlib
import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from wco_search.compiled import filled
from wco_search.errors import InvalidDocumentError
from wco_search.text import language_of

MetadataValue = str | int | float | bool | dt.date | Sequence[str]
FieldKind = Literal["keyword", "integer", "float", "boolean", "date", "keywords"]

KINDS: Mapping[type, FieldKind] = {
    str: "keyword",
    int: "integer",
    float: "float",
    bool: "boolean",
    dt.date: "date",
    list: "keywords",
}
"""How the types that `Index.create(metadata=...)` takes are called in the index."""

RESERVED = frozenset({"id", "title", "date", "body", "url", "source", "language", "metadata", "дата"})
"""Names of a document's own fields, which metadata may not take."""

_NAME = re.compile(r"[^\W\d]\w{0,63}")
_INT64 = range(-(2**63), 2**63)
_TRUTH = {"true": True, "yes": True, "1": True, "да": True, "false": False, "no": False, "0": False, "нет": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One article of an archive. Only `body` is required.

    Attributes:
        body: The text.
        title: The headline, or empty.
        date: The calendar day of publication, without a time zone.
        id: Names the document for ever: adding another one with the same id replaces it. Made from `url` where that is
            given, else from the date and the text, so that reading the same page twice adds nothing.
        url: Where it was published.
        source: Who published it.
        language: An ISO 639-1 code; `ru` or `en` by the letters of the text where none is given.
        metadata: Values of the index's own fields (`Index.create(metadata=...)`).

    Raises:
        InvalidDocumentError: A field has a value of the wrong type, or there is no text at all.

    Example:
        >>> from datetime import date
        >>> document = Document(body="Spanish Customs stopped fossils.", date=date(2020, 10, 9))
        >>> document.id, document.language
        ('2f8fc476a0bfe86eb4fe19f873b2c13f', 'en')
    """

    body: str
    title: str = ""
    date: dt.date | None = None
    id: str = ""
    url: str | None = None
    source: str | None = None
    language: str | None = None
    metadata: Mapping[str, MetadataValue] = field(default_factory=dict, hash=False)
    _read: Callable[[str], Mapping[str, Any]] | None = field(default=None, init=False, repr=False, compare=False)

    @classmethod
    def stored(cls, document_id: str, read: Callable[[str], Mapping[str, Any]]) -> Document:
        """A document of an index: its other fields are read when they are first asked for.

        Args:
            document_id: Its id.
            read: Gives the field of a name, with those that are read with it at no cost.
        """
        return cls.all_stored([(document_id, read)])[0]

    @classmethod
    def all_stored(cls, ids: Iterable[tuple[str, Callable[[str], Mapping[str, Any]]]]) -> list[Document]:
        """Documents of an index by their ids, each with what reads it; see `stored`."""
        return filled(cls, ("id", "_read"), ids)

    def __getattr__(self, name: str) -> Any:
        """Read a field of a stored document; of another one, every field is there and nothing comes here."""
        if name.startswith("_") or name not in self.__dataclass_fields__ or self._read is None:
            raise AttributeError(f"a Document has no {name!r}")
        values = self._read(name)
        for known, value in values.items():
            object.__setattr__(self, known, value)
        return values[name]

    def __reduce__(self) -> tuple[Callable[..., Document], tuple[Mapping[str, Any]]]:
        """For pickle and copy: the fields, without what they are read from."""
        return _with_fields, ({name: getattr(self, name) for name in _FIELDS},)

    def __post_init__(self) -> None:
        self._check_text()
        self._check_rest()
        fill = object.__setattr__  # the dataclass is frozen; missing values are filled once, here
        if isinstance(self.date, dt.datetime):
            fill(self, "date", self.date.date())
        fill(self, "metadata", {name: _frozen(value) for name, value in self.metadata.items()})
        if not self.id:
            fill(self, "id", self._derive_id())
        if self.language is None:
            fill(self, "language", language_of(f"{self.title} {self.body}"))

    def _check_text(self) -> None:
        for name in ("body", "title", "id", "url", "source", "language"):
            value = getattr(self, name)
            if value is None and name in ("url", "source", "language"):
                continue
            if not isinstance(value, str):
                raise InvalidDocumentError(_named(self.id), name, f"must be a string, not {type(value).__name__}")
            if value.isascii():  # known of a string without reading it
                continue
            try:
                value.encode()
            except UnicodeEncodeError as error:
                reason = f"character {error.start} is half of a surrogate pair, which no text file can hold"
                raise InvalidDocumentError(_named(self.id), name, reason) from error
        if (not self.body or self.body.isspace()) and (not self.title or self.title.isspace()):
            raise InvalidDocumentError(
                _named(self.id), "body", "is empty, and so is the title: there is nothing to index"
            )

    def _check_rest(self) -> None:
        if self.date is not None and not isinstance(self.date, dt.date):
            reason = f"must be a datetime.date, not {type(self.date).__name__}; use date.fromisoformat for a string"
            raise InvalidDocumentError(_named(self.id), "date", reason)
        if not isinstance(self.metadata, Mapping):
            reason = f"must be a mapping, not {type(self.metadata).__name__}"
            raise InvalidDocumentError(_named(self.id), "metadata", reason)

    def _derive_id(self) -> str:
        """128 bits of BLAKE2: two articles share an id by accident with odds of 10^-20 in an archive of a billion."""
        if self.url:
            content = ["url", self.url]
        else:
            day = self.date.isoformat() if self.date else ""
            content = ["text", day, _squeezed(self.title), _squeezed(self.body)]
        return hashlib.blake2b("\0".join(content).encode(), digest_size=16).hexdigest()

    def to_dict(self) -> dict[str, Any]:
        """The document as plain JSON values, empty fields left out.

        Example:
            >>> Document(id="1", body="Гвинея ввела единое окно.").to_dict()
            {'id': '1', 'body': 'Гвинея ввела единое окно.', 'language': 'ru'}
        """
        plain = {
            "id": self.id,
            "title": self.title,
            "date": self.date.isoformat() if self.date else None,
            "body": self.body,
            "url": self.url,
            "source": self.source,
            "language": self.language,
            "metadata": {name: plain_value(value) for name, value in self.metadata.items()},
        }
        return {name: value for name, value in plain.items() if value}


_FIELDS = ("id", "title", "date", "body", "url", "source", "language", "metadata")


def _with_fields(fields: Mapping[str, Any]) -> Document:
    return Document(**fields)


def _frozen(value: MetadataValue) -> MetadataValue:
    return tuple(value) if isinstance(value, list) else value


def plain_value(value: MetadataValue | None) -> Any:
    """A metadata value as JSON can hold it: dates in ISO 8601, sequences as lists.

    Example:
        >>> plain_value(dt.date(2020, 10, 9))
        '2020-10-09'
    """
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Sequence) and not isinstance(value, str):
        return list(value)
    return value


@dataclass(frozen=True, slots=True)
class MetadataSchema:
    """The typed fields that an index adds to the document's own.

    Attributes:
        kinds: The kind of each field, by name.

    Example:
        >>> schema = MetadataSchema.of({"section": str, "views": int, "tags": list})
        >>> schema.coerce("views", "12", document_id="a")
        12
    """

    kinds: Mapping[str, FieldKind]

    @classmethod
    def of(cls, types: Mapping[str, type]) -> MetadataSchema:
        """The schema of `Index.create(metadata={"section": str, ...})`.

        Raises:
            TypeError: A type is none of str, int, float, bool, datetime.date, list.
            ValueError: A name is not an identifier, or is one of a document's own fields.
        """
        kinds: dict[str, FieldKind] = {}
        for name, kind in types.items():
            if not _NAME.fullmatch(name):
                raise ValueError(
                    f"metadata name {name!r}: must be letters, digits and _, at most 64, not a digit first"
                )
            if name.casefold() in RESERVED:
                raise ValueError(f"metadata name {name!r}: that is a field of every document already")
            if kind not in KINDS:
                raise TypeError(f"metadata {name!r}: {kind!r} is none of str, int, float, bool, datetime.date, list")
            kinds[name] = KINDS[kind]
        return cls(kinds)

    def coerce(self, name: str, value: object, *, document_id: str | None) -> MetadataValue | None:
        """*value* as the field's kind wants it; text that reads as that kind is taken (a CSV file has nothing else).

        Raises:
            InvalidDocumentError: *value* is not of the field's kind.
        """
        if value is None or (value == "" and self.kinds[name] != "keyword"):
            return None
        kind = self.kinds[name]
        try:
            return _COERCIONS[kind](plain_number(value))
        except (ValueError, TypeError, OverflowError) as error:
            raise InvalidDocumentError(document_id, name, f"{_shown(value)} is not a value of kind {kind}") from error


def plain_number(value: Any) -> Any:
    """A number of NumPy, as data frames hold them, as that of Python; anything else as it is.

    Example:
        >>> import numpy as np
        >>> plain_number(np.int64(3)), plain_number(np.True_), plain_number("3")
        (3, True, '3')
    """
    return value.item() if getattr(value, "ndim", None) == 0 else value


def _to_keyword(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    value.encode()  # a lone surrogate raises UnicodeEncodeError, a ValueError
    return value


def _to_integer(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise TypeError
    number = int(value)
    if number not in _INT64:
        raise OverflowError
    return number


def _to_float(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise TypeError
    number = float(value)
    if math.isnan(number):
        raise ValueError("NaN has no place in an order")
    return number


def _to_boolean(value: object) -> bool:
    if isinstance(value, bool):
        return value
    if not isinstance(value, str):
        raise TypeError
    if value.casefold() not in _TRUTH:
        raise ValueError
    return _TRUTH[value.casefold()]


def _to_date(value: object) -> dt.date:
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    if not isinstance(value, str):
        raise TypeError
    return dt.date.fromisoformat(value)


def _to_keywords(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        value = [part.strip() for part in value.split(",") if part.strip()]
    if not isinstance(value, Sequence):
        raise TypeError
    return tuple(_to_keyword(item) for item in value)


_COERCIONS: Mapping[FieldKind, Callable[[object], MetadataValue]] = {
    "keyword": _to_keyword,
    "integer": _to_integer,
    "float": _to_float,
    "boolean": _to_boolean,
    "date": _to_date,
    "keywords": _to_keywords,
}


def _squeezed(text: str) -> str:
    """*text* without its accidents, so that the same words wrapped otherwise keep their id."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def _named(document_id: object) -> str | None:
    return document_id if isinstance(document_id, str) and document_id else None


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."  # an error message is read on one line
