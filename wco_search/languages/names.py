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
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from wco_search.text import CYRILLIC

# Similarity from which two keys may be one name. Of 470 one-word names of places in CLDR, hidden among 100,000 English
# words, .76 finds 379 and .72 finds 381; but then a common Russian word meets a third more that is no name of it.
THRESHOLD = 0.76
_FIRST_LETTER = 0.08  # what another first letter costs: names are rarely misheard at their beginning
_WITHIN = 0.12  # of the best; what is further off is another name
_AT_MOST = 4
_SHORTEST, _SHORTEST_KEY = 3, 2  # letters of a word and of its key that are compared: fewer are like everything
_KEY_LENGTH, _SKELETON_LENGTH = 16, 12  # letters that count

_VOWELS = "aeiou"
_CONSONANTS = "bvgdzZklmnprstfhSCc"  # Z is zh and j, S is sh, C is ch, c is ts
_LETTERS = _VOWELS + _CONSONANTS
_CODE = {letter: number for number, letter in enumerate(_LETTERS, 1)}

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
_GLIDE = re.compile(f"(?:^|(?<=[gk]))u(?=[{_VOWELS}])", re.MULTILINE)  # Гватемала, Уильям: u before a vowel is a v
_DOUBLED = re.compile(r"([^\n])\1+")
_NO_SOUND = re.compile(f"[^{_LETTERS}\n]")

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
    return tuple(dict.fromkeys(key for keys in _keys_of_lines(form) for key in keys))


def _keys_of_lines(lines: str) -> list[list[str]]:
    """The keys of one folded form a line, all of one alphabet: the first keys, and for Russian the second ones."""
    if not CYRILLIC.search(lines):
        for spelling, sound in _ENGLISH_SOUNDS:
            lines = lines.replace(spelling, sound)
        return [_tidy(lines)]
    sounds = lines.replace("дж", "ж").translate(_RUSSIAN_SOUNDS)
    return [_tidy(sounds), _tidy(sounds.replace("g", "h"))]


def _tidy(lines: str) -> list[str]:
    sounds = _GLIDE.sub("v", _NO_SOUND.sub("", lines)).replace("ts", "c")
    return [key[:_KEY_LENGTH] for key in _DOUBLED.sub(r"\1", sounds).split("\n")]


@dataclass(frozen=True, slots=True)
class NameMatch:
    """A word of the table that may be the name that was asked for.

    Attributes:
        form: The word as the table was given it.
        weight: Square of the similarity of the two keys, from .58 to 1.
    """

    form: str
    weight: float


