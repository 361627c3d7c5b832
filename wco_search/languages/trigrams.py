"""How likely a run of letters is as a word of a language, by its letter trigrams.

A word of n letters has n + 1 trigrams, since its edges count as letters; its score is the mean natural logarithm of
P(third letter | first two) over them, with one added to every count (Laplace). That is enough to tell `njhujdkz`,
which is another language on the wrong keyboard, from a surname.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_STEPS = 16  # of one unit of -ln P: the value of a byte, so that all of 0 to 15.9 fits into one


@dataclass(frozen=True, slots=True)
class Trigrams:
    """Trigrams of one alphabet: a cube of -16 ln P in bytes, index 0 standing for the edge of a word.

    Example:
        >>> model = Trigrams.learn(["торговля", "торг", "дорога"], "абвгдежзийклмнопрстуфхцчшщъыьэюя")
        >>> model.score("дорог") > model.score("ргдшщ")
        True
    """

    alphabet: str
    costs: npt.NDArray[np.uint8]

    @classmethod
    def learn(cls, words: Iterable[str], alphabet: str) -> Trigrams:
        """The trigrams of *words*, each counted once; other characters than those of *alphabet* are left out."""
        size = len(alphabet) + 1
        counts = np.ones((size, size, size), dtype=np.float64)
        for word in sorted(set(words)):
            codes = _codes(word, alphabet)
            np.add.at(counts, (codes[:-2], codes[1:-1], codes[2:]), 1)
        chances = counts / counts.sum(axis=2, keepdims=True)
        return cls(alphabet, np.minimum(np.rint(-np.log(chances) * _STEPS), 255).astype(np.uint8))

    @classmethod
    def from_text(cls, text: str) -> Trigrams:
        """The model that `to_text` wrote."""
        alphabet, encoded = text.split(" ")
        size = len(alphabet) + 1
        cells = np.frombuffer(base64.b64decode(encoded), dtype=np.uint8)
        return cls(alphabet, cells.reshape(size, size, size))

    def to_text(self) -> str:
        """The model as one word of its alphabet and one of base 64."""
        return f"{self.alphabet} {base64.b64encode(self.costs.tobytes()).decode('ascii')}"

    def score(self, word: str) -> float:
        """Mean ln P of a letter of folded *word*, about -2 for a word of the language, below -3 for no word."""
        codes = _codes(word, self.alphabet)
        return -float(self.costs[codes[:-2], codes[1:-1], codes[2:]].mean()) / _STEPS


def _codes(word: str, alphabet: str) -> npt.NDArray[np.intp]:
    places = [alphabet.index(char) + 1 for char in word if char in alphabet]
    return np.array([0, 0, *places, 0], dtype=np.intp)
