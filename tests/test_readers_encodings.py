"""Encodings: old archives are read without being told what they are in, and damage is told with its place."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wco_search.errors import ReadError
from wco_search.readers import Reading, read
from wco_search.readers.encodings import detect, iter_lines, text_chunks, whole_text
from wco_search.readers.sources import HEAD_BYTES, ByteStream

RUSSIAN = (
    "Испанская таможня пресекла незаконный ввоз окаменелостей.",
    "Гвинея ввела единое окно для внешней торговли: декларации подают в электронном виде, а пошлины платят через банк.",
    "В Брюсселе прошла 66-я сессия Комитета по Гармонизированной системе, на которой обсудили классификацию вакцин.",
    "ТАМОЖНЯ НИГЕРА ПРОВЕЛА СЕМИНАР О ДОБРОСОВЕСТНОСТИ СОТРУДНИКОВ.",
    "Ещё ёмкие съёмки: объём — подъезд, «юла», щука, эхо, чай, цепь № 5.".replace("«", '"').replace("»", '"'),
    "Press release: таможня задержала 120 kg of cocaine в порту Валенсии (Spain).",
)
CYRILLIC_ENCODINGS = ("cp1251", "koi8_r", "cp866")
WESTERN = (
    "At the invitation of the WCO, Mr. Ricardo Treviño Chapa participated in the Webinar.",
    "Les douanes espagnoles ont empêché l’importation illicite de fossiles d’une très grande valeur.",
    "Die Zollbehörden prüften die Größe und das Gewicht der Güter.",
    "“First resumed session” – the Organization’s flagship magazine",
)


def encoded(text: str, name: str) -> bytes:
    """In an encoding that may lack a dash or a number sign."""
    return text.encode(name, "ignore")


@pytest.mark.parametrize("name", CYRILLIC_ENCODINGS)
@pytest.mark.parametrize("text", RUSSIAN)
def test_russian_of_one_byte_a_letter(text: str, name: str) -> None:
    """Single sentences, in ordinary case and in capitals."""
    data = encoded(text, name)
    assert data.decode(detect(data)) == data.decode(name)


@pytest.mark.parametrize("name", CYRILLIC_ENCODINGS)
@pytest.mark.parametrize("length", [20, 60, 400])
def test_pieces_of_russian(name: str, length: int) -> None:
    """Cut anywhere, as a piece of a longer text."""
    text = " ".join(text for text in RUSSIAN if not text.isupper())
    for start in range(0, len(text) - length, 7):
        data = encoded(text[start : start + length], name)
        if sum(byte > 127 for byte in data) >= length // 2:
            assert data.decode(detect(data)) == data.decode(name), text[start : start + length]


@pytest.mark.parametrize("text", ["работа на рабочем месте", "рассмотрение", "разработка работ"])
def test_russian_that_is_almost_valid_utf8(text: str) -> None:
    """Three letters of CP866 may be one letter of another alphabet."""
    assert detect(text.encode("cp866")) == "cp866"


@pytest.mark.parametrize("text", WESTERN)
def test_western_texts(text: str) -> None:
    """An accent in a Latin word is no Russian letter."""
    assert detect(text.encode("cp1252")) == "cp1252"


@pytest.mark.parametrize("name", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le"])
@pytest.mark.parametrize("text", [*RUSSIAN, *WESTERN, "таможня", "WCO News"])
def test_unicode(text: str, name: str) -> None:
    """With and without a byte order mark (UTF-32 only with it)."""
    data = text.encode(name)
    if name == "utf-32-le":
        data = b"\xff\xfe\0\0" + data
    stream = ByteStream("a.txt", "a.txt", io.BytesIO(data))
    assert whole_text(stream, None) == text


def test_ascii_is_utf8_unless_the_file_says_otherwise() -> None:
    """What comes behind the first bytes decides."""
    assert detect(b"WCO News") == "utf-8"
    assert detect(b"WCO News", declared="windows-1251") == "cp1251"


@pytest.mark.parametrize(
    ("data", "declared", "expected"),
    [
        ("Größe".encode("cp1250"), "cp1250", "cp1250"),
        ("Größe".encode("cp1252"), "iso-8859-1", "cp1252"),
        (b"caf\xe9 \x81", "iso-8859-1", "iso8859-1"),
        ("таможня".encode("koi8_r"), "utf-8", "koi8_r"),
        ("таможня".encode("koi8_r"), "no-such-thing", "koi8_r"),
        ("таможня".encode("koi8_r"), "hex", "koi8_r"),
        ("таможня".encode(), "windows-1251", "utf-8"),
    ],
)
def test_declared_encodings(data: bytes, declared: str, expected: str) -> None:
    """Believed where the bytes allow it; valid UTF-8 is UTF-8 whatever is said of it."""
    assert detect(data, declared=declared) == expected


def test_damaged_utf8_is_still_utf8() -> None:
    """One bad byte must not turn the whole archive into gibberish."""
    assert detect(RUSSIAN[1].encode() + b"\xff" + RUSSIAN[2].encode()) == "utf-8"


@pytest.mark.parametrize("data", [bytes(range(32)) * 9, b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\1\0\0\0\1\0\x08\x06" * 9])
def test_binary_data(data: bytes) -> None:
    """It is told from text by its control characters."""
    with pytest.raises(ValueError, match="looks like binary data"):
        detect(data)


@given(st.binary(max_size=300))
def test_every_answer_decodes(data: bytes) -> None:
    """What is recognised can be read to its end, unless it is damaged UTF-8 or UTF-16."""
    try:
        name = detect(data)
    except ValueError:
        return
    if not name.startswith("utf"):
        assert len(data.decode(name)) == len(data)


# Through `read`.


@pytest.fixture
def reading(tmp_path: Path) -> Any:
    """Writes a file of that name and reads it."""

    def make(name: str, content: bytes, **options: Any) -> Reading:
        path = tmp_path / name
        path.write_bytes(content)
        return read(path, **options)

    return make


@pytest.mark.parametrize("name", [*CYRILLIC_ENCODINGS, "utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("a.txt", f"30 октября 2020\r\n{RUSSIAN[0]}\r\nread more\r\n"),
        ("a.txt", RUSSIAN[0]),
        ("a.md", f"# Таможня\n\n{RUSSIAN[0]}"),
        ("a.html", f"<title>Таможня</title><p>{RUSSIAN[0]}</p>"),
        ("a.xml", f"<rss><channel><item><description>{RUSSIAN[0]}</description></item></channel></rss>"),
        ("a.json", f'[{{"body": "{RUSSIAN[0]}"}}]'),
        ("a.jsonl", f'{{"body": "{RUSSIAN[0]}"}}'),
        ("a.csv", f"заголовок;текст\nТаможня;{RUSSIAN[0]}"),
    ],
)
def test_every_format_in_every_encoding(reading: Any, file: str, text: str, name: str) -> None:
    """Without being told."""
    assert [document.body for document in reading(file, text.encode(name), strict=True)] == [RUSSIAN[0]]


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("a.html", '<meta charset="iso-8859-5"><p>Груз.</p>'),
        ("a.html", '<META HTTP-EQUIV=Content-Type CONTENT="text/html; charset=ISO-8859-5"><p>Груз.</p>'),
        ("a.xhtml", "<?xml version='1.0' encoding='iso-8859-5'?><html><p>Груз.</p></html>"),
        (
            "a.rss",
            "<?xml version='1.0' encoding='iso-8859-5'?><rss><item><description>Груз.</description></item></rss>",
        ),
    ],
)
def test_declarations_are_honoured(reading: Any, file: str, text: str) -> None:
    """For encodings that are not recognised by themselves."""
    assert [document.body for document in reading(file, text.encode("iso8859-5"), strict=True)] == ["Груз."]


def test_encoding_of_the_call_comes_first(reading: Any) -> None:
    """Before byte order marks and declarations."""
    [document] = reading("a.txt", "Груз.".encode("iso8859-5"), encoding="ISO-8859-5", strict=True)
    assert document.body == "Груз."


def test_bad_byte_is_told_with_line_and_place(reading: Any) -> None:
    """What stands before it is read; the file ends there, because nothing behind it can be trusted."""
    good = '{"body": "Груз."}\n'.encode()
    result = reading("a.jsonl", good * 3 + b'{"body": "\xff"}\n' + good)
    assert len(list(result)) == 3
    assert [(problem.line, problem.reason.split(";")[0]) for problem in result.problems] == [
        (4, "byte 76 is not valid utf-8")
    ]


def test_bad_byte_far_behind_the_head(reading: Any) -> None:
    """The place is counted from the start of the file."""
    good = b'{"body": "cargo"}\r\n'
    count = HEAD_BYTES // len(good) + 500
    result = reading("a.jsonl", good * count + b"\xff\n" + good)
    assert len(list(result)) == count
    [problem] = result.problems
    assert (problem.line, problem.reason.split(" is")[0]) == (count + 1, f"byte {count * len(good):,}")


def test_character_cut_at_the_end(reading: Any) -> None:
    """A file that was not copied to its end."""
    result = reading("a.jsonl", '{"body": "Груз."}\n{"body": "Груз'.encode()[:-1])
    assert len(list(result)) == 1
    assert result.problems[0].line == 2


def test_codec_that_cannot_say_where(reading: Any) -> None:
    """It is a problem all the same."""
    result = reading("a.txt", b"xn--\xff", encoding="idna")
    assert list(result) == [] and len(result.problems) == 1


@pytest.mark.parametrize("size", [1, 2, 3, 5, 1000])
@pytest.mark.parametrize("name", ["utf-8", "utf-16", "cp1251"])
def test_text_in_pieces(size: int, name: str) -> None:
    """Characters and line ends that are cut between two pieces are whole again."""
    text = "Груз\r\nпорт\rсклад\n\r\nконец"

    class Slow(ByteStream):
        def chunks(self, limit: int | None = None) -> Any:
            data = text.encode(name)
            return (data[at : at + size] for at in range(0, len(data), size))

    stream = Slow("a.txt", "a.txt", io.BytesIO(text.encode(name)))
    assert "".join(text_chunks(stream, name)) == "Груз\nпорт\nсклад\n\nконец"


@pytest.mark.parametrize("sign", ["\u2028", "\x0b", "\x0c", "\x1c", "\x85"])
def test_only_line_ends_end_a_line(reading: Any, sign: str) -> None:
    """JSON may hold the other separators of Unicode in its strings."""
    content = f'{{"body": "Груз{sign}порт"}}' if sign in "\u2028\x85" else f'{{"body": "Груз порт"}}{sign}'
    assert len(list(reading("a.jsonl", content.encode(), strict=True))) == 1


@given(st.text("ab\n"), st.integers(1, 5), st.integers(1, 9))
def test_lines_in_pieces(text: str, size: int, limit: int) -> None:
    """The same lines as of the whole text, those too long told as such."""
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    expected = [(number, line if len(line) <= limit else None) for number, line in enumerate(lines, 1)]
    assert list(iter_lines(pieces, limit=limit)) == expected


def test_document_longer_than_a_record(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is given up before it is in memory."""
    monkeypatch.setattr("wco_search.readers.encodings.RECORD_LIMIT", 1000)
    with pytest.raises(ReadError, match="one document of more than 1,000 characters; split it"):
        whole_text(ByteStream("a.txt", "a.txt", io.BytesIO(b"a" * 2000)), None)


def test_nul_in_a_text_is_told_with_its_line(reading: Any) -> None:
    """No text has one; a file of a crashed system may."""
    result = reading("a.txt", "Таможня задержала груз.\nСудно\0 ушло.".encode())
    assert list(result) == []
    assert [str(problem).rpartition("a.txt:")[2] for problem in result.problems] == [
        "2: a NUL character: this is no text file"
    ]