class NameTable:
    """The words of one alphabet, found by names written in the other.

    Made of the vocabulary of an index. Russian words are best given as lemmas: of the cases of one name only four would
    be given back.

    Example:
        >>> table = NameTable.build({"mikuriya": 12, "customs": 40, "houston": 3, "guatemala": 5})
        >>> table.candidates("микурия"), [match.form for match in table.candidates("хьюстон")]
        ((NameMatch(form='mikuriya', weight=1.0),), ['houston'])
        >>> table.candidates("таможня")
        ()
    """

    def __init__(self, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        self._arrays = dict(arrays)
        self._forms, self._starts, self._counts = arrays["forms"], arrays["starts"], arrays["counts"]
        self._keys, self._lengths, self._owners = arrays["keys"], arrays["lengths"], arrays["owners"]
        self._codes, self._code_keys = arrays["codes"], arrays["code_keys"]

    @classmethod
    def build(cls, vocabulary: Mapping[str, int] | Iterable[tuple[str, int]]) -> NameTable:
        """A table of folded forms with their counts; forms that are not three letters or more are left out."""
        pairs = vocabulary.items() if isinstance(vocabulary, Mapping) else vocabulary
        words = [(form, count) for form, count in pairs if len(form) >= _SHORTEST and form.isalpha()]
        columns = _keys_of_lines("\n".join(form for form, _ in words))
        spoken = {(key, number): None for column in columns for number, key in enumerate(column)}
        keys = [key for key, _ in spoken if len(key) >= _SHORTEST_KEY]
        owners = [number for key, number in spoken if len(key) >= _SHORTEST_KEY]
        encoded = [form.encode("utf-8") for form, _ in words]
        matrix = _matrix(keys)
        codes, code_keys = _skeleton_codes(matrix)
        return cls(
            {
                "forms": np.frombuffer(b"".join(encoded), dtype=np.uint8),
                "starts": np.cumsum([0, *map(len, encoded)]).astype(np.int64),
                "counts": np.array([count for _, count in words], dtype=np.int64),
                "keys": matrix,
                "lengths": np.array(list(map(len, keys)), dtype=np.int16),
                "owners": np.array(owners, dtype=np.int32),
                "codes": codes,
                "code_keys": code_keys,
            }
        )

    def to_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """The table as plain arrays of numbers, to be kept; `NameTable(arrays)` is the table again."""
        return dict(self._arrays)

    def __len__(self) -> int:
        return len(self._counts)

    @property
    def codes(self) -> set[int]:
        """All `name_codes` of its words: a name that has none of them has no candidates here."""
        return set(self._codes.tolist())

    def candidates(self, form: str, lemmas: Iterable[str] = ()) -> tuple[NameMatch, ...]:
        """Words that sound like folded *form* or one of its *lemmas*: at most four, all within .12 of the best.

        Where a dictionary knows no lemma of a Russian form, give its stem instead: a name in the instrumental is two
        letters longer than in English.

        Similarity is 1 - distance/length of the longer key, at least .76, less .08 where the first letters differ; of
        equally similar words the frequent come first.
        """
        best: dict[int, float] = {}
        for key in dict.fromkeys(key for word in (form, *lemmas) for key in phonetic_keys(word)):
            if len(key) >= _SHORTEST_KEY and len(form) >= _SHORTEST:
                for owner, similarity in self._similar(key):
                    best[owner] = max(similarity, best.get(owner, 0.0))
        if not best:
            return ()
        floor = max(best.values()) - _WITHIN
        near = [(-value, -int(self._counts[owner]), owner) for owner, value in best.items() if value >= floor]
        return tuple(NameMatch(self._form(owner), value**2) for value, _, owner in sorted(near)[:_AT_MOST])

    def _form(self, number: int) -> str:
        return self._forms[self._starts[number] : self._starts[number + 1]].tobytes().decode("utf-8")

    def _similar(self, key: str) -> list[tuple[int, float]]:
        query, wanted = _matrix([key])[0], _codes_of(key)
        starts, ends = np.searchsorted(self._codes, wanted, "left"), np.searchsorted(self._codes, wanted, "right")
        found = np.concatenate([self._code_keys[start:end] for start, end in zip(starts, ends, strict=True)])
        lengths = self._lengths[found]
        missing = np.abs(lengths - len(key)) * (_LOST_VOWEL / _WHOLE)  # the least that different lengths cost
        found = np.unique(found[missing <= (1 - THRESHOLD) * np.maximum(lengths, len(key))])
        if not len(found):
            return []
        size = np.maximum(self._lengths[found], len(key))
        keys = self._keys[found, : size.max()]
        similarity = 1 - _distances(query[: len(key)], keys) / (_WHOLE * size)
        similarity -= np.where(keys[:, 0] == query[0], 0, _FIRST_LETTER)
        good = np.flatnonzero(similarity >= THRESHOLD)
        return [(int(self._owners[found[place]]), float(similarity[place])) for place in good]


def name_codes(form: str) -> set[int]:
    """Numbers of which a word of the other alphabet has at least one if it sounds like folded *form*.

    Example:
        >>> name_codes("микурия") <= NameTable.build({"mikuriya": 1}).codes, name_codes("и")
        (True, set())
    """
    if len(form) < _SHORTEST:
        return set()
    keys = (key for key in phonetic_keys(form) if len(key) >= _SHORTEST_KEY)
    return {code for key in keys for code in _codes_of(key).tolist()}


def _matrix(keys: list[str]) -> npt.NDArray[np.uint8]:
    """Keys as rows of letter numbers, 0 behind the last."""
    table = bytes.maketrans(_LETTERS.encode(), bytes(_CODE.values()))
    joined = "".join([key.ljust(_KEY_LENGTH, "\0") for key in keys]).encode("ascii")
    return np.frombuffer(joined.translate(table), dtype=np.uint8).reshape(-1, _KEY_LENGTH)


def _skeleton_codes(matrix: npt.NDArray[np.uint8]) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int32]]:
    """The consonants of each key, all and with one left out, five bits a letter; sorted, with the rows they are of.

    A skeleton of one or two consonants is taken whole only: what is left of it would be in every second word. With one
    left out on either side, the family of the first sound is part of the code, in the four bits above: names seldom
    change in both.
    """
    families = _FAMILY[matrix[:, 0]] << np.uint64(5 * _SKELETON_LENGTH)
    skeletons = np.zeros((len(matrix), _SKELETON_LENGTH), dtype=np.uint64)
    filled = np.zeros(len(matrix), dtype=np.intp)
    for column in matrix.T:
        rows = np.flatnonzero((column > len(_VOWELS)) & (filled < _SKELETON_LENGTH))
        skeletons[rows, filled[rows]] = column[rows]
        filled[rows] += 1
    every = np.arange(len(matrix), dtype=np.int32)
    whole, long = _number(skeletons), np.flatnonzero(filled > 2)
    codes, rows_of = [whole, whole[long] | families[long]], [every, every[long]]
    for place in range(_SKELETON_LENGTH):
        rows = np.flatnonzero((filled > place) & (filled > 2))
        if len(rows):
            codes.append(_number(np.delete(skeletons[rows], place, axis=1)) | families[rows])
            rows_of.append(every[rows])
    all_codes, all_rows = np.concatenate(codes), np.concatenate(rows_of)
    order = np.argsort(all_codes, kind="stable")
    return all_codes[order], all_rows[order]


