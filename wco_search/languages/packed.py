"""A lexicon as one sorted text in memory, searched by bisection: nothing is parsed when it is loaded.

The first line names format, origin and analyzer; every other line is `kind key TAB payload`, sorted by their bytes:

    r таможня       customs=100=custom|duty=71=duti     a Russian lemma: translations, their weights in hundredths, and
                                                        their words as texts are indexed by them
    x блокчейн      блокчейн|...                        the Snowball stem of Russian heads that no dictionary inflects
    e smuggling     контрабанда=95=контрабанд           an English word: Russian heads, weighted by their frequency too;
                                                        an irregular form has those of its lemma too
    s smuggl        smuggling|smuggler                  the Porter2 stem of English words; all that occur anywhere
    p железн дорог  railway=100=railway                 several words, by their stems; in both languages
    g ru            alphabet and numbers                letter trigrams of the words of a language

Words are separated by spaces, the terms of one by commas, those of its irregular forms (sold of sell) among them; of a
stop word there is none. They hold for an analyzer with
the fingerprint that the first line names.

UTF-8 keeps the order of code points, so bytes may be compared instead of strings.
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import islice, product
from typing import Any

import numpy as np

from wco_search import compiled
from wco_search.analysis import Analyzer, default_analyzer, russian
from wco_search.analysis.stemming import english_stem, russian_stem
from wco_search.analysis.stopwords import is_stop_word
from wco_search.languages.inflections import irregular_forms, lemmas_of_forms
from wco_search.languages.rows import MAX_TRANSLATIONS, Row, words_of
from wco_search.languages.trigrams import Trigrams

FORMAT = 3
_MAGIC = "wco_search lexicon"

RUSSIAN_ALPHABET = "абвгдежзийклмнопрстуфхцчшщъыьэюя"  # as folded: е stands for ё
ENGLISH_ALPHABET = "abcdefghijklmnopqrstuvwxyz"

SAME_STEM = 0.7  # of the weight where only stem or lemma of an English word is known: "smugglers" for "smuggler"
ENOUGH = 2  # translations of the very word that make those of its stem or lemma needless: "customs" is no "custom"

_HUNDREDTHS = 100
_EVERY = 64  # lines, of which one is kept by itself
_PHRASE_KEYS = 8  # of one phrase whose words have several lemmas; more would be a product of homonyms
_INVERSE_LIMIT = 12  # heads kept of an English word; a search takes eight

Entries = list[tuple[str, float, str]]
"""Texts, their weights, and their words as texts are indexed by them."""

Weighted = list[tuple[str, float]]
_Weights = dict[str, dict[str, float]]


class Packed:
    """The lines, found by kind and key.

    Raises:
        ValueError: *data* is no packed lexicon, or one of another format.
    """

    def __init__(self, data: bytes) -> None:
        header = data[: data.find(b"\n") + 1]
        columns = header.decode("utf-8", "replace").rstrip("\n").split("\t")
        magic, number, self.origin, self._analyzer = (*columns, "", "", "")[:4]
        if magic != _MAGIC or number != str(FORMAT):
            raise ValueError(f"not a packed lexicon of format {FORMAT}; pack it again")
        self.data = data

    @cached_property
    def _compiled(self) -> Any:
        """The same for the compiled loops."""
        return compiled.lines.Lines(self.data)

    @cached_property
    def _starts(self) -> array[int]:
        """Where each line starts; last, the end."""
        ends = np.flatnonzero(np.frombuffer(self.data, dtype=np.uint8) == ord("\n"))
        starts = np.append(0, ends + 1).astype(np.int64)
        return array("q", starts.tobytes())  # an array of Python's is read faster

    @cached_property
    def _samples(self) -> list[bytes]:
        """Some lines, compared without a call of Python's for each."""
        starts = self._starts
        return [self.data[start : self.data.find(b"\n", start)] for start in starts[1 : len(starts) - 1 : _EVERY]]

    @cached_property
    def tells_terms(self) -> bool:
        """Whether the words of its entries are what texts are indexed by in this version."""
        return self._analyzer == default_analyzer().fingerprint

    def find(self, kind: str, key: str) -> str | None:
        """The payload of a line, or None where there is no such line."""
        if compiled.LINES:
            payload: str | None = self._compiled.find(kind, key)
            return payload
        wanted = f"{kind} {key}\t".encode()
        start = self._lower_bound(wanted)
        if not self.data.startswith(wanted, start):
            return None
        return self.data[start + len(wanted) : self.data.find(b"\n", start)].decode("utf-8")

    def entries(self, kind: str, keys: Iterable[str]) -> Entries:
        """All entries of the lines of some keys, of kind r, e or p, in order."""
        if compiled.LINES:
            found: Entries = self._compiled.entries(kind, keys)
            return found
        payloads = (self.find(kind, key) for key in keys)
        return [entry for payload in payloads if payload for entry in read_entries(payload)]

    def has_beginning(self, kind: str, prefix: str) -> bool:
        """Whether the key of any line begins with *prefix*."""
        if compiled.LINES:
            return bool(self._compiled.has_beginning(kind, prefix))
        wanted = f"{kind} {prefix}".encode()
        return self.data.startswith(wanted, self._lower_bound(wanted))

    def may_hold(self, kind: str, form: str) -> bool:
        """Whether the key of any line is a beginning of *form*, as its stem would be."""
        if compiled.LINES:
            return bool(self._compiled.may_hold(kind, form))
        return any(self.find(kind, form[:size]) is not None for size in range(1, len(form) + 1))

    def _lower_bound(self, wanted: bytes) -> int:
        """Where the first line that is not less than *wanted* begins."""
        data, starts, length = self.data, self._starts, len(wanted)
        block = _EVERY * bisect_left(self._samples, wanted)
        low, high = max(1, block - _EVERY), min(block + 1, len(starts) - 1)
        return starts[bisect_left(starts, wanted, low, high, key=lambda start: data[start : start + length])]


