"""The text that speed is measured on: slices of long documents, shuffled, in one file that every engine streams.

A document of the corpus has `WORDS` words in all: the title of the document it was cut from, and a run of its body.
Dates are drawn evenly from `DAYS` days and have nothing to do with the order of documents, which is the hard case for
a filter by date.

Sources are the two large sets of `benchmarks.collections.DATA` where they are there, else text that is made up
(`invented`), so that the benchmark runs anywhere; its report names which.
"""

from __future__ import annotations

import gzip
import hashlib
import itertools
import json
import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path

from benchmarks.collections import DATA
from wco_search.sample import sample_path

WORDS = 80  # about a news agency's first two paragraphs
DAYS = 3650  # ten years, as a newsroom's archive has
FIRST_DAY = date(2011, 1, 1)
STRIDES = (80, 40, 20, 10)  # words from one slice to the next; below 80 they overlap, which makes near-duplicates
LONGEST_TITLE = 20  # words; a title that filled the whole slice would leave no body
LETTERS = {"ru": ("бвгдзклмнпрст", "аеиоуя"), "en": ("bdfgklmnprst", "aeiouy")}
"""Consonants and vowels that made-up words consist of."""

SOURCES = ("bulk-ru-msdocs", "bulk-en-msdocs")

_WORD = re.compile(r"\S+")
_VOCABULARY = 60_000  # made-up words of each language: about the distinct forms of as many news items


@dataclass(frozen=True, slots=True)
class Record:
    """One document as the corpus file holds it.

    Attributes:
        day: The date in ISO 8601.
        language: `ru` or `en`.
    """

    id: str
    title: str
    body: str
    day: str
    language: str

    @property
    def text(self) -> str:
        """Title and body, as a reader sees them."""
        return f"{self.title}\n{self.body}"


@dataclass(frozen=True, slots=True)
class Corpus:
    """A corpus file and the facts about it.

    Attributes:
        path: JSON lines, one `Record` each.
        documents: How many.
        text_bytes: UTF-8 bytes of all titles and bodies.
        stride: Words from one slice of a document to the next.
        digest: BLAKE2b of the file: figures of other data are no figures of ours.
        source: Where the text is from.
    """

    path: Path
    documents: int
    text_bytes: int
    stride: int
    digest: str
    source: str

    def __iter__(self) -> Iterator[Record]:
        return read(self.path)


