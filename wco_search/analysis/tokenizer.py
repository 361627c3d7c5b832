"""Where words begin and end: text -> chunks -> entries.

A *chunk* is a run of letters and digits with the signs that join them: `COVID-19`, `Asia/Pacific`, `8.3`, `WCO’s`. Its
*entries* are what it is found by:

    word    a chunk that is one word                     fossils
    part    one of the words that signs join             covid, 19   of COVID-19
    whole   all of them, joined by -                     covid-19    (so 7.11, 7-11 and 7/11 meet)
    piece   a run inside a word, cut where case, script  whats, app  of WhatsApp; 93 of 93rd
            or letters and digits change

Words and parts count positions; a whole stands at its first part's position, a piece at its word's. Everything here is
a function of the chunk alone, so each distinct chunk is cut once, however often it occurs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from wco_search.text import fold, fold_plain, script_of

EntryKind = Literal["word", "part", "whole", "piece"]

LETTER = r"[^\W_]"  # a letter or a digit
# What may stand inside a word without ending it: combining marks (stress, NFD), soft hyphens, zero-width joiners.
INSIDE = (
    r"[\u0300-\u036F\u0483-\u0487\u1AB0-\u1AFF\u1DC0-\u1DFF\u20D0-\u20FF\uFE20-\uFE2F\u00AD\u200B-\u200D\u2060\uFEFF]"
)
JOINER = r"[-\u2010\u2011\u2013./_&@'\u2019\u02BC\uFF07]"
MAX_JOINERS = 15  # a longer chain (a path, a dotted leader) is cut: nobody searches for it whole
CHUNK = re.compile(
    rf"{LETTER}+(?:{INSIDE}+{LETTER}*)*"
    rf"(?:(?:{JOINER}(?={LETTER})|(?<=\d),(?=\d)){LETTER}+(?:{INSIDE}+{LETTER}*)*){{0,{MAX_JOINERS}}}"
)
# English endings that an apostrophe joins belong to their word; any other apostrophe joins two words (O'Brien).
_PART = re.compile(
    rf"{LETTER}+(?:{INSIDE}+{LETTER}*)*(?:['\u2019\u02BC\uFF07](?:s|t|d|m|ll|re|ve)(?!{LETTER}))?", re.IGNORECASE
)
_ORDINARY = re.compile("[A-Z]?[a-z]+|[А-ЯЁ]?[а-яё]+|[A-Z]+|[А-ЯЁ]+|[0-9]+")  # one word without pieces
_ASCII_RUNS = re.compile("[0-9]+|[A-Z]+(?![a-z])|[A-Z]?[a-z]+")  # of a word of ASCII letters and digits alone
_ORDINAL_ENDING = frozenset({"st", "nd", "rd", "th", "го", "му", "ый", "ой", "ая", "ое", "ые", "ых", "ым", "ми"})

MAX_FORM = 255  # characters of a word that count; longer ones are encoded data, not words
MAX_WHOLE = 64  # characters of a joined form; longer ones are addresses of web pages
_MAX_PIECES = 16  # pieces of one word; more of them are an encoded number


class Entry(NamedTuple):  # these two are made by the hundred thousand, and a tuple at a quarter of a dataclass's cost
    """One form that a chunk is found by; `start` and `end` count code points from the chunk's start."""

    form: str
    kind: EntryKind
    position: int
    start: int
    end: int


class Chunk(NamedTuple):
    """A chunk cut into entries; `width` is the number of positions it takes in the text."""

    entries: tuple[Entry, ...]
    width: int


def cut(chunk: str) -> Chunk:
    """The entries of one chunk.

    Example:
        >>> [(entry.form, entry.kind, entry.position) for entry in cut("COVID-19").entries]
        [('covid', 'part', 0), ('19', 'part', 1), ('covid-19', 'whole', 0)]
    """
    if _ORDINARY.fullmatch(chunk):  # most chunks; the rules below would give the same
        return Chunk((Entry(_form(chunk), "word", 0, 0, len(chunk)),), 1)
    if chunk.isascii() and chunk.isalnum():  # one part, which the pattern would find as well
        parts = [(chunk, 0, len(chunk))]
    else:
        parts = [(match.group(), match.start(), match.end()) for match in _PART.finditer(chunk)]
    kind: EntryKind = "word" if len(parts) == 1 else "part"
    entries: list[Entry] = []
    for position, (part, start, end) in enumerate(parts):
        entries.append(Entry(_form(part), kind, position, start, end))
        entries += (Entry(_form(part[a:b]), "piece", position, start + a, start + b) for a, b in _pieces(part))
    if len(parts) > 1 and len(chunk) <= MAX_WHOLE:
        words = [entry.form for entry in entries if entry.kind == "part"]
        entries.append(Entry(_whole(chunk, [part for part, _, _ in parts], words), "whole", 0, 0, len(chunk)))
    return Chunk(tuple(entries), len(parts))