def read_entries(payload: str) -> Entries:
    """Texts, weights and words of a line of kind r, e or p.

    Example:
        >>> read_entries("smuggling=100=smuggl|contraband goods=71=contraband good")
        [('smuggling', 1.0, 'smuggl'), ('contraband goods', 0.71, 'contraband good')]
    """
    parts = (part.rsplit("=", 2) for part in payload.split("|"))
    return [(text, int(weight) / _HUNDREDTHS, words) for text, weight, words in parts]


def indexed_words(text: str) -> str:
    """The words of *text* as texts are indexed by them, in any form, the way a pack writes them.

    Example:
        >>> indexed_words("freedom of the seas"), indexed_words("стали"), indexed_words("sell")
        ('freedom   sea', 'стал,стат', 'sell,sold')
    """
    return " ".join("" if is_stop_word(form) else ",".join(terms_in_any_form(form)) for form in words_of(text))


def terms_in_any_form(word: str, analyzer: Analyzer | None = None) -> tuple[str, ...]:
    """The terms of a folded word and of the forms it has that share no stem with it."""
    terms = (analyzer or default_analyzer()).terms
    forms = (form for form in irregular_forms(word) if not is_stop_word(form))
    return tuple(dict.fromkeys(term for form in (word, *forms) for term in terms(form)))


def place_weight(place: int) -> float:
    """What the translation at *place*, counted from 0, weighs beside the first: 1, .71, .58, .5 ..."""
    return 1 / math.sqrt(1 + place)


def head_weight(frequency: int) -> float:
    """What a Russian head weighs among the heads of one English word: exp(.15 (zipf - 3)), zipf from the class.

    Of two words for one thing the frequent one is likelier in a text.
    """
    return math.exp(0.15 * (7 - frequency - 3))


