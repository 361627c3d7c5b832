"""The questions that speed is measured with, drawn from the corpus by how many documents a word stands in.

Words are the runs of letters of title and body, lower-cased, as written: no engine's analysis has a say in the choice.
N is the number of documents, df how many of them have the word.

| class             | a query is                                                                             |
|-------------------|----------------------------------------------------------------------------------------|
| `sample`          | 1 to 4 words of a random document                                                      |
| `rare`            | one word with df 2 to 10                                                               |
| `medium`          | 2 to 4 words with df N/2000 to N/50                                                    |
| `frequent`        | 2 or 3 words with df above N/10                                                        |
| `mixed`           | one rare or medium word and two frequent ones                                          |
| `and`             | 2 or 3 medium words of a random document, all required                                 |
| `and_frequent`    | two frequent words, both required                                                      |
| `phrase`          | 2 or 3 neighbouring words of a random document, at least one of them medium            |
| `phrase_frequent` | two neighbouring frequent words of a random document                                   |
| `prefix`          | the first four letters of a medium word of seven or more                               |
| `dated`           | `sample`, within 30, 365 or 2,000 of the 3,650 days                                    |
| `translated`      | three medium words of one script, all of a random document, any of them                |

Every query is asked once, so that no engine gains by remembering answers; one more set is for warming up. Of
`phrase_frequent`, and sometimes of `prefix`, a corpus has fewer different ones than are wanted: rounds are shorter
then.
"""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Literal

from benchmarks.corpus import DAYS, FIRST_DAY, Corpus, Record

CLASSES = tuple(
    "sample rare medium frequent mixed and and_frequent phrase phrase_frequent prefix dated translated".split()
)
Kind = Literal["any", "all", "phrase", "prefix"]
WINDOWS = (30, 365, 2000)  # days: a month, a year, half of the archive
RARE = range(2, 11)
LONGEST_WORD = 24  # letters; longer ones are codes and addresses
PREFIX = 4  # letters: about what people type before a completion is useful

_TOKEN = re.compile(r"[^\W_]+")
_SPARE = 40  # documents drawn for each query wanted, as many hold no phrase of the class
_FEWEST = 5  # queries of a round at least, below which a median says nothing


@dataclass(frozen=True, slots=True)
class Query:
    """One question, in no engine's language.

    Attributes:
        kind: Whether any of the words will do, all must be there, all must stand side by side, or words that begin so.
        words: Lower-case.
        days: First and last day in ISO 8601 that documents may have, or None.
    """

    kind: Kind
    words: tuple[str, ...]
    days: tuple[str, str] | None = None

    @classmethod
    def load(cls, plain: Mapping[str, object]) -> Query:
        """The query that `asdict` made plain JSON of."""
        words, days = plain["words"], plain["days"]
        assert isinstance(words, list)
        return cls(plain["kind"], tuple(words), tuple(days) if isinstance(days, list) else None)  # type: ignore[arg-type]


QuerySets = Mapping[str, Sequence[Sequence[Query]]]
"""By class, the queries of each round."""


def words_of(text: str) -> list[str]:
    """The words of *text* that a query may have, in order; what is none (a number, a code) is an empty string.

    Example:
        >>> words_of("Таможня изъяла 93 fossils, HSC66.")
        ['таможня', 'изъяла', '', 'fossils', '']
    """
    return [token if _is_word(token) else "" for token in _TOKEN.findall(text.lower())]


def _is_word(token: str) -> bool:
    return token.isalpha() and 1 < len(token) <= LONGEST_WORD


def make(corpus: Corpus, *, per_set: int = 200, sets: int = 6, seed: int = 2) -> QuerySets:
    """The query sets of *corpus*, written beside it; a class that its text has no words for is left out."""
    path = corpus.path.with_suffix(f".questions-{per_set}-{sets}-{seed}.json")
    if not path.exists():
        made = draw(corpus, corpus.documents, per_set=per_set, sets=sets, seed=seed)
        plain = {name: [[asdict(query) for query in one] for one in all_] for name, all_ in made.items()}
        facts = {"corpus": corpus.digest, "classes": CLASSES, "sets": plain}
        path.write_text(json.dumps(facts, ensure_ascii=False), encoding="utf-8")
    known = json.loads(path.read_text(encoding="utf-8"))
    if known["corpus"] != corpus.digest or known.get("classes") != list(CLASSES):
        path.unlink()
        return make(corpus, per_set=per_set, sets=sets, seed=seed)
    return {name: [[Query.load(query) for query in one] for one in all_] for name, all_ in known["sets"].items()}


