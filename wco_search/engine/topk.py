"""The best documents of a segment for words joined by OR or AND, without looking at most of them.

Scores are those of the exhaustive evaluator, to the bit: sums in double precision of weight times impact, in the order
of the lists. Documents that cannot be among the best are left out by four means:

- Rare lists first (MaxScore, H. Turtle and J. Flood, "Query evaluation: strategies and optimizations", 1995; here one
  list at a time). The shortest are added up whole. Their k-th best sum is a threshold; when the lists behind could
  not lift an unseen document to it, those are only asked about the documents seen so far, fewer with every list.
- Free thresholds. Ten documents have at least the tenth largest impact of a list.
- Look-ups by cost (`PostingList.impacts_of`).
- Byte rows. What is left of very frequent words is added up for all documents at once, in bytes that round up: eight
  bits a document cost less than any bookkeeping about blocks of them.

Where there is little to leave out, as of words that are all in few documents, or all in many, compiled loops read all
lists, some thousand documents at a time: what is added up in order costs a tenth of what is looked up all over a large
segment. Of many postings they make bitmaps first, and read only what could win by the lists that it is in
(`best_in_windows`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from wco_search.engine import loops
from wco_search.engine.lists import Alternatives, Lists, Postings, Scratch, count_any
from wco_search.engine.occurrences import union
from wco_search.engine.posting_lists import PostingList
from wco_search.engine.strings import Array

Weighted = tuple[float, Postings]
"""A list, and what its impacts are multiplied by: the idf of its group times the weight in the query."""

# `nonzero()[0]` throughout: numpy.flatnonzero takes a microsecond more, twenty times a query.
_DIRECT: Final = 8000  # postings added up whole before lists are pruned; flat from 2,000 to 20,000
_SHARE: Final = 7  # of a longer list than the seventh part of the documents, much is left out; flat from 5 to 8
_SAFE: Final = 1 - 1e-9  # thresholds are worked out by sums in another order than scores
_FOLD: Final = 64  # parts that a row is folded into to find its best columns
_MANY: Final = 2000  # candidates of byte rows beyond which the best are scored first, for a better threshold
_MOST_BYTE_ROWS: Final = 4  # rows of at most 63 that add up in a byte
NOTHING: Final = np.zeros(0, np.intp), np.zeros(0)

Best = tuple[Array, Array]
"""Documents (intp) and their scores (float64), best first, ties by number."""


def best_of_any(lists: Lists, weighted: Sequence[Weighted], k: int, allowed: Array | None = None) -> Best:
    """The *k* best documents that have any of the words.

    *weighted* is in the order in which scores are added: ascending document frequency in the commit. *allowed* says for
    each document whether it may be found.
    """
    docs, scores, _ = best_and_total(lists, weighted, k, allowed)
    return docs, scores


def best_and_total(
    lists: Lists, weighted: Sequence[Weighted], k: int, allowed: Array | None = None
) -> tuple[Array, Array, int | None]:
    """As `best_of_any`, and how many documents have any of the words where that was found on the way."""
    if weighted and k > 0 and loops.COMPILED:
        rows, found = lists.scratch.rows, None
        if _is_rarest_first(weighted, len(lists.segment)):
            found = loops.compiled.best_of_any(rows, weighted, k, allowed, lists.unit, _DIRECT)
        if found is None:
            found = loops.compiled.best_in_windows(rows, weighted, k, allowed)
        if found is not None:
            docs, scores, total = found
            return docs, scores, None if total < 0 else total
    return *_best_of_any(lists, weighted, k, allowed), None


def _is_rarest_first(weighted: Sequence[Weighted], documents: int) -> bool:
    """Whether it may be that most documents of the longer lists need not be looked at: the loop gives up otherwise.

    Of words that are all in few documents little is left out; of alternatives each would have to be looked up.
    """
    if len(weighted) < 2 or weighted[0][1].source.has_levels:  # lists behind are longer
        return True
    if Alternatives in [type(one) for _, one in weighted]:
        return False
    postings = sum([one.doc_freq for _, one in weighted])
    return 2 * postings > documents or _SHARE * weighted[-1][1].doc_freq > documents


def _best_of_any(lists: Lists, weighted: Sequence[Weighted], k: int, allowed: Array | None) -> Best:
    if not weighted or k < 1:
        return NOTHING
    if len(weighted) == 1 and allowed is None:
        return _best_of_one(*weighted[0], k)
    return _Search(lists, weighted, k, allowed).run()


def _best_of_one(weight: float, postings: Postings, k: int) -> Best:
    docs, impacts = postings.docs, postings.impacts
    if len(postings) > k:
        bound = postings.tenth if k == 10 else lower_bound(impacts, k)
        good = (impacts >= bound).nonzero()[0]
        docs, impacts = docs.take(good), impacts.take(good)
    order = np.lexsort((docs, -impacts))[:k]
    return docs.take(order).astype(np.intp), weight * impacts.take(order).astype(np.float64)


def lower_bound(values: Array, k: int) -> float:
    """A number that at least *k* of *values* reach, close to the k-th largest.

    The k-th largest of the maxima of interleaved slices: those are *k* different values.
    """
    size = len(values)
    if size <= k:
        return 0.0
    width = max(size // 64, 256, 4 * k)
    if size >= 2 * width:
        rows = size // width
        values = np.maximum.reduce(values[: rows * width].reshape(rows, width), axis=0)
        size = width
    return float(np.partition(values, size - k)[size - k])


def ranked(docs: Array, scores: Array, k: int) -> Best:
    """The *k* best of some documents with their scores."""
    if k < 1:
        return NOTHING
    if len(docs) > 4 * k:
        good = (scores >= lower_bound(scores, k)).nonzero()[0]
        docs, scores = docs.take(good), scores.take(good)
    order = np.lexsort((docs, -scores))[:k]
    return docs.take(order), scores.take(order)


@dataclass(slots=True)
class _Held:
    """The best found so far, in no order; every one with its whole score."""

    docs: Array
    scores: Array


class _Search:
    """One evaluation of `best_of_any`.

    Invariant: whenever a document's score is not whole and it is dropped, its score is under `threshold`, and at least
    *k* documents reach that.
    """

    def __init__(self, lists: Lists, weighted: Sequence[Weighted], k: int, allowed: Array | None) -> None:
        self.lists = lists
        self.scratch: Scratch = lists.scratch
        self.unit = lists.unit
        self.weighted = weighted
        self.k = k
        self.allowed = allowed
        self.threshold = 0.0
        self.held: _Held | None = None
        # What the lists from each place on can add at most.
        rests = [0.0]
        for weight, postings in reversed(weighted):
            rests.append(rests[-1] + weight * postings.largest)
        self.rests = rests[::-1]

    def run(self) -> Best:
        if self.allowed is None and self.k <= 10:
            self.threshold = max(weight * postings.tenth for weight, postings in self.weighted) * _SAFE
        first_dense = self._first_dense()
        place = self._add_up_shortest(first_dense)
        while place < first_dense and self.rests[place] >= self.threshold:
            self._walk(place)
            place += 1
        if first_dense < len(self.weighted) and self.rests[first_dense] >= self.threshold:
            self._walk_rows(first_dense)
        if self.held is None:
            return NOTHING
        return ranked(self.held.docs, self.held.scores, self.k)

    def _first_dense(self) -> int:
        """From which list on all have byte rows; a single one is walked like any other."""
        size = len(self.weighted)
        first = size
        while first and self.weighted[first - 1][1].levels is not None:
            first -= 1
        return size if first and first == size - 1 else first

    def _add_up_shortest(self, end: int) -> int:
        """Add up the first lists as long as they are short together; gives the place of the next."""
        place = postings = 0
        while place < end and (place == 0 or postings + len(self.weighted[place][1]) <= _DIRECT):
            postings += len(self.weighted[place][1])
            place += 1
        if place:
            docs, sums = _added_up(self.weighted[:place], self.scratch.sums)
            self._complete(*self._permitted(docs, sums), place)
        return place

    def _walk(self, place: int) -> None:
        """Take up the documents of the list at *place* that could still be among the best with all lists behind it.

        Documents of lists before come again here with less than their whole score: they are held already, or could not
        win.
        """
        weight, postings = self.weighted[place]
        need = (self.threshold - self.rests[place + 1]) / weight * (1 - 1e-6)
        docs, impacts = postings.at_least(need)
        sums = weight * impacts.astype(np.float64)
        self._complete(*self._permitted(docs.astype(np.intp), sums), place + 1)

    def _permitted(self, docs: Array, sums: Array) -> tuple[Array, Array]:
        kept = (sums if self.allowed is None else (sums != 0) & self.allowed.take(docs)).nonzero()[0]
        return (docs, sums) if len(kept) == len(docs) else (docs.take(kept), sums.take(kept))

    def _complete(self, docs: Array, sums: Array, place: int) -> None:
        """Add what the lists from *place* on give to documents, dropping those that cannot win, and hold the best."""
        for at in range(place, len(self.weighted)):
            if not len(docs):
                return
            if len(docs) > self.k:
                self.threshold = max(self.threshold, lower_bound(sums, self.k) * _SAFE)
            kept = (sums >= self.threshold - self.rests[at]).nonzero()[0]
            if len(kept) < len(docs):
                docs, sums = docs.take(kept), sums.take(kept)
            weight, postings = self.weighted[at]
            sums = sums + weight * postings.impacts_of(docs, self.scratch.impacts).astype(np.float64)
        self._hold(docs, sums)

    def _hold(self, docs: Array, scores: Array) -> None:
        if self.held is not None and len(docs):
            seen = self.scratch.seen
            seen[self.held.docs] = True
            new = (~seen.take(docs)).nonzero()[0]
            seen[self.held.docs] = False
            docs = np.concatenate((self.held.docs, docs.take(new)))
            scores = np.concatenate((self.held.scores, scores.take(new)))
        if not len(docs):
            return
        if len(docs) >= self.k:
            bound = lower_bound(scores, self.k) if len(docs) > self.k else float(scores.min())
            self.threshold = max(self.threshold, bound * _SAFE)
            good = (scores >= bound).nonzero()[0]
            docs, scores = docs.take(good), scores.take(good)
        self.held = _Held(docs, scores)

    # -- byte rows

    def _walk_rows(self, first: int) -> None:
        dense = self.weighted[first:]
        levels = self._added_levels([postings.levels for _, postings in dense if postings.levels is not None])
        ratios = [weight / postings.frozen_idf for weight, postings in dense]
        columns = levels.reshape(_FOLD, -1)
        folded = np.maximum.reduce(columns, axis=0)
        if len(folded) > self.k:
            reached = int(np.partition(folded, len(folded) - self.k)[len(folded) - self.k])
            certain = (reached - len(dense)) * self.unit * min(ratios)
            self.threshold = max(self.threshold, certain * _SAFE)
        unit = self.unit * max(ratios)
        docs = self._at_least(columns, folded, max(1, int(self.threshold / unit)))
        if len(docs) > _MANY:
            docs = self._after_the_best(docs, levels, unit)
        if len(docs):
            self._hold(docs, self._scores(docs))

    def _added_levels(self, rows: Sequence[Array]) -> Array:
        """The levels of all rows added up for every document, an upper bound of what they score there."""
        total: Array
        if len(rows) <= _MOST_BYTE_ROWS:
            total = self.scratch.levels
            np.copyto(total, rows[0]) if len(rows) == 1 else np.add(rows[0], rows[1], out=total)
        else:
            total = self.scratch.many_levels
            np.add(rows[0], rows[1], out=total, dtype=np.uint16)
        for row in rows[2:]:
            np.add(total, row, out=total)
        if self.allowed is not None:
            np.multiply(total[: len(self.allowed)], self.allowed.view(np.uint8), out=total[: len(self.allowed)])
        return total

    @staticmethod
    def _at_least(columns: Array, folded: Array, need: int) -> Array:
        """The documents of at least *need* levels; only columns whose maximum has so many are looked at."""
        good = (folded >= need).nonzero()[0]
        if 3 * len(good) > len(folded):
            return (columns.ravel() >= need).nonzero()[0]
        rows, places = np.nonzero(columns.take(good, axis=1) >= need)
        docs: Array = rows * columns.shape[1] + good.take(places)
        return docs

    def _after_the_best(self, docs: Array, levels: Array, unit: float) -> Array:
        """*docs* without those that fall behind once the most promising of them are scored."""
        own = levels.take(docs)
        promising = docs.take((own >= lower_bound(own, max(100, self.k))).nonzero()[0])
        scores = self._scores(promising)
        if len(scores) > self.k:
            self.threshold = max(self.threshold, lower_bound(scores, self.k) * _SAFE)
        return docs.take((own >= max(1, int(self.threshold / unit))).nonzero()[0])

    def _scores(self, docs: Array) -> Array:
        """The whole scores of *docs*."""
        return added_up(self.lists, docs, self.weighted)


def _added_up(weighted: Sequence[Weighted], sums: Array) -> tuple[Array, Array]:
    """Every document of the lists, and its sum; a document that is in several comes again with 0.

    *sums* is zero for every document and is left so.
    """
    if len(weighted) == 1:
        weight, postings = weighted[0]
        return postings.docs.astype(np.intp), weight * postings.impacts.astype(np.float64)
    docs = [postings.docs.astype(np.intp) for _, postings in weighted]
    for own, (weight, postings) in zip(docs, weighted, strict=True):
        np.add.at(sums, own, weight * postings.impacts.astype(np.float64))
    found = []
    for own in docs:
        found.append(sums.take(own))
        sums[own] = 0.0
    return np.concatenate(docs), np.concatenate(found)


def added_up(lists: Lists, docs: Array, weighted: Sequence[Weighted]) -> Array:
    """What the lists give each of *docs* together."""
    scores = np.zeros(len(docs))
    for weight, postings in weighted:
        scores += weight * postings.impacts_of(docs, lists.scratch.impacts).astype(np.float64)
    return scores


def count_any_of(lists: Lists, postings: Sequence[Postings], allowed: Array | None = None) -> int:
    """How many documents, of *allowed* where that is given, are in any of the lists, exactly."""
    if loops.COMPILED:
        return loops.compiled.count_any(lists.scratch.rows, postings, allowed)
    plain = [one for one in postings if isinstance(one, PostingList)]
    if allowed is None and len(plain) == len(postings):
        return count_any(lists.scratch.seen, plain)
    seen = np.zeros(len(lists.segment), np.bool_)
    for one in postings:
        one.mark(seen)
    return int(np.count_nonzero(seen if allowed is None else seen & allowed))


def best_of_all(
    lists: Lists,
    clauses: Sequence[Sequence[Weighted]],
    lifts: Sequence[Weighted],
    k: int,
    allowed: Array | None = None,
) -> tuple[Array, Array, int]:
    """The *k* best documents that any list of each clause has, and how many there are.

    A score is the sum of the clauses, in order; then comes the sum of *lifts*, which need not have the document.
    """
    if not all(clauses):
        return *NOTHING, 0
    if loops.COMPILED and k > 0:
        return loops.compiled.all_of(lists.scratch.rows, clauses, lifts, k, allowed)
    docs, scores = all_of(lists, clauses, allowed)
    if lifts:
        scores = scores + added_up(lists, docs, lifts)
    return *ranked(docs, scores, k), len(docs)


def all_of(lists: Lists, clauses: Sequence[Sequence[Weighted]], allowed: Array | None = None) -> Best:
    """Every document that any list of each clause has, ascending, and its score: the sums of the clauses, in order."""
    order = sorted(range(len(clauses)), key=lambda place: sum(len(postings) for _, postings in clauses[place]))
    docs = union([postings.docs for _, postings in clauses[order[0]]]).astype(np.intp)
    if allowed is not None:
        docs = docs.take(allowed.take(docs).nonzero()[0])
    sums: dict[int, Array] = {}
    for place in order:
        own = added_up(lists, docs, clauses[place])
        both = own.nonzero()[0]
        if len(both) < len(docs):
            docs, own = docs.take(both), own.take(both)
            sums = {other: values.take(both) for other, values in sums.items()}
        sums[place] = own
    total = sums[0]
    for place in range(1, len(clauses)):
        total = total + sums[place]
    return docs, total