def pack(rows: Iterable[Row], origin: str = "", english: Iterable[str] = ()) -> bytes:
    """The packed lexicon of *rows*. Heads that occur twice are joined.

    Args:
        rows: The rows, in any order.
        origin: What they come from, kept in the first line.
        english: Further English words that are to be known, though they translate nothing.
    """
    russian_words: _Weights = defaultdict(dict)
    english_words: _Weights = defaultdict(dict)
    phrases: _Weights = defaultdict(dict)
    loose: dict[str, set[str]] = defaultdict(set)
    vocabulary = set(english)
    for row in rows:
        head = words_of(row.head)
        _add(phrases if len(head) > 1 else russian_words, head, _ranked(row))
        if len(head) == 1 and head[0] not in russian.lemmas(head[0]):
            loose[russian_stem()(head[0])].add(head[0])
        for place, text in enumerate(row.translations):
            words = words_of(text)
            vocabulary.update(words)
            weight = place_weight(place) * head_weight(row.frequency)
            _add(phrases if len(words) > 1 else english_words, words, [(row.head, weight)])
    inflected = _inflected(english_words)
    vocabulary.update(inflected)
    english_words.update(inflected)
    lines = [f"r {key}\t{_write_weights(found, MAX_TRANSLATIONS)}" for key, found in russian_words.items()]
    lines += [f"e {key}\t{_write_weights(found, _INVERSE_LIMIT)}" for key, found in english_words.items()]
    lines += [f"p {key}\t{_write_weights(found, _INVERSE_LIMIT)}" for key, found in phrases.items()]
    lines += [f"x {stem}\t{'|'.join(sorted(heads))}" for stem, heads in loose.items()]
    lines += [f"s {stem}\t{'|'.join(words)}" for stem, words in _by_stem(vocabulary, english_words).items()]
    lines += [f"g {language}\t{model}" for language, model in _trigrams(russian_words, vocabulary)]
    body = sorted(line.encode("utf-8") for line in lines)
    first = "\t".join([_MAGIC, str(FORMAT), origin, default_analyzer().fingerprint])
    return b"\n".join([first.encode(), *body, b""])


def phrase_keys(words: list[str]) -> Iterator[str]:
    """The keys of a phrase: the stems of its words, in every combination of their lemmas."""
    terms = default_analyzer().terms
    return (" ".join(key) for key in islice(product(*map(terms, words)), _PHRASE_KEYS))


def _ranked(row: Row) -> Weighted:
    return [(text, place_weight(place)) for place, text in enumerate(row.translations)]


def _add(table: _Weights, words: list[str], found: Weighted) -> None:
    for key in phrase_keys(words) if len(words) > 1 else words:
        known = table[key]
        for text, weight in found:
            known[text] = max(weight, known.get(text, 0.0))


def _inflected(translated: _Weights) -> _Weights:
    """All translations of each irregular form of a word that has any, its own and those of its lemmas."""
    table: _Weights = {}
    for form, lemmas in lemmas_of_forms().items():
        own = translated.get(form, {})
        share = SAME_STEM if own else 1.0
        for lemma in filter(translated.__contains__, lemmas):
            known = table.setdefault(form, dict(own))
            for text, weight in translated[lemma].items():
                known[text] = max(share * weight, known.get(text, 0.0))
    return table


def _write_weights(found: dict[str, float], limit: int) -> str:
    best = sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))[:limit]
    return "|".join(f"{text}={round(weight * _HUNDREDTHS)}={indexed_words(text)}" for text, weight in best)


def _by_stem(vocabulary: set[str], translated: _Weights) -> dict[str, list[str]]:
    """English words that have translations of their own, by stem; stems of other words stand with none."""
    stem = english_stem()
    groups: dict[str, list[str]] = defaultdict(list)
    for word in sorted(vocabulary):
        group = groups[stem(word)]
        if word in translated:
            group.append(word)
    return groups


def _trigrams(russian_words: Iterable[str], english_words: Iterable[str]) -> Iterator[tuple[str, str]]:
    yield "ru", Trigrams.learn(russian_words, RUSSIAN_ALPHABET).to_text()
    yield "en", Trigrams.learn(english_words, ENGLISH_ALPHABET).to_text()
