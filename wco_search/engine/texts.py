"""`TextStore`: the titles and bodies of documents, compressed; the only door to zstandard.

    texts.blob         u1    a Zstandard frame (RFC 8878) a document, of its title and body in UTF-8, without its head
                             28 B5 2F FD 00 40, the same for all; nothing for no text
    texts.offsets      [n+1] where each frame starts
    texts.title_sizes  [n]   bytes of the title, and
    texts.body_sizes   [n]   of the body, uncompressed
    texts.dictionary   u1    what documents have in common, which frames refer to; empty in a small segment

A document is read alone, so that a hit costs one frame. Alone it has little to repeat, hence the dictionary: on news
paragraphs of 800 bytes, frames with one take .29 of the text and 3 microseconds to decompress; without one .51 and 15;
zlib, which needs no package, .48 and 25, and in blocks of 16 documents .38 and 74.

A dictionary serves like documents as well, so it outlives its segment: batches of one commit share it, and merging
keeps that of most documents and copies their frames.

The same documents give the same bytes: parameters are fixed, the dictionary is made of an even sample by one thread.
What a frame takes in memory is known before it is read, from the sizes, which the manifest's checksum covers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any, Final

import numpy as np
import zstandard

from wco_search.engine import loops
from wco_search.engine.array_files import drop_pages, room_for
from wco_search.engine.strings import Array, narrow
from wco_search.errors import CorruptIndexError

# Level 3 with larger tables, which hold a whole dictionary: a sixtieth of the bytes in the same time. Level 6 saves a
# fourteenth and takes four times as long to write. Matches of four bytes, two Russian letters, cost a hundredth of the
# bytes and a sixteenth of the time.
_PARAMETERS: Final = zstandard.ZstdCompressionParameters(
    window_log=18,
    chain_log=17,
    hash_log=17,
    search_log=1,
    min_match=5,
    target_length=0,
    strategy=zstandard.STRATEGY_DFAST,
    write_content_size=False,
    write_checksum=False,
    write_dict_id=False,
)
# What a decompressor wants before the blocks: the number of the format, no size, checksum or dictionary, and a window
# of 2^18 bytes, the largest one that the parameters allow.
_HEAD: Final = bytes.fromhex("28B52FFD 00 40")
_SAMPLE: Final = 4096  # documents that the dictionary is made of: four times as many gain a hundredth of the bytes, and
_SAMPLE_BYTES: Final = 4096  # of each no more than this, so that 16 MB are held at most
_DICTIONARY_BYTES: Final = 256 * 1024  # twice as much gains a hundredth of the bytes
_DICTIONARY_SHARE: Final = 16  # of the sample: a larger share repeats it, and would not pay in a small segment
_FEWEST_BYTES: Final = 16 * 1024  # below this, some 300 news items, making one costs a small commit more than it saves
_COVER: Final = {"k": 200, "d": 8, "f": 20, "accel": 1}  # bytes of a piece, and how pieces are counted; a search for
# better numbers takes four times as long and gains a thousandth

_MOST_GROWTH: Final = 2**17  # bytes a byte of a frame: a block of at least three gives at most 128 KiB (RFC 8878)

_ARRAYS: Final = ("blob", "offsets", "title_sizes", "body_sizes", "dictionary")

Texts = tuple[str, str]
"""Title and body."""


@dataclass(frozen=True)
class TextStore:
    """The texts of some documents, by number. Threads may share one.

    Example:
        >>> store = TextStore.of([("Fossils", "Spanish Customs stopped a shipment."), ("", "Timber.")])
        >>> len(store), store[1]
        (2, ('', 'Timber.'))
    """

    blob: Array
    offsets: Array
    title_sizes: Array
    body_sizes: Array
    dictionary: Array
    path: str = ":memory:"  # of the index, for errors

    @classmethod
    def of(cls, texts: Iterable[Texts], dictionary: Array | None = None) -> TextStore:
        """A store of *texts*; with a *dictionary* of `learn`, so that stores can share it, or with one of their own."""
        encoded = [(title.encode(), body.encode()) for title, body in texts]
        return cls._of_encoded(encoded, _learnt(encoded) if dictionary is None else dictionary)

    @staticmethod
    def learn(texts: Sequence[Texts]) -> Array:
        """The dictionary that `of` makes for *texts*; empty where none would pay."""
        sample = (texts[number] for number in _sampled(len(texts)).tolist())
        return _dictionary([(title.encode(), body.encode()) for title, body in sample])

    @classmethod
    def concatenated(cls, parts: Sequence[tuple[TextStore, Array]], scratch: Path | None = None) -> TextStore:
        """A store of some documents of several stores, by their numbers, ascending, one store after the other.

        A dictionary that at least half of them share is kept, and their frames are copied as they are. They are put
        where `array_files.room_for` says.

        Raises:
            CorruptIndexError: A frame is damaged.
        """
        dictionary = _shared_dictionary(parts)
        if dictionary is None:
            dictionary = _dictionary(list(_sample_of(parts)))
        return cls._joined(
            [
                store.take(numbers)
                if np.array_equal(store.dictionary, dictionary)
                else cls._of_encoded(store.contents(numbers), dictionary)
                for store, numbers in parts
            ],
            dictionary,
            scratch,
        )

    @classmethod
    def _joined(cls, stores: Sequence[TextStore], dictionary: Array, scratch: Path | None) -> TextStore:
        """Stores with one dictionary as one."""
        ends = np.cumsum([0, *(store.offsets.item(-1) for store in stores)])
        blob = room_for(ends.item(-1), np.uint8, scratch)
        offsets = [np.zeros(1, np.int64)]
        for store, first, last in zip(stores, ends[:-1].tolist(), ends[1:].tolist(), strict=True):
            blob[first:last] = store.blob[: last - first]
            offsets.append(store.offsets[1:].astype(np.int64) + first)
            drop_pages([store.blob, blob])
        return cls(
            blob,
            narrow(np.concatenate(offsets)),
            narrow(np.concatenate([np.zeros(0, np.uint8), *(store.title_sizes for store in stores)])),
            narrow(np.concatenate([np.zeros(0, np.uint8), *(store.body_sizes for store in stores)])),
            dictionary,
        )

    def contents(self, numbers: Array) -> Iterator[tuple[bytes, bytes]]:
        """Titles and bodies of the documents *numbers* in UTF-8; raises as reading one does."""
        for number in numbers.tolist():
            content, cut = self.content(number), self.title_sizes.item(number)
            yield content[:cut], content[cut:]

    def take(self, numbers: Array) -> TextStore:
        """A store of the documents *numbers*, ascending; runs of neighbours are copied in one piece."""
        if len(numbers) == len(self):
            return self
        firsts = np.flatnonzero(np.diff(numbers, prepend=-2) != 1)
        lasts = np.flatnonzero(np.diff(numbers, append=len(self) + 1) != 1)
        starts, stops = self.offsets[numbers[firsts]], self.offsets[numbers[lasts] + 1]
        pieces = [self.blob[start:stop] for start, stop in zip(starts.tolist(), stops.tolist(), strict=True)]
        sizes = np.diff(self.offsets).astype(np.int64)[numbers]
        return TextStore(
            np.concatenate([np.zeros(0, np.uint8), *pieces]),
            np.concatenate([[0], np.cumsum(sizes)]),
            self.title_sizes[numbers],
            self.body_sizes[numbers],
            self.dictionary,
        )

    @classmethod
    def _of_encoded(cls, texts: Iterable[tuple[bytes, bytes]], dictionary: Array) -> TextStore:
        compressor = zstandard.ZstdCompressor(
            compression_params=_PARAMETERS,
            dict_data=zstandard.ZstdCompressionDict(dictionary.tobytes()) if len(dictionary) else None,
        )
        blob, ends, sizes = bytearray(), [0], []
        for title, body in texts:
            if title or body:
                blob += memoryview(compressor.compress(title + body))[len(_HEAD) :]
            ends.append(len(blob))
            sizes.append((len(title), len(body)))
        both = np.array(sizes, np.int64).reshape(-1, 2)
        return cls(
            np.frombuffer(blob, np.uint8),
            narrow(np.array(ends, np.int64)),
            narrow(both[:, 0]),
            narrow(both[:, 1]),
            dictionary,
        )

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Array], path: str = ":memory:") -> TextStore:
        """The store that `arrays` took apart, of the index at *path*."""
        return cls(**{name: arrays[f"texts.{name}"] for name in _ARRAYS}, path=path)

    def arrays(self) -> dict[str, Array]:
        """The store as named arrays."""
        return {f"texts.{name}": getattr(self, name) for name in _ARRAYS}

    def __len__(self) -> int:
        return len(self.title_sizes)

    def __getitem__(self, number: int) -> Texts:
        """Title and body of document *number*.

        Raises:
            CorruptIndexError: Its frame is damaged.
        """
        texts: Texts | None = self._compiled.of(number) if loops.COMPILED else None
        if texts is not None:
            return texts
        content, cut = self.content(number), self._views[2][number]
        try:
            return content[:cut].decode(), content[cut:].decode()
        except UnicodeDecodeError as error:
            raise self._damage(number, f"is not UTF-8 ({error})") from error

    def content(self, number: int) -> bytes:
        """Title and body of document *number* in UTF-8, one behind the other; raises as reading both does."""
        blob, offsets, title_sizes, body_sizes = self._views
        size = title_sizes[number] + body_sizes[number]
        if not size:
            return b""
        frame = blob[offsets[number] : offsets[number + 1]]
        if size > len(frame) * _MOST_GROWTH:  # so much memory would be asked for
            raise self._damage(number, f"cannot have {size} bytes")
        try:
            with self._lock:  # a decompressor is for one thread at a time
                content: bytes = self._decompressor.decompress(_HEAD + frame, max_output_size=size)
        except zstandard.ZstdError as error:
            raise self._damage(number, f"cannot be read ({error})") from error
        if len(content) != size:
            raise self._damage(number, f"has {len(content)} bytes, not {size}")
        return content

    def _damage(self, number: int, what: str) -> CorruptIndexError:
        return CorruptIndexError(self.path, f"the text of document {number} {what}")

    @cached_property
    def _views(self) -> tuple[memoryview, memoryview, memoryview, memoryview]:
        """The arrays that a text is read by, which give single numbers in a sixth of the time that NumPy takes."""
        return self.blob.data, self.offsets.data, self.title_sizes.data, self.body_sizes.data

    @cached_property
    def _compiled(self) -> Any:
        """The same for the compiled loops."""
        return loops.compiled.Texts(
            self.blob, self.offsets, self.title_sizes, self.body_sizes,
            head=_HEAD, decompress=self._decompressor.decompress, lock=self._lock, error=zstandard.ZstdError,
            growth=_MOST_GROWTH,
        )  # fmt: skip

    @cached_property
    def _lock(self) -> Lock:
        return Lock()

    @cached_property
    def _decompressor(self) -> zstandard.ZstdDecompressor:
        if not len(self.dictionary):
            return zstandard.ZstdDecompressor()
        return zstandard.ZstdDecompressor(dict_data=zstandard.ZstdCompressionDict(self.dictionary.tobytes()))


def _sampled(documents: int) -> Array:
    """The numbers of the documents that the dictionary of so many is made of."""
    chosen = min(documents, _SAMPLE)
    numbers: Array = np.arange(chosen) * documents // max(1, chosen)
    return numbers


def _learnt(texts: Sequence[tuple[bytes, bytes]]) -> Array:
    return _dictionary([texts[number] for number in _sampled(len(texts)).tolist()])


def _dictionary(sample: Sequence[tuple[bytes, bytes]]) -> Array:
    """The dictionary made of *sample*; empty where it would not pay."""
    pieces: list[bytes | bytearray | memoryview[int]] = [
        piece for title, body in sample if (piece := (title + body)[:_SAMPLE_BYTES])
    ]
    size = min(_DICTIONARY_BYTES, sum(map(len, pieces)) // _DICTIONARY_SHARE)
    if size < _FEWEST_BYTES:
        return np.zeros(0, np.uint8)
    try:
        return np.frombuffer(zstandard.train_dictionary(size, pieces, **_COVER).as_bytes(), np.uint8)
    except zstandard.ZstdError:  # so it says that the sample has too few documents, or nothing in common
        return np.zeros(0, np.uint8)


def _sample_of(parts: Sequence[tuple[TextStore, Array]]) -> Iterator[tuple[bytes, bytes]]:
    """The texts that a dictionary of all parts is made of."""
    firsts = np.cumsum([0, *(len(numbers) for _, numbers in parts)]).tolist()
    chosen = _sampled(firsts[-1])
    for (store, numbers), first in zip(parts, firsts, strict=False):
        yield from store.contents(numbers[chosen[(chosen >= first) & (chosen < first + len(numbers))] - first])


def _shared_dictionary(parts: Sequence[tuple[TextStore, Array]]) -> Array | None:
    """The dictionary that most documents have, if it is half of all or more; None where that is none."""
    counts: Counter[bytes] = Counter()
    for store, numbers in parts:
        counts[store.dictionary.tobytes()] += len(numbers)
    ((found, documents),) = counts.most_common(1) or [(b"", 0)]
    return np.frombuffer(found, np.uint8) if found and 2 * documents >= counts.total() else None