def ordinary_forms(chunks: Sequence[str]) -> tuple[list[int], list[str]]:
    """Which of *chunks* are one word without pieces, by their places, and the one form that `cut` gives for each.

    Most chunks are; for many of them this is ten times as quick.

    Example:
        >>> ordinary_forms(["Таможня", "WhatsApp", "WCO"])
        ([0, 2], ['таможня', 'wco'])
    """
    places = [place for place, match in enumerate(map(_ORDINARY.fullmatch, chunks)) if match]
    return places, fold_plain([chunks[place][:MAX_FORM] for place in places])


def placed_forms(chunk: str) -> tuple[list[tuple[str, int]], int]:
    """The forms that `cut` gives for *chunk* with their positions, and its width, where spans and kinds do not matter.

    Example:
        >>> placed_forms("COVID-19")
        ([('covid', 0), ('19', 1), ('covid-19', 0)], 2)
    """
    parts = _PART.findall(chunk)
    words = list(map(_form, parts))
    forms = []
    for position, (part, word) in enumerate(zip(parts, words, strict=True)):
        forms.append((word, position))
        if not _ORDINARY.fullmatch(part):
            pieces = (part[start:end] for start, end in _pieces(part))
            forms += [(_form(piece), position) for piece in pieces]
    if len(parts) > 1 and len(chunk) <= MAX_WHOLE:
        forms.append((_whole(chunk, parts, words), 0))
    return forms, len(parts)


def forms_of_word(chunk: str) -> list[str] | None:
    """The forms that `cut` gives for *chunk* if all are at its first position and that is quick to tell, else None.

    Example:
        >>> forms_of_word("Таможня"), forms_of_word("WhatsApp"), forms_of_word("COVID-19")
        (['таможня'], ['whatsapp', 'whats', 'app'], None)
    """
    if _ORDINARY.fullmatch(chunk):
        return fold_plain([chunk[:MAX_FORM]])
    if chunk.isascii() and chunk.isalnum() and len(chunk) <= MAX_FORM:
        pieces = [piece for piece in _ASCII_RUNS.findall(chunk) if _worth_finding(piece)]
        pieces = pieces if len(pieces) <= _MAX_PIECES else []
        return " ".join([chunk, *pieces]).lower().split(" ")
    return None


def _form(word: str) -> str:
    return fold(word[:MAX_FORM]) or word[:MAX_FORM]  # a word of nothing but marks folds to nothing


def _whole(chunk: str, parts: list[str], forms: list[str]) -> str:
    """The joined form: `covid-19`; letters between dots are an abbreviation, so U.S. meets US."""
    abbreviation = "." in chunk and all(len(part) == 1 and part.isalpha() for part in parts)
    return ("" if abbreviation else "-").join(forms)


def _pieces(word: str) -> list[tuple[int, int]]:
    """Spans of the runs inside *word* worth finding on their own; none for an ordinary word."""
    if (
        _ORDINARY.fullmatch(word)
        or word.isdecimal()
        or (word.isalpha() and (word[1:].islower() or word.isupper()) and _one_script(word))
    ):
        return []
    spans = [span for span in _runs(word) if _worth_finding(word[slice(*span)])]
    whole_word = [(0, len(word))]
    return [] if spans == whole_word or len(spans) > _MAX_PIECES else spans


def _one_script(word: str) -> bool:
    return word.isascii() or len({script_of(char) for char in fold(word) if char.isalpha()}) == 1


def _runs(word: str) -> Iterator[tuple[int, int]]:
    """Spans between changes of class: letter to digit, script to script, lower case to capital, and `ABCd` as `AB|Cd`.

    Marks and apostrophes belong to the letter before them.
    """
    if word.isascii() and word.isalnum():  # names in programs; the rules below would give the same
        yield from (match.span() for match in _ASCII_RUNS.finditer(word))
        return
    yield from _runs_of_any(word)


def _runs_of_any(word: str) -> Iterator[tuple[int, int]]:
    """`_runs` by the rules."""
    scripts = not _one_script(word)
    start, before = 0, word[0]
    for place in range(1, len(word)):
        here, after = word[place], word[place + 1 : place + 2]
        if not here.isalnum():
            continue
        if (
            _kind(before, scripts=scripts) != _kind(here, scripts=scripts)
            or (before.islower() and here.isupper())
            or (before.isupper() and here.isupper() and after.islower())
        ):
            yield start, place
            start = place
        before = here
    yield start, len(word)


def _kind(char: str, *, scripts: bool) -> str:
    if not char.isalpha():
        return "digit"
    return script_of(char) if scripts else "letter"


def _worth_finding(run: str) -> bool:
    if run[0].isdigit():
        return True
    return len(run) > 1 and run[0].isalpha() and (len(run) > 2 or run.casefold() not in _ORDINAL_ENDING)