def read(path: Path) -> Iterator[Record]:
    """Stream the records of a corpus file."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield Record(*json.loads(line))


def make(folder: Path, size: int, *, seed: int = 1, source: str = "auto") -> Corpus:
    """The corpus of *size* documents, written into *folder* unless it is there already.

    Args:
        folder: Made if it is absent.
        size: Number of documents.
        seed: Of the shuffling and the dates.
        source: `bulk` for the large sets, `invented` for made-up text, `auto` for whichever there is.

    Raises:
        ValueError: The sources do not have that much text.
    """
    name = _source_name() if source == "auto" else source
    path = folder / f"corpus-{name}-{size}-{seed}.jsonl"
    facts = path.with_suffix(".facts.json")
    if not facts.exists():
        folder.mkdir(parents=True, exist_ok=True)
        long = list(_interleaved() if name == "bulk" else invented(size, seed))
        corpus = write(path, long, size, seed=seed, source=name)
        facts.write_text(json.dumps(asdict(corpus) | {"path": path.name}), encoding="utf-8")
    known = json.loads(facts.read_text(encoding="utf-8"))
    return Corpus(**(known | {"path": path}))


def write(path: Path, long: Sequence[Record], size: int, *, seed: int, source: str) -> Corpus:
    """Cut *long* documents into slices, shuffle them, and write the first *size* of them to *path*."""
    stride, slices = _slices(long, size)
    rng = random.Random(seed)
    rng.shuffle(slices)
    chosen = slices[:size]
    spans = _spans(long, chosen)
    digest, text_bytes = hashlib.blake2b(digest_size=16), 0
    with path.open("wb") as file:
        for one in chosen:
            number, (start, end) = one[0], spans[one]
            whole = long[number]
            day = FIRST_DAY + timedelta(days=rng.randrange(DAYS))
            body = whole.body[start:end]
            fields = (f"{whole.language}-{number}-{start}", whole.title, body, day.isoformat(), whole.language)
            line = json.dumps(fields, ensure_ascii=False).encode() + b"\n"
            text_bytes += len(f"{whole.title}{body}".encode())
            digest.update(line)
            file.write(line)
    return Corpus(path, size, text_bytes, stride, digest.hexdigest(), source)


Slice = tuple[int, int]
"""The number of a document, and of the first word of its body that is in the slice."""


def _slices(long: Sequence[Record], size: int) -> tuple[int, list[Slice]]:
    """The longest stride that gives enough slices, and these; the last of a document ends with its body."""
    words = [len(whole.body.split()) for whole in long]
    for stride in STRIDES:
        slices = []
        for number, whole in enumerate(long):
            last = words[number] - _width(whole)
            if last >= 0:
                slices += [(number, first) for first in (*range(0, last, stride), last)]
        if len(slices) >= size:
            return stride, slices
    raise ValueError(f"the sources give {len(slices):,} slices, not {size:,}; ask for fewer documents")


def _width(whole: Record) -> int:
    """Words of the body that fill a slice beside the title."""
    return WORDS - len(whole.title.split())


def _spans(long: Sequence[Record], slices: Iterable[Slice]) -> dict[Slice, tuple[int, int]]:
    """First and last character of each slice; words are counted once in a document, and in no other than is needed."""
    firsts: dict[int, list[int]] = {}
    for number, first in slices:
        firsts.setdefault(number, []).append(first)
    spans = {}
    for number, of_one in firsts.items():
        words = [match.span() for match in _WORD.finditer(long[number].body)]
        width = _width(long[number])
        spans.update({(number, first): (words[first][0], words[first + width - 1][1]) for first in of_one})
    return spans


def _source_name() -> str:
    return "bulk" if all((DATA / name / "docs.jsonl.gz").is_file() for name in SOURCES) else "invented"


def _interleaved() -> Iterator[Record]:
    """The documents of the large sets, one of each in turn."""
    for turn in itertools.zip_longest(*map(_bulk, SOURCES)):
        yield from (record for record in turn if record is not None)


def _bulk(name: str) -> Iterator[Record]:
    with gzip.open(DATA / name / "docs.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            raw = json.loads(line)
            title = " ".join((raw.get("title") or "").split()[:LONGEST_TITLE])
            yield Record(raw["id"], title, raw["body"], "", raw["lang"])


def invented(size: int, seed: int = 1) -> Iterator[Record]:
    """Made-up documents, enough for *size* slices, alternately Russian and English.

    Words are drawn by Zipf's law (the n-th most frequent in proportion to 1/n): first those of the packaged sample,
    then ones made of syllables, so that there are very frequent, medium and rare ones as in real text.

    Example:
        >>> [record.language for record in invented(2)]
        ['ru', 'en']
    """
    rng = random.Random(seed)
    sample = [json.loads(line) for line in sample_path().read_text(encoding="utf-8").splitlines()]
    texts = {language: [item["body"] for item in sample if item["language"] == language] for language in LETTERS}
    spellings = {language: _vocabulary(rng, texts[language], *letters) for language, letters in LETTERS.items()}
    weights = list(itertools.accumulate(1 / (rank + 1) for rank in range(_VOCABULARY)))
    for number in range(size):
        language = list(LETTERS)[number % 2]
        words = rng.choices(spellings[language], cum_weights=weights, k=WORDS)
        yield Record(f"{number}", " ".join(words[:7]).capitalize(), _sentences(words[7:]), "", language)


def _sentences(words: Sequence[str]) -> str:
    return " ".join(" ".join(words[i : i + 12]).capitalize() + "." for i in range(0, len(words), 12))


def _vocabulary(rng: random.Random, texts: Iterable[str], consonants: str, vowels: str) -> list[str]:
    counts = Counter(word for text in texts for word in re.findall(r"[^\W\d_]+", text.lower()))
    found = dict.fromkeys(word for word, _ in counts.most_common())
    while len(found) < _VOCABULARY:
        syllables = (rng.choice(consonants) + rng.choice(vowels) for _ in range(rng.randint(2, 5)))
        found["".join(syllables) + rng.choice(consonants)] = None
    return list(found)
