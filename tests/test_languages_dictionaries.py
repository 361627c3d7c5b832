"""dictd and StarDict dictionaries, made here and installed."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import pytest

from wco_search.errors import ReadError
from wco_search.languages import Lexicon, read_dictionary
from wco_search.languages.dictionaries import rows_of_articles

DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

SMUGGLE = """smuggle
   [↗smʌgl] _v.
   1) провозить контрабандой (into, out, through)
   2) тайно проносить; to smuggle a letter into a prison тайно пронести письмо
   в тюрьму
"""
FOSSIL = """fossil
   [↗fɘsl]
   1. _n. окаменелость, ископаемое (тж. _перен.)
   2. _a.
      1) окаменелый, ископаемый
      2) старомодный, допотопный
"""
BANK = """bank
   _I  [bæŋk]
      1. _n.
         1) вал, насыпь
         2) берег (особ. реки)
   _II [bæŋk]
      1. _n.
         1) банк; bank of issue эмиссионный банк
"""
CLEAR = """clear
   3. _v.
      1) очищать(ся); расчищать; to clear the air разрядить атмосферу
      2) хозяйни-
      чать
"""
ENGLISH = [
    ("00-database-info", "A dictionary about itself: словарь"),
    ("smuggle", SMUGGLE),
    ("fossil", FOSSIL),
    ("bank", BANK),
    ("shore", "shore\n   _n. берег\n"),
    ("clear", CLEAR),
]
RUSSIAN = [
    ("таможня", "таможня\n  _ж. customs (house), customs office; на таможне at the customs\n"),
    ("изъятие", "изъятие ср. 1. (удаление) withdrawal; removal 2. (конфискация) seizure, confiscation"),
]


def base64(number: int) -> str:
    """A number as dictd writes it."""
    digits = DIGITS[number % 64]
    while number := number // 64:
        digits = DIGITS[number % 64] + digits
    return digits


def dictd(folder: Path, articles: list[tuple[str, str]], *, packed: bool) -> Path:
    """A dictd dictionary."""
    data, lines = b"", []
    for head, article in articles:
        body = article.encode()
        lines.append(f"{head}\t{base64(len(data))}\t{base64(len(body))}\n")
        data += body
    (folder / "d.index").write_text("".join(lines), encoding="utf-8")
    (folder / ("d.dict.dz" if packed else "d.dict")).write_bytes(gzip.compress(data) if packed else data)
    return folder / "d.index"


def stardict(
    folder: Path, articles: list[tuple[str, str]], types: str, *, wide: bool = False, packed: bool = False
) -> Path:
    """A StarDict dictionary of one text a word, its type in the .ifo file or before each article."""
    data, index = b"", b""
    for head, article in articles:
        fields = {"": [b"m" + article.encode() + b"\0", b"W" + struct.pack(">I", 3) + b"RIF"]}
        body = b"".join(fields.get(types, [b"smVgl\0", article.encode()] if types == "tm" else [article.encode()]))
        index += head.encode() + b"\0" + struct.pack(">QI" if wide else ">II", len(data), len(body))
        data += body
    lines = ["StarDict's dict ifo file", "version=3.0.0", "bookname=test", f"wordcount={len(articles)}"]
    lines += [f"sametypesequence={types}"] * bool(types) + ["idxoffsetbits=64"] * wide
    (folder / "s.ifo").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / ("s.idx.gz" if packed else "s.idx")).write_bytes(gzip.compress(index) if packed else index)
    (folder / ("s.dict.dz" if packed else "s.dict")).write_bytes(gzip.compress(data) if packed else data)
    return folder / "s.ifo"


EXPECTED = {
    "провозить контрабандой": ("smuggle",),
    "тайно проносить": ("smuggle",),
    "окаменелость": ("fossil",),
    "ископаемое": ("fossil",),
    "окаменелый": ("fossil",),
    "ископаемый": ("fossil",),
    "старомодный": ("fossil",),
    "допотопный": ("fossil",),
    "вал": ("bank",),
    "насыпь": ("bank",),
    "берег": ("shore", "bank"),  # the first sense of shore, the second of bank
    "банк": ("bank",),
    "очищать": ("clear",),
    "расчищать": ("clear",),
    "хозяйничать": ("clear",),
}


@pytest.mark.parametrize("packed", [False, True])
def test_dictd(tmp_path: Path, packed: bool) -> None:
    """Articles of English heads are turned round; comments, marks and examples are left out."""
    rows = read_dictionary(dictd(tmp_path, ENGLISH, packed=packed))
    assert {row.head: row.translations for row in rows} == EXPECTED


@pytest.mark.parametrize("types", ["m", "g", "h", "x", "tm", ""])
@pytest.mark.parametrize("packed", [False, True])
def test_stardict(tmp_path: Path, types: str, packed: bool) -> None:
    """Every kind of text field, and both ways of naming it."""
    rows = read_dictionary(stardict(tmp_path, ENGLISH[1:], types, wide=packed, packed=packed))
    found = {row.head: row.translations for row in rows}
    assert found == EXPECTED


def test_russian_heads(tmp_path: Path) -> None:
    """A Russian-English dictionary keeps its heads."""
    rows = read_dictionary(dictd(tmp_path, RUSSIAN, packed=False))
    assert {row.head: row.translations for row in rows} == {
        "таможня": ("customs", "customs office"),
        "изъятие": ("withdrawal", "removal", "seizure", "confiscation"),
    }
    lexicon = Lexicon.from_rows(rows)
    assert [translation.text for translation in lexicon.translations("таможни")] == ["customs", "customs office"]


def test_markup() -> None:
    """Tags of HTML, Pango and XDXF are not part of a rendering."""
    (row,) = rows_of_articles([("port", "<k>port</k><br><b>1)</b> <i>порт</i>")])
    assert (row.head, row.translations) == ("порт", ("port",))


@pytest.mark.parametrize(
    ("name", "damage", "reason"),
    [
        ("d.dict", None, "there is no d.dict"),
        ("d.dict", b"", "beyond the end"),
        ("d.index", b"word\tA\n", "want headword, offset and length"),
        ("d.index", b"word\tA\t*\n", "want headword, offset and length"),
        ("d.index", b"", "no article translates"),
        ("d.index", None, "No such file"),
        ("s.idx", b"word\0\0\0", "ends within an entry"),
        ("s.dict", b"", "beyond the end"),
        ("s.dict", None, "there is no s.dict"),
        ("s.idx", None, "there is no s.idx"),
    ],
)
def test_damaged(tmp_path: Path, name: str, damage: bytes | None, reason: str) -> None:
    """The file and what is wrong with it are told."""
    path = dictd(tmp_path, ENGLISH, packed=False) if name[0] == "d" else stardict(tmp_path, ENGLISH, "m")
    (tmp_path / name).unlink()
    if damage is not None:
        (tmp_path / name).write_bytes(damage)
    with pytest.raises(ReadError, match=reason):
        read_dictionary(path)


def test_damaged_gzip(tmp_path: Path) -> None:
    """A cut .dz file."""
    path = dictd(tmp_path, ENGLISH, packed=True)
    (tmp_path / "d.dict.dz").write_bytes((tmp_path / "d.dict.dz").read_bytes()[:40])
    with pytest.raises(ReadError, match="damaged gzip data"):
        read_dictionary(path)


def test_other_files(tmp_path: Path) -> None:
    """Only an index or .ifo file names a dictionary."""
    with pytest.raises(ReadError, match=r"want the \.index file"):
        read_dictionary(tmp_path / "d.dict")


MUELLER = Path("/usr/share/dictd/mueller7.index")


@pytest.mark.skipif(not MUELLER.exists(), reason="Debian's mueller7-dict is not installed")
def test_mueller() -> None:
    """V. K. Mueller's English-Russian dictionary, as Debian packs it."""
    rows = read_dictionary(MUELLER)
    found = {row.head: row.translations for row in rows}
    assert len(rows) > 50_000
    assert found["окаменелость"][0] == "fossil"
    assert "smuggler" in found["контрабандист"]
    assert "seize" in found["захватывать"]