def draw(records: Iterable[Record], size: int, *, per_set: int, sets: int, seed: int) -> QuerySets:
    """Draw `sets` sets of `per_set` queries for each class from *records*, of which there are *size*."""
    rng = random.Random(seed)
    count = per_set * sets
    chosen = set(rng.sample(range(size), min(size, max(2000, _SPARE * count))))
    frequency: Counter[str] = Counter()
    texts = []
    for number, record in enumerate(records):
        words = [*words_of(record.title), "", *words_of(record.body)]  # no phrase begins in one and ends in the other
        frequency.update({word for word in words if word})
        if number in chosen:
            texts.append(words)
    rng.shuffle(texts)
    drawer = _Drawer(rng, size, frequency, texts)
    made = {
        name: drawer.many(make_one, count, min(count, sets * _FEWEST)) for name, make_one in drawer.classes().items()
    }
    return {name: [found[i::sets] for i in range(sets)] for name, found in made.items() if found}


class _Drawer:
    """Draws queries from word counts and the words of some documents."""

    def __init__(self, rng: random.Random, size: int, frequency: Counter[str], texts: Sequence[Sequence[str]]) -> None:
        self._rng = rng
        self._texts = texts
        self._frequency = frequency
        self._medium_range = range(max(1, size // 2000), size // 50 + 1)
        self._frequent_from = size / 10
        ordered = sorted(frequency)  # by spelling, so that the same seed draws the same words whatever the hash seed
        self._rare = [word for word in ordered if frequency[word] in RARE]
        self._medium = [word for word in ordered if self._is_medium(word)]
        self._frequent = [word for word in ordered if self._is_frequent(word)]

    def classes(self) -> dict[str, Callable[[], Query | None]]:
        return {
            "sample": self._sample,
            "rare": lambda: self._from("any", self._rare, 1, 1),
            "medium": lambda: self._from("any", self._medium, 2, 4),
            "frequent": lambda: self._from("any", self._frequent, 2, 3),
            "mixed": self._mixed,
            "and": self._all_medium,
            "and_frequent": lambda: self._from("all", self._frequent, 2, 2),
            "phrase": self._phrase,
            "phrase_frequent": self._phrase_frequent,
            "prefix": self._prefix,
            "dated": self._dated,
            "translated": self._of_one_script,
        }

    def many(self, make_one: Callable[[], Query | None], count: int, fewest: int) -> list[Query]:
        """*count* different queries, or as many as the text has; none where these are less than *fewest*."""
        found: dict[Query, None] = {}
        for _ in range(_SPARE * count):
            query = make_one()
            if query is not None:
                found[query] = None
            if len(found) == count:
                break
        return list(found) if len(found) >= fewest else []

    def _is_medium(self, word: str) -> bool:
        return self._frequency[word] in self._medium_range

    def _is_frequent(self, word: str) -> bool:
        return self._frequency[word] > self._frequent_from

    def _from(self, kind: Kind, pool: Sequence[str], fewest: int, most: int) -> Query | None:
        if len(pool) < most:
            return None
        return Query(kind, tuple(self._rng.sample(pool, self._rng.randint(fewest, most))))

    def _text(self) -> Sequence[str]:
        return self._rng.choice(self._texts)

    def _sample(self) -> Query | None:
        words = sorted(set(self._text()) - {""})
        count = self._rng.randint(1, 4)
        return Query("any", tuple(self._rng.sample(words, count))) if len(words) >= count else None

    def _mixed(self) -> Query | None:
        telling = self._rare if self._rng.random() < 0.5 else self._medium
        if not telling or len(self._frequent) < 2:
            return None
        return Query("any", (self._rng.choice(telling), *self._rng.sample(self._frequent, 2)))

    def _all_medium(self) -> Query | None:
        words = sorted({word for word in self._text() if self._is_medium(word)})
        count = self._rng.randint(2, 3)
        return Query("all", tuple(self._rng.sample(words, count))) if len(words) >= count else None

    def _neighbours(self, count: int) -> Sequence[str]:
        words = self._text()
        start = self._rng.randrange(max(1, len(words) - count))
        return words[start : start + count]

    def _phrase(self) -> Query | None:
        words = self._neighbours(self._rng.randint(2, 3))
        fits = all(words) and any(map(self._is_medium, words)) and len(words) > 1
        return Query("phrase", tuple(words)) if fits else None

    def _phrase_frequent(self) -> Query | None:
        words = self._neighbours(2)
        return Query("phrase", tuple(words)) if len(words) == 2 and all(map(self._is_frequent, words)) else None

    def _prefix(self) -> Query | None:
        word = self._rng.choice(self._medium) if self._medium else ""
        return Query("prefix", (word[:PREFIX],)) if len(word) >= PREFIX + 3 else None

    def _dated(self) -> Query | None:
        query = self._sample()
        if query is None:
            return None
        window = self._rng.choice(WINDOWS)
        first = FIRST_DAY + timedelta(days=self._rng.randrange(DAYS - window))
        return Query("any", query.words, (first.isoformat(), (first + timedelta(days=window - 1)).isoformat()))

    def _of_one_script(self) -> Query | None:
        words = sorted({word for word in self._text() if self._is_medium(word)})
        scripts = [[word for word in words if word.isascii() == latin] for latin in (True, False)]
        fullest = max(scripts, key=len)
        return Query("any", tuple(self._rng.sample(fullest, 3))) if len(fullest) >= 3 else None