def _codes_of(key: str) -> npt.NDArray[np.uint64]:
    """The codes of one key, the same as `_skeleton_codes` gives; an array of one row would take ten times as long."""
    skeleton = [_CODE[letter] for letter in key if letter not in _VOWELS][:_SKELETON_LENGTH]
    family = int(_FAMILY[_CODE[key[0]]]) << 5 * _SKELETON_LENGTH
    shorter = [skeleton[:place] + skeleton[place + 1 :] for place in range(len(skeleton))] if len(skeleton) > 2 else []
    whole = _one_number(skeleton)
    numbers = [whole, *([whole | family] if shorter else []), *(_one_number(rest) | family for rest in shorter)]
    return np.array(sorted(numbers), dtype=np.uint64)


def _one_number(skeleton: list[int]) -> int:
    number = 0
    for code in skeleton:
        number = number << 5 | code
    return number


def _number(skeletons: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    number = np.zeros(len(skeletons), dtype=np.uint64)
    for column in skeletons.T:
        number = np.where(column > 0, (number << np.uint64(5)) | column, number)
    return number


def _substitutions() -> npt.NDArray[np.int16]:
    costs = np.full((len(_LETTERS) + 1, len(_LETTERS) + 1), _WHOLE, dtype=np.int16)
    vowels = [_CODE[letter] for letter in _VOWELS]
    costs[np.ix_(vowels, vowels)] = _VOWEL_FOR_VOWEL
    for one, other in map(tuple, _KIN):
        costs[_CODE[one], _CODE[other]] = costs[_CODE[other], _CODE[one]] = _AKIN
    np.fill_diagonal(costs, 0)
    return costs


def _families() -> npt.NDArray[np.uint64]:
    numbers = {letter: number for number, family in enumerate(_FAMILIES, 1) for letter in family}
    return np.array([0, *(numbers[letter] for letter in _LETTERS)], dtype=np.uint64)


_FAMILY = _families()
_SUBSTITUTION = _substitutions()
_LOSS = np.array([0] + [_LOST_VOWEL] * len(_VOWELS) + [_WHOLE] * len(_CONSONANTS), dtype=np.int16)


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
