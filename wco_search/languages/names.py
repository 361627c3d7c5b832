"""Names across alphabets: Микурия = Mikuriya, by how they sound.

Both spellings are reduced to one phonetic key; keys are compared letter by letter. Names that may be alike are found by
the consonants of their keys and those with one consonant left out, so that a table of 100,000 words is not searched
through:

    Шеремет -> Seremet -> Srmt, rmt, Smt, Srt, Srm        Hyuston -> hiuston -> hstn, stn, htn, hsn, hst

The idea is that of Soundex and its successors for two alphabets at once; leaving one letter out on both sides finds all
pairs that differ by one letter, which is symmetric deletion (W. Garbe, SymSpell, 2012).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from wco_search import compiled
from wco_search.text import CYRILLIC, LATIN

Array = npt.NDArray[Any]

# Similarity from which two keys may be one name. Of 470 one-word names of places in CLDR, hidden among 100,000 English
# words, .76 finds 379 and .72 finds 381; but then a common Russian word meets a third more that is no name of it.
THRESHOLD = 0.76
# The same by the letters of the key that is asked with: the shorter, the more words differ in one vowel (суд, seed;
# груз, horiz) or in one consonant. Longer keys take `THRESHOLD`.
_OF_SHORT_KEYS = {1: 0.9, 2: 0.9, 3: 0.9, 4: 0.84}
_FIRST_LETTER = 0.08  # what another first letter costs: names are rarely misheard at their beginning
WITHIN = 0.12  # of the best; what is further off is another name
_AT_MOST = 4
_SHORTEST, _SHORTEST_KEY = 3, 2  # letters of a word and of its key that are compared: fewer are like everything
_KEY_LENGTH, _SKELETON_LENGTH = 16, 12  # letters that count

_VOWELS = "aeiou"
_CONSONANTS = "bvgdzZklmnprstfhSCc"  # Z is zh and j, S is sh, C is ch, c is ts
_LETTERS = _VOWELS + _CONSONANTS
_CODE = {letter: number for number, letter in enumerate(_LETTERS, 1)}
_SILENT = 255
_WORDS = _CYRILLIC_WORD, _LATIN_WORD = [re.compile(f"{script.pattern}+") for script in (CYRILLIC, LATIN)]

# A skeleton as a number: five bits a consonant, and above these whether its word is Cyrillic.
_ALPHABET_BIT = np.uint64(5 * _SKELETON_LENGTH)
_LETTERS_MASK = (np.uint64(1) << _ALPHABET_BIT) - np.uint64(1)
_SHIFTS = np.arange(0, 5 * _SKELETON_LENGTH, 5, dtype=np.uint64)
_BELOW = (np.uint64(1) << _SHIFTS) - np.uint64(1)
_CHECK_BITS, _CHECK = np.uint64(8), np.uint64(0xFF)  # of a hash, kept with an entry
_NEXT = (np.uint64(0), np.uint64(1))

# Costs in hundredths of a letter. Vowels change and vanish between alphabets, consonants that sound alike are swapped.
_WHOLE, _VOWEL_FOR_VOWEL, _LOST_VOWEL, _AKIN = 100, 50, 70, 60
_FAMILIES = (_VOWELS, "szcSZC", "bvfp", "ghk", "td", "l", "m", "n", "r")  # sounds with which one name may begin
_KIN = (
    "sz",
    "sS",
    "zZ",
    "SC",
    "SZ",
    "CZ",
    "cs",
    "cz",
    "cC",
    "bv",
    "vf",
    "gh",
    "gk",
    "gZ",
    "kh",
    "kC",
    "td",
    "pb",
    "sC",
)

_RUSSIAN_SOUNDS = str.maketrans(
    {
        "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "io", "ж": "Z", "з": "z", "и": "i", "й": "i",
        "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f",
        "х": "h", "ц": "ts", "ч": "C", "ш": "S", "щ": "S", "ъ": "", "ы": "i", "ь": "", "э": "e", "ю": "iu", "я": "ia",
    }
)  # fmt: skip
_ENGLISH_SOUNDS = (  # one after the other: longer spellings before those within them
    ("shch", "S"), ("sch", "S"), ("tch", "C"), ("dzh", "Z"), ("sh", "S"), ("ch", "C"), ("zh", "Z"), ("th", "t"),
    ("ph", "f"), ("gh", "g"), ("kh", "h"), ("dj", "Z"), ("dg", "Z"), ("j", "Z"), ("ck", "k"), ("ce", "se"),
    ("ci", "si"), ("cy", "si"), ("c", "k"), ("tz", "ts"), ("qu", "kv"), ("q", "k"), ("x", "ks"), ("w", "v"),
    ("ee", "i"), ("ea", "i"), ("oo", "u"), ("ou", "u"), ("y", "i"),
)  # fmt: skip
_GLIDE = re.compile(f"(?:^|(?<=[gk]))u(?=[{_VOWELS}])")  # Гватемала, Уильям: u before a vowel is a v
_DOUBLED = re.compile(r"(.)\1+")
_NO_SOUND = re.compile(f"[^{_LETTERS}]")

# The same for many words at once, a byte a letter.
_CYRILLIC_BYTES = "cp1251"
_RUSSIAN_PAIRS = (("дж", "ж"), ("ё", "ио"), ("ц", "тс"), ("ю", "иу"), ("я", "иа"))
_CODE_OF_RUSSIAN = {chr(char): _CODE[sound] for char, sound in _RUSSIAN_SOUNDS.items() if len(sound) == 1}


def _byte_codes(code_of: Mapping[str, int], encoding: str) -> bytes:
    """For each byte the number of its sound; that of a line feed is 0."""
    chars = [bytes([byte]).decode(encoding, "replace") for byte in range(256)]
    return bytes({"\n": 0, **code_of}.get(char, _SILENT) for char in chars)


_LATIN_CODES = _byte_codes(_CODE, "ascii")
_CYRILLIC_CODES = _byte_codes(_CODE_OF_RUSSIAN, _CYRILLIC_BYTES)
_CYRILLIC_CODES_WITH_H = _byte_codes({**_CODE_OF_RUSSIAN, "г": _CODE["h"]}, _CYRILLIC_BYTES)

_RUSSIAN_TO_LATIN = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ж": "zh", "з": "z", "и": "i", "й": "y", "к": "k",
    "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f", "х": "kh",
    "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ы": "y", "ь": "", "э": "e", "ю": "yu", "я": "ya",
}  # fmt: skip
"""The BGN/PCGN 1947 romanisation of Russian, which English newspapers follow, without its apostrophes."""


def romanised(form: str) -> str:
    """A folded Russian form in Latin letters as newspapers write it (BGN/PCGN 1947 without apostrophes).

    Example:
        >>> romanised("микурия"), romanised("щукин"), romanised("ельцин"), romanised("достоевский")
        ('mikuriya', 'shchukin', 'yeltsin', 'dostoyevskiy')
    """
    written = []
    before = ""
    for letter in form:
        begins_syllable = letter == "е" and (not before or before in "аеиоуыэюяйъь")
        written.append("ye" if begins_syllable else _RUSSIAN_TO_LATIN.get(letter, letter))
        before = letter
    return "".join(written)


def phonetic_keys(form: str) -> tuple[str, ...]:
    """How a folded form sounds: one key, or for a Russian form with г a second with h for it (Гарвард, Harvard).

    Example:
        >>> phonetic_keys("шеремет"), phonetic_keys("sheremet"), phonetic_keys("гавана"), phonetic_keys("mikuriya")
        (('Seremet',), ('Seremet',), ('gavana', 'havana'), ('mikuria',))
    """
    return tuple(dict.fromkeys(map(_tidy, _sounds(form))))


def _sounds(form: str) -> tuple[str, ...]:
    """How a folded form sounds: in one way, or for a Russian one with г in two."""
    if not CYRILLIC.search(form):
        return (_english_sounds(form),)
    sounds = form.replace("дж", "ж").translate(_RUSSIAN_SOUNDS)
    return (sounds, sounds.replace("g", "h")) if "g" in sounds else (sounds,)


def _english_sounds(text: str) -> str:
    for spelling, sound in _ENGLISH_SOUNDS:
        text = text.replace(spelling, sound)
    return text


def _tidy(sounds: str) -> str:
    """The key of one form that sounds so."""
    letters = _GLIDE.sub("v", _NO_SOUND.sub("", sounds)).replace("ts", "c")
    return _DOUBLED.sub(r"\1", letters)[:_KEY_LENGTH]


def _latin_codes(lines: str) -> bytes:
    """The sounds of English words, one a line, as numbers of letters; 0 between lines."""
    return _english_sounds(lines).encode("ascii", "replace").translate(_LATIN_CODES)


def _cyrillic_codes(lines: str, table: bytes) -> bytes:
    """The same of Russian words; the letters that are two sounds are written as two letters first."""
    for spelling, sound in _RUSSIAN_PAIRS:
        lines = lines.replace(spelling, sound)
    return lines.encode(_CYRILLIC_BYTES, "replace").translate(table)


def _tidied(sounds: bytes) -> tuple[Array, Array]:
    """The keys of all lines: the numbers of their letters, one key behind the other, and the length of each."""
    codes = np.frombuffer(sounds + b"\0", np.uint8)
    codes = codes[codes != _SILENT]
    before, after = np.zeros_like(codes), np.zeros_like(codes)
    before[1:], after[:-1] = codes[:-1], codes[1:]
    glides = (codes == _CODE["u"]) & (after > 0) & (after <= len(_VOWELS))
    codes[glides & ((before == 0) | (before == _CODE["g"]) | (before == _CODE["k"]))] = _CODE["v"]
    is_ts = (codes[:-1] == _CODE["t"]) & (codes[1:] == _CODE["s"])
    codes[:-1][is_ts] = _CODE["c"]
    codes = codes[np.concatenate([[True], ~is_ts])]
    codes = codes[np.concatenate([[True], (codes[1:] != codes[:-1]) | (codes[1:] == 0)])]
    ends = np.flatnonzero(codes == 0)
    lengths = np.diff(ends, prepend=-1) - 1
    kept = np.minimum(lengths, _KEY_LENGTH)
    return codes[_ranges(ends - lengths, kept)], kept


def _ranges(starts: Array, lengths: Array) -> Array:
    """The numbers of many ranges, one range after the other."""
    ends = np.cumsum(lengths, dtype=np.int64)
    total = int(ends[-1]) if len(ends) else 0
    return np.arange(total, dtype=np.int64) + np.repeat(starts - (ends - lengths), lengths)


@dataclass(frozen=True, slots=True)
class NameMatch:
    """A word that may be the name that was asked for.

    Attributes:
        form: The word.
        weight: Square of the similarity of the two keys, from .58 to 1.
    """

    form: str
    weight: float


def least_similarity(form: str, *, is_translated: bool) -> float:
    """The similarity from which a word may be the name that folded *form* is.

    A word that has translations is less likely a name: it must sound as alike as one that is a letter shorter.

    Example:
        >>> [least_similarity(form, is_translated=True) for form in ("суд", "груз", "карго", "гватемала")]
        [0.9, 0.9, 0.84, 0.76]
        >>> [least_similarity(form, is_translated=False) for form in ("ким", "маск", "рошен")]
        [0.9, 0.84, 0.76]
    """
    _, keys = keys_to_ask(form)
    sounds = max(map(len, keys), default=1)
    return _OF_SHORT_KEYS.get(sounds - is_translated, THRESHOLD)


def likeliest(similarities: Mapping[str, float], count_of: Callable[[str], int]) -> tuple[NameMatch, ...]:
    """Of words that sound like a name those within .12 of the best, at most four; of equal ones the frequent first.

    Example:
        >>> likeliest({"smit": 1.0, "smith": 1.0, "smita": 0.8}, {"smit": 2, "smith": 9}.__getitem__)
        (NameMatch(form='smith', weight=1.0), NameMatch(form='smit', weight=1.0))
    """
    floor = max(similarities.values(), default=0.0) - WITHIN
    near = sorted((-value, -count_of(form), form) for form, value in similarities.items() if value >= floor)
    return tuple(NameMatch(form, value**2) for value, _, form in near[:_AT_MOST])


class NameTable:
    """The words of a vocabulary, of both alphabets, found by names written in the other one.

    It is seven plain arrays, which a segment keeps. Keys are sorted by skeleton, their consonants; those of one
    skeleton are found by it and by what is left of it without one consonant:

        letters, lengths    the keys one behind the other, a letter a byte, and how many each has
        owners              the number of each key's word
        skeletons, firsts   the different skeletons, ascending, and the first key of each; last, how many keys there are
        shorter, buckets    the numbers of skeletons by what is left of them without one consonant: where that falls is
                            told by a hash, of which eight bits stand below each number; where each bucket starts, last,
                            where one more would

    Example:
        >>> table = NameTable.build(["mikuriya", "customs", "houston", "guatemala", "микурия"])
        >>> table.similar("микурия"), table.similar("таможня"), list(table.similar("хьюстон"))
        ({0: 1.0}, {}, [2])
    """

    def __init__(self, arrays: Mapping[str, Array]) -> None:
        self._arrays = dict(arrays)
        self._letters, self._owners = arrays["letters"], arrays["owners"]
        self._lengths = arrays["lengths"]
        self._skeletons, self._firsts = arrays["skeletons"], arrays["firsts"]
        self._shorter, self._buckets = arrays["shorter"], arrays["buckets"]

    @classmethod
    def build(cls, vocabulary: Iterable[str]) -> NameTable:
        """A table of folded forms, numbered as they come; those that are not three letters or more are left out."""
        letters, lengths, owners, codes = _spoken(vocabulary)
        skeletons = np.unique(codes)
        numbers = np.searchsorted(skeletons, codes)
        order = _order_of(numbers)
        shorter, buckets = _by_shorter(skeletons)
        return cls(
            {
                "letters": letters[_ranges((np.cumsum(lengths) - lengths)[order], lengths[order])],
                "lengths": lengths[order].astype(np.uint8),
                "owners": owners[order],
                "skeletons": skeletons,
                "firsts": np.searchsorted(numbers[order], np.arange(len(skeletons) + 1)),
                "shorter": shorter,
                "buckets": buckets,
            }
        )

    def to_arrays(self) -> dict[str, Array]:
        """The table as plain arrays of numbers, none negative, to be kept; `NameTable(arrays)` is the table again."""
        return dict(self._arrays)

    @property
    def codes(self) -> set[int]:
        """All `name_codes` of its words: a name that has none of them is like no word here."""
        long = (self._skeletons & _LETTERS_MASK) >> np.uint64(10) > 0
        return {*self._skeletons.tolist(), *_shorter(self._skeletons[long]).ravel().tolist()}

    def similar(self, form: str) -> dict[int, float]:
        """The numbers of the words of the other alphabet that sound like folded *form*, and how similar each is.

        Similarity is 1 - distance/length of the longer key, at least .76, less .08 where the first letters differ.
        """
        best: dict[int, float] = {}
        alphabet, keys = keys_to_ask(form)
        for key in keys:
            for owner, similarity in self._similar(key, alphabet):
                best[owner] = max(similarity, best.get(owner, 0.0))
        return best

    def _similar(self, key: bytes, alphabet: int) -> Iterator[tuple[int, float]]:
        codes = _codes_of(key, alphabet)
        numbers, lengths = self._candidates(key, codes)
        if not len(numbers):
            return
        columns = np.arange(lengths.max())
        keys = self._letters.take(self._starts.take(numbers)[:, None] + columns, mode="clip")
        keys *= columns < lengths[:, None]
        query = np.frombuffer(key, np.uint8)
        similarity = 1 - _distances(query, keys) / (_WHOLE * np.maximum(lengths, len(key)))
        similarity -= np.where(keys[:, 0] == query[0], 0, _FIRST_LETTER)
        good = (similarity >= THRESHOLD).nonzero()[0]
        numbers = numbers.take(good)
        owners, values = self._owners.take(numbers).tolist(), similarity.take(good).tolist()
        skeletons = self._skeletons.take(self._firsts.searchsorted(numbers, side="right") - 1).tolist()
        for owner, value, skeleton in zip(owners, values, skeletons, strict=True):
            if skeleton == codes[0] or not set(codes).isdisjoint(_left_of(skeleton)):
                yield owner, value

    def _candidates(self, key: bytes, codes: list[int]) -> tuple[Array, Array]:
        """The keys of a length that may be like *key*, whose codes are *codes*, and their lengths.

        They have its skeleton; or begin with a sound of the same family, and their skeleton and its are one with a
        consonant left out of either or both. Some have only a code that looks like one of *codes*.
        """
        skeletons = np.array(self._sharing(codes), np.intp)
        first = self._firsts.take(skeletons).astype(np.intp)
        numbers = _ranges(first, self._firsts.take(skeletons + 1) - first)
        lengths = self._lengths.take(numbers).astype(np.intp)
        is_kept = np.abs(lengths - len(key)) <= _MOST_MISSING.take(np.maximum(lengths, len(key)))
        if len(codes) > 1:
            families = _FAMILY.take(self._letters.take(self._starts.take(numbers)))
            same = self._having(codes[:1])
            whole = [self._firsts.item(number) for one in same for number in (one, one + 1)] or [0, 0]
            is_kept &= (families == _FAMILY.item(key[0])) | ((numbers >= whole[0]) & (numbers < whole[1]))
        kept = is_kept.nonzero()[0]
        return numbers.take(kept), lengths.take(kept)

    def _having(self, codes: list[int]) -> list[int]:
        """The numbers of the skeletons that are one of *codes*."""
        places = self._skeletons.searchsorted(np.array(codes, np.uint64)).tolist()
        size = len(self._skeletons)
        pairs = zip(places, codes, strict=True)
        return [place for place, code in pairs if place < size and self._skeletons.item(place) == code]

    def _sharing(self, codes: list[int]) -> list[int]:
        """The numbers of the skeletons that are one of *codes*, or leave one, or something that looks like one."""
        found = set(self._having(codes))
        if len(codes) > 1:
            hashes = _hashes(np.array(codes, np.uint64))
            buckets = (hashes >> _CHECK_BITS) & np.uint64(len(self._buckets) - 2)
            starts, ends = (self._buckets.take((buckets + one).astype(np.intp)).tolist() for one in _NEXT)
            for start, end, check in zip(starts, ends, (hashes & _CHECK).tolist(), strict=True):
                for entry in self._shorter[start:end].tolist():
                    if entry & int(_CHECK) == check:
                        found.add(entry >> int(_CHECK_BITS))
        return sorted(found)

    @cached_property
    def _starts(self) -> Array:
        """Where the letters of each key start."""
        return np.cumsum(self._lengths, dtype=np.int64) - self._lengths


def name_codes(form: str) -> set[int]:
    """Numbers of which a word of the other alphabet has at least one if it sounds like folded *form*.

    Example:
        >>> name_codes("микурия") <= NameTable.build(["mikuriya"]).codes, name_codes("и")
        (True, set())
    """
    alphabet, keys = keys_to_ask(form)
    return {code for key in keys for code in _codes_of(key, alphabet)}


def keys_to_ask(form: str) -> tuple[int, list[bytes]]:
    """The alphabet in which words that sound like folded *form* are written, and its keys as numbers of letters.

    The alphabet is 0 for Latin, 1 for Cyrillic. There is no key for a form that is too short to be like any.

    Example:
        >>> alphabet, (key,) = keys_to_ask("аббат")
        >>> alphabet, "".join(_LETTERS[number - 1] for number in key), keys_to_ask("dc")
        (0, 'abat', (1, []))
    """
    found: tuple[int, list[bytes]] | None = _compiled_sounds().keys(form) if compiled.SOUNDS else None
    return _keys_to_ask(form) if found is None else found


def _keys_to_ask(form: str) -> tuple[int, list[bytes]]:
    alphabet = 0 if CYRILLIC.search(form) else 1
    if len(form) < _SHORTEST:
        return alphabet, []
    keys = (key for key in phonetic_keys(form) if len(key) >= _SHORTEST_KEY)
    return alphabet, [bytes([_CODE[letter] for letter in key]) for key in keys]


@cache
def _compiled_sounds() -> Any:
    """The same for the compiled loops."""
    return compiled.sounds.Sounds(_ENGLISH_SOUNDS, _RUSSIAN_SOUNDS, _CODE, _VOWELS, _SHORTEST, _SHORTEST_KEY)


def _spoken(vocabulary: Iterable[str]) -> tuple[Array, Array, Array, Array]:
    """The letters of all keys, the length of each, the number of its word, and its skeleton."""
    latin: dict[int, str] = {}
    cyrillic: dict[int, str] = {}
    for number, form in enumerate(vocabulary):
        if len(form) < _SHORTEST or not form.isalpha():
            continue
        if form.isascii() or _LATIN_WORD.fullmatch(form):
            latin[number] = form
        elif _CYRILLIC_WORD.fullmatch(form):
            cyrillic[number] = form
    doubtful = {number: form for number, form in cyrillic.items() if "г" in form}
    parts = [
        (0, latin, _latin_codes("\n".join(latin.values()))),
        (1, cyrillic, _cyrillic_codes("\n".join(cyrillic.values()), _CYRILLIC_CODES)),
        (1, doubtful, _cyrillic_codes("\n".join(doubtful.values()), _CYRILLIC_CODES_WITH_H)),
    ]
    found = [(np.zeros(0, np.uint8), np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.uint64))]
    for alphabet, words, codes in parts:
        if not words:
            continue
        letters, lengths = _tidied(codes)
        heard = np.flatnonzero(lengths >= _SHORTEST_KEY)
        letters = letters[_ranges((np.cumsum(lengths) - lengths)[heard], lengths[heard])]
        lengths = lengths[heard]
        skeletons = _skeletons(letters, lengths) | np.uint64(alphabet) << _ALPHABET_BIT
        found.append((letters, lengths, np.fromiter(words, np.int64, len(words))[heard], skeletons))
    letters, lengths, owners, skeletons = map(np.concatenate, zip(*found, strict=True))
    return letters, lengths, owners, skeletons


def _order_of(numbers: Array) -> Array:
    """The stable order of whole numbers: sorted together with their places they are quicker than by `argsort`."""
    packed = np.sort(numbers.astype(np.uint64) << np.uint64(32) | np.arange(len(numbers), dtype=np.uint64))
    return (packed & np.uint64(0xFFFFFFFF)).astype(np.intp)


def _skeletons(letters: Array, lengths: Array) -> Array:
    """The consonants of each key, the first twelve, as a number: five bits each."""
    owner = np.repeat(np.arange(len(lengths)), lengths)
    consonants = np.flatnonzero(letters > len(_VOWELS))
    owner = owner[consonants]
    totals = np.bincount(owner, minlength=len(lengths))
    place = np.arange(len(consonants)) - (np.cumsum(totals) - totals)[owner]
    counted = place < _SKELETON_LENGTH
    consonants, owner, place = consonants[counted], owner[counted], place[counted]
    behind = np.minimum(totals, _SKELETON_LENGTH)[owner] - 1 - place
    codes = np.zeros(len(lengths), np.uint64)
    parts = letters[consonants].astype(np.uint64) << (5 * behind).astype(np.uint64)
    present = np.flatnonzero(totals)
    codes[present] = np.bitwise_or.reduceat(parts, np.flatnonzero(place == 0)) if len(parts) else 0
    return codes


def _shorter(skeletons: Array) -> Array:
    """What is left of each without one consonant, twelve a row; behind the last consonant, the skeleton itself."""
    codes, alphabets = (skeletons & _LETTERS_MASK)[:, None], (skeletons & ~_LETTERS_MASK)[:, None]
    left: Array = (codes >> (_SHIFTS + np.uint64(5)) << _SHIFTS) | (codes & _BELOW) | alphabets
    return left


def _by_shorter(skeletons: Array) -> tuple[Array, Array]:
    """The numbers of *skeletons* by what is left of them, with a check, and where each bucket of them starts."""
    long = np.flatnonzero((skeletons & _LETTERS_MASK) >> np.uint64(10))
    left = _shorter(skeletons[long])
    rows, columns = np.nonzero(left != skeletons[long][:, None])
    size = 1 << max(0, len(rows).bit_length() - 2)  # two to four a bucket
    hashes = _hashes(left[rows, columns])
    buckets = (hashes >> _CHECK_BITS) & np.uint64(size - 1)
    entries = long[rows].astype(np.uint64) << _CHECK_BITS | hashes & _CHECK
    starts = np.concatenate([[0], np.cumsum(np.bincount(buckets.astype(np.intp), minlength=size))])
    return entries[_order_of(buckets)], starts


def _hashes(codes: Array) -> Array:
    """Multiplicative hashing (D. Knuth): the upper bits of a product with 2^64 over the golden ratio.

    A bit of a product knows nothing of higher bits of a factor, so the highest are put among the lowest first.
    """
    mixed: Array = ((codes ^ codes >> np.uint64(48)) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(24)
    return mixed


def _codes_of(key: bytes, alphabet: int) -> list[int]:
    """The skeleton of one key, and where that is long what is left of it, among words of an alphabet."""
    skeleton = 0
    size = 0
    for letter in key:
        if letter > len(_VOWELS) and size < _SKELETON_LENGTH:
            skeleton = skeleton << 5 | letter
            size += 1
    code = skeleton | alphabet << int(_ALPHABET_BIT)
    return _left_of(code) if size > 2 else [code]


def _left_of(code: int) -> list[int]:
    """A skeleton, and what is left of it without one consonant; of one, itself where only two would be left of it."""
    alphabet, skeleton = code & ~int(_LETTERS_MASK), code & int(_LETTERS_MASK)
    if skeleton < 1 << 10:
        return []
    shifts = range(0, skeleton.bit_length(), 5)
    return [code, *(alphabet | skeleton >> shift + 5 << shift | skeleton & (1 << shift) - 1 for shift in shifts)]


def _substitutions() -> npt.NDArray[np.int16]:
    costs = np.full((len(_LETTERS) + 1, len(_LETTERS) + 1), _WHOLE, dtype=np.int16)
    vowels = [_CODE[letter] for letter in _VOWELS]
    costs[np.ix_(vowels, vowels)] = _VOWEL_FOR_VOWEL
    for one, other in map(tuple, _KIN):
        costs[_CODE[one], _CODE[other]] = costs[_CODE[other], _CODE[one]] = _AKIN
    np.fill_diagonal(costs, 0)
    return costs


def _families() -> npt.NDArray[np.uint8]:
    numbers = {letter: number for number, family in enumerate(_FAMILIES, 1) for letter in family}
    return np.array([0, *(numbers[letter] for letter in _LETTERS)], dtype=np.uint8)


_FAMILY = _families()
# The most by which the lengths of two keys differ that may be alike, by the length of the longer: each letter that one
# lacks costs that of a vowel at least.
_MOST_MISSING = np.arange(_KEY_LENGTH + 1) * ((1 - THRESHOLD) / (_LOST_VOWEL / _WHOLE))
_SUBSTITUTION = _substitutions()
_LOSS = np.array([0] + [_LOST_VOWEL] * len(_VOWELS) + [_WHOLE] * len(_CONSONANTS), dtype=np.int16)

SOUNDS = _FAMILY, _LOSS, _SUBSTITUTION.ravel(), _MOST_MISSING, THRESHOLD, _FIRST_LETTER
"""What similarity is worked out of, for a twin of `NameTable`."""


def _distances(query: npt.NDArray[np.uint8], keys: npt.NDArray[np.uint8]) -> npt.NDArray[np.int16]:
    """Weighted edit distance of *query* to each row of *keys*, in hundredths of a letter.

    The rows of the usual table (Wagner and Fischer, 1974) for all keys at once. Within a row a cell also depends on the
    one before it; less the cost of all insertions so far, that is a running minimum. The zeros behind a short key cost
    nothing to insert, so that the last column is the distance of every key.
    """
    inserted = np.zeros((len(keys), keys.shape[1] + 1), dtype=np.int16)
    np.cumsum(_LOSS[keys], axis=1, out=inserted[:, 1:])
    row = inserted.copy()
    for letter in query:
        swapped = row[:, :-1] + _SUBSTITUTION[letter][keys]
        row += _LOSS[letter]
        np.minimum(row[:, 1:], swapped, out=row[:, 1:])
        row -= inserted
        np.minimum.accumulate(row, axis=1, out=row)
        row += inserted
    last: npt.NDArray[np.int16] = row[:, -1]
    return last
