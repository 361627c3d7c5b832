"""Words of a query in the other language: what a lexicon says of them, and names of the index that sound like them.

    контрабанда   ->  smuggling, contraband            by the lexicon
    Микурия       ->  mikuriya                         by sound, among the words of the index

In documents of its own language a word is sought as typed, so that they rank as they would without translation. In all
others it is sought as typed and by its renderings, as one group, each rendering counting for less the further down it
stands in the lexicon (A. Pirkola, "The effects of query structure and dictionary setups in dictionary-based
cross-language information retrieval", 1998, with weights). English words beside Russian ones are names, codes and
brands, and stay as they are.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, TypeVar

from wco_search.analysis import Analyzer
from wco_search.analysis.analyzer import Language, language_of_form
from wco_search.engine.plan import Group, Words, inside, outside
from wco_search.engine.snapshot import Snapshot
from wco_search.languages.layouts import dictionary, from_latin
from wco_search.languages.lexicon import Indexed, Source, Translation, indexed
from wco_search.languages.names import WITHIN, NameMatch, least_similarity, likeliest
from wco_search.languages.packed import terms_in_any_form
from wco_search.languages.rows import words_of
from wco_search.results import Interpretation
from wco_search.text import fold

_Compiled = TypeVar("_Compiled")

Mode = Literal["auto", "only"]
"""Whether renderings stand beside the words as typed, or in place of them."""

NAME_WEIGHT: Final = 0.5  # of a name where the lexicon has the word too: a name is then the less likely meaning
PHRASE_WEIGHT: Final = 0.5  # of an entry of several words, whose words are searched for one by one as well
_MOST_KNOWN: Final = 20_000  # words kept with their renderings; some 20 MB
_MOST_QUERIES: Final = 2_000  # kept with their plans, which share the renderings of words; some 10 MB


def rendered_language(forms: Iterable[str]) -> Language:
    """The language whose words are rendered in a query of these words."""
    return "ru" if any(language_of_form(form) == "ru" for form in forms) else "en"


@dataclass(slots=True)  # as `Words`
class Rendering:
    """What a word, or several, are in the other language.

    Attributes:
        words: The leaf that finds it.
        told: What to tell of it.
        typed: The leaf of the word as typed, in documents of its own language; None for several words.
    """

    words: Words
    told: tuple[Interpretation, ...]
    typed: Words | None = None


class Crossing:
    """The renderings of the words of queries, for one commit; each is worked out once."""

    def __init__(self, snapshot: Snapshot, analyzer: Analyzer, source: Source, mode: Mode = "auto") -> None:
        self.mode = mode
        self.snapshot = snapshot
        self._analyzer = analyzer
        self._source = source
        self._dictionary = dictionary(source)
        self._known: dict[tuple[str, str], Rendering | None] = {}
        self._queries: dict[Hashable, Any] = {}

    def query(self, query: Hashable, compile: Callable[[], _Compiled]) -> _Compiled:
        """What a query is compiled to with these renderings: what *compile* gives for it the first time.

        A query that is asked again, for its next page or by another reader, then takes no longer to be understood than
        one that is not translated.
        """
        found: _Compiled | None = self._queries.get(query)
        if found is None:
            if len(self._queries) >= _MOST_QUERIES:
                self._queries.clear()
            found = self._queries[query] = compile()
        return found

    def word(self, group: Group, form: str) -> Rendering | None:
        """The renderings of one word as typed; None where the index has none."""
        key = group.label, form  # strings know their hashes
        if key not in self._known:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[key] = self._render(group, form)
        return self._known[key]

    def phrases(self, forms: Sequence[str]) -> list[Rendering]:
        """The renderings of the entries of several words among the folded *forms* of a query."""
        found = []
        for match in self._source.phrases(forms):
            label = " ".join(forms[match.start : match.end])
            language = language_of_form(forms[match.start])
            for translation in match.translations:
                rendering = self._phrase(label, translation, language)
                if rendering is not None:
                    found.append(rendering)
                    break
        return found

    def _render(self, group: Group, form: str) -> Rendering | None:
        language = language_of_form(form)
        if language == "other":
            return None
        weights: dict[str, float] = {}
        told = []
        translations = indexed(self._source, form, language)
        if not translations and not self.snapshot.has_form(form) and (meant := self._in_latin_letters(form)):
            for term in self._analyzer.terms(meant):
                weights[term] = 1.0
            told.append(Interpretation("letters", group.label, meant))
            translations = indexed(self._source, meant, "ru")
        shown = self._weigh(translations, weights)
        if shown:
            told.append(Interpretation("translation", group.label, ", ".join(shown)))
        names = sounding_like(self.snapshot, form, [text for text, _, _ in translations])
        for match in names:
            weight = match.weight * (NAME_WEIGHT if shown else 1.0)
            for term in self._analyzer.terms(match.form):
                weights[term] = max(weight, weights.get(term, 0.0))
        if names:
            told.append(Interpretation("name", group.label, ", ".join(match.form for match in names)))
        if not weights:
            return None
        if self.mode == "auto":  # the word as typed is one of the ways to say it: WCO stands in Russian articles too
            weights |= {term: 1.0 for term in group.terms if self.snapshot.has_term(term)}
        terms = tuple(sorted(weights))
        rendered = Group(group.label, terms, weights=tuple([weights[term] for term in terms]))
        other = Words((rendered,), among=outside(language))
        return Rendering(other, tuple(told), Words((group,), among=inside(language)))

    def _in_latin_letters(self, form: str) -> str | None:
        """The Russian word that is written in Latin letters, like `kontrabanda`."""
        return from_latin(form, self._is_word) if language_of_form(form) == "en" else None

    def _is_word(self, form: str) -> bool:
        return self.snapshot.has_form(form) or self._dictionary(form)

    def _weigh(self, translations: Sequence[Indexed], weights: dict[str, float]) -> list[str]:
        """Put the terms of *translations* that the index has among *weights*; gives those of which it has any."""
        has_term = self.snapshot.has_term
        shown = []
        for text, weight, terms in terms_of_translations(translations):
            is_there = False
            for term in terms:
                if has_term(term):
                    is_there = True
                    if weights.get(term, -1.0) < weight:
                        weights[term] = weight
            if is_there:
                shown.append(text)
        return shown

    def _phrase(self, label: str, translation: Translation, language: Language) -> Rendering | None:
        forms = words_of(translation.text)
        groups = tuple(Group(form, terms) for form in forms if (terms := self._present(form)))
        if len(groups) < len(forms) or not groups:
            return None
        if len(groups) == 1:
            groups = (replace(groups[0], weights=(1.0,) * len(groups[0].terms)),)
        told = Interpretation("translation", label, translation.text)
        return Rendering(Words(groups, weight=PHRASE_WEIGHT * translation.weight, among=outside(language)), (told,))

    def _present(self, form: str) -> tuple[str, ...]:
        return tuple(filter(self.snapshot.has_term, terms_in_any_form(form, self._analyzer)))


def terms_of_translations(translations: Sequence[Indexed]) -> Sequence[tuple[str, float, Sequence[str]]]:
    """The text, the weight and the terms of each translation that counts.

    The words of one of several count where there is none of a single word, each for less.
    """
    singles = [
        (text, weight, words.split(",") if words else ()) for text, weight, words in translations if " " not in words
    ]
    if len(singles) == len(translations) or any(" " not in text for text, _, _ in translations):
        return singles
    return [_several(*one) for one in translations]


def _several(text: str, weight: float, words: str) -> tuple[str, float, Sequence[str]]:
    telling = [word for word in words.split(" ") if word]
    terms = [term for word in telling for term in word.split(",")]
    return text, weight / math.sqrt(max(1, len(telling))), terms


def sounding_like(snapshot: Snapshot, form: str, translations: Sequence[str] = ()) -> Sequence[NameMatch]:
    """The words of a commit that may be the same name; none where that is a translation (порт, port) already."""
    slices = snapshot.slices
    similar = [one.segment.sounding_like(form) for one in slices]
    if not any(similar):  # as mostly
        return ()
    best = max([max(each.values()) for each in similar if each])
    if best < (least := least_similarity(form, is_known=bool(translations))):
        return ()
    floor = max(least, best - WITHIN)
    found = {
        one.segment.forms[number]: similarity
        for one, each in zip(slices, similar, strict=True)
        for number, similarity in each.items()
        if similarity >= floor  # others are not read
    }
    if not found.keys().isdisjoint(map(fold, translations)):
        return ()
    return likeliest(found, snapshot.count_of)
