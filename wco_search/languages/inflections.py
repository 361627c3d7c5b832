"""English forms that have not the stem of their lemma: sold, mice, largest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

FORMS = "english_forms.txt"


@cache
def lemmas_of_forms() -> Mapping[str, tuple[str, ...]]:
    """The lemmas of each form.

    Example:
        >>> lemmas_of_forms()["sold"], lemmas_of_forms()["axes"]
        (('sell',), ('axe', 'axis'))
    """
    found = defaultdict(list)
    text = (files(__name__.rpartition(".")[0]) / "vocabulary" / FORMS).read_text(encoding="utf-8")
    for line in text.splitlines():
        form, lemma = line.split("\t")
        found[form].append(lemma)
    return {form: tuple(lemmas) for form, lemmas in found.items()}


@cache
def _forms_of_lemmas() -> Mapping[str, tuple[str, ...]]:
    found = defaultdict(list)
    for form, lemmas in lemmas_of_forms().items():
        for lemma in lemmas:
            found[lemma].append(form)
    return {lemma: tuple(forms) for lemma, forms in found.items()}


def irregular_forms(lemma: str) -> tuple[str, ...]:
    """The forms of a folded lemma that have not its stem, sorted; of most words there is none.

    Example:
        >>> irregular_forms("sell"), irregular_forms("mouse"), irregular_forms("ship")
        (('sold',), ('mice',), ())
    """
    return _forms_of_lemmas().get(lemma, ())
