"""What a query may mean that asks for people or organisations by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from wco_search.analysis.russian import nominative_surnames
from wco_search.engine.crossing import sounding_like
from wco_search.engine.mentions import ORGANISATIONS, PEOPLE
from wco_search.engine.snapshot import Snapshot
from wco_search.languages.entities import organisation_called, organisations, people
from wco_search.text import fold

ENTITIES: Final[Mapping[str, Callable[[str], list[str]]]] = {PEOPLE: people, ORGANISATIONS: organisations}
"""The fields of names, and what finds their values in a text."""


def values_of(field: str, text: str) -> tuple[str, ...]:
    """The values of *field* that *text* may mean: it, and what it is as a name in any case, or in the other language.

    Example:
        >>> values_of("people", "Ивана Петрова"), values_of("organisations", "втамо")
        (('Ивана Петрова', 'Иван Петров'), ('втамо', 'World Customs Organization'))
    """
    known = organisation_called(text) if field == ORGANISATIONS else None
    found = [known] if known else ENTITIES[field](text)
    return tuple(dict.fromkeys([text, *found[:1]])) if len(found) == 1 else (text,)


def surnames(snapshot: Snapshot, word: str) -> frozenset[str]:
    """The surnames, folded and in the nominative, that *word* may mean: it, in any case, and those that sound like it.

    The latter are in the other alphabet, and words of the commit: Микурии is Mikuriya.
    """
    form = fold(word)
    forms = [form, *(match.form for match in sounding_like(snapshot, form))]
    return frozenset(name for form in forms for name in (form, *nominative_surnames(form)))
