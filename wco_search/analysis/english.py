"""English words to terms: their Porter2 stem."""

from __future__ import annotations

from wco_search.analysis.stemming import english_stem

# Longer words are chemical names, hashes and the like, which have no English endings.
LONGEST_STEMMED = 40


def terms(form: str) -> tuple[str, ...]:
    """What folded *form* is indexed and searched by.

    Example:
        >>> terms("fossils"), terms("organization's")
        (('fossil',), ('organ',))
    """
    return (english_stem()(form) if len(form) <= LONGEST_STEMMED else form,)
