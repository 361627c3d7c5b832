"""One term for each word of a text, by this library's analysis, for engines that have no Russian of their own."""

from __future__ import annotations

from wco_search import Analyzer


def terms_of(analyzer: Analyzer, text: str) -> list[str]:
    """One term of each word, in order; the wholes and pieces that share a word's place are left out.

    Example:
        >>> terms_of(Analyzer(), "Таможня изъяла fossils, HSC/66")
        ['таможн', 'изъя', 'fossil', 'hsc', '66']
    """
    return [token.terms[0] for token in analyzer.tokens(text) if token.kind in ("word", "part")]
