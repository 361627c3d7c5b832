"""What is told about a query: faults, which are errors under `strict`, and remarks."""

from __future__ import annotations

from dataclasses import dataclass, replace

from wco_search.errors import QuerySyntaxError
from wco_search.query.syntax import MAX_WARNINGS


@dataclass(frozen=True, slots=True)
class QueryWarning:
    """Something in a query that was not understood as syntax, and how it was read instead.

    Attributes:
        message: What, and what was made of it.
        start, end: The half-open span in code points.
    """

    message: str
    start: int
    end: int

    def __str__(self) -> str:
        return self.message


class Report:
    """Collects warnings; the first `MAX_WARNINGS` are kept, the others counted.

    Example:
        >>> report = Report()
        >>> report.add("this parenthesis closes nothing", 4, 5, fate="it is ignored")
        >>> [str(warning) for warning in report.warnings()]
        ['this parenthesis closes nothing; it is ignored']
    """

    def __init__(self) -> None:
        self._faults: list[tuple[QueryWarning, str]] = []
        self._note: QueryWarning | None = None
        self._first_omitted: QueryWarning | None = None
        self._omitted = 0

    @property
    def is_full(self) -> bool:
        """Whether the text of another warning would not be kept."""
        return len(self._faults) >= MAX_WARNINGS

    def add(self, message: str, start: int, end: int, *, fate: str = "") -> None:
        """Take in a fault of the query and its *fate*: how it is read; under `strict` an error, and nothing is read."""
        warning = QueryWarning(f"{message}; {fate}" if fate else message, start, end)
        if not self.is_full:
            self._faults.append((warning, message))
            return
        self._first_omitted = self._first_omitted or warning
        self._omitted += 1

    def note(self, message: str, start: int, end: int) -> None:
        """Take in a remark that is no fault; only the first counts."""
        self._note = self._note or QueryWarning(message, start, end)

    def warnings(self) -> tuple[QueryWarning, ...]:
        """Everything, by place in the text."""
        notes = [self._note] if self._note else []
        told = sorted([*(warning for warning, _ in self._faults), *notes], key=lambda warning: warning.start)
        if self._first_omitted:
            told.append(replace(self._first_omitted, message=f"and {self._omitted} more places like these"))
        return tuple(told)

    def raise_first(self, query_text: str) -> None:
        """Raise the leftmost fault, if there is one.

        Raises:
            QuerySyntaxError: There is one.
        """
        if self._faults:
            first, message = min(self._faults, key=lambda fault: fault[0].start)
            raise QuerySyntaxError(query_text, first.start, first.end, message)
