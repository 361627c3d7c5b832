"""The corpus of protocol `engine`: every engine is given the same tokens, so that no analysis is measured.

A token is what `benchmarks.rivals.tokens.terms_of` makes of a word, written as a number, the same for the same term.
Numbers are what every analysis leaves as they are, this library's among them, so an engine that cuts text at spaces
has exactly the tokens, lists and matches of one that cannot be told to. That all totals are the same shows it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, astuple, replace
from pathlib import Path

from benchmarks.corpus import Corpus, Record
from benchmarks.queries import Query, QuerySets
from benchmarks.rivals.tokens import terms_of
from wco_search import Analyzer, default_analyzer

UNKNOWN = "0"  # the number of a term that no document has


def encode(corpus: Corpus) -> tuple[Corpus, Mapping[str, str]]:
    """The corpus in tokens, and the number of each term; kept beside *corpus* for this analysis of words."""
    analyzer = default_analyzer()
    analysis = hashlib.blake2b(analyzer.fingerprint.encode(), digest_size=4).hexdigest()
    path = corpus.path.with_suffix(f".tokens-{analysis}.jsonl")
    facts = path.with_suffix(".facts.json")
    if not facts.exists() or json.loads(facts.read_text(encoding="utf-8"))["of"] != corpus.digest:
        numbers: dict[str, str] = {}
        made = _write(path, corpus, _encoded(corpus, analyzer, numbers))
        plain = asdict(made) | {"path": path.name}
        facts.write_text(json.dumps({"of": corpus.digest, "corpus": plain, "numbers": numbers}), encoding="utf-8")
    known = json.loads(facts.read_text(encoding="utf-8"))
    return Corpus(**(known["corpus"] | {"path": path})), known["numbers"]


def _encoded(corpus: Corpus, analyzer: Analyzer, numbers: dict[str, str]) -> Iterator[Record]:
    for record in corpus:
        tokens = (numbers.setdefault(term, str(len(numbers) + 1)) for term in terms_of(analyzer, record.text))
        yield replace(record, title="", body=" ".join(tokens))


def _write(path: Path, corpus: Corpus, records: Iterator[Record]) -> Corpus:
    digest, text_bytes = hashlib.blake2b(digest_size=16), 0
    with path.open("wb") as file:
        for record in records:
            line = json.dumps(astuple(record), ensure_ascii=False).encode() + b"\n"
            file.write(line)
            digest.update(line)
            text_bytes += len(record.body)
    return replace(corpus, path=path, text_bytes=text_bytes, digest=digest.hexdigest())


def encode_queries(sets: QuerySets, numbers: Mapping[str, str]) -> QuerySets:
    """The same questions in tokens; a class that has no meaning in them is left to the caller to leave out."""
    analyzer = default_analyzer()

    def encoded(query: Query) -> Query:
        terms = terms_of(analyzer, " ".join(query.words))
        tokens = [numbers.get(term, UNKNOWN) for term in terms]
        return replace(query, words=tuple(tokens if query.kind == "phrase" else dict.fromkeys(tokens)))

    return {name: [[encoded(query) for query in one] for one in all_] for name, all_ in sets.items()}
