"""The query that leads from a value which was counted to its documents."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial

from wco_search.documents import MetadataValue, plain_value
from wco_search.query import ExactQuery
from wco_search.query.syntax import WEEKDAY


@lru_cache(maxsize=64)  # the fields of a program
def query_for(name: str) -> Callable[[MetadataValue], str]:
    """What writes the query for a value of a field that was counted; see `FacetCount.query`.

    Example:
        >>> query_for("source")("Reuters"), query_for("date.month")("2020-10"), query_for("date.weekday")(5)
        ('source:="Reuters"', 'date:="2020-10"', 'date.weekday:="5"')
    """
    field, _, part = name.partition(".")
    return partial(_query, name if part == WEEKDAY else field)


def _query(field: str, value: MetadataValue) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(plain_value(value))
    return ExactQuery(text, field).to_text()
