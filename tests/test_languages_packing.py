"""The workshop of the bundled lexicon: what is bundled is sound and up to date, and how it is put together."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from wco_search.errors import MissingExtraError, ReadError
from wco_search.languages import Lexicon, cldr, packing
from wco_search.languages.lexicon import NAMES, WORDS
from wco_search.languages.packing import BEYOND, ENGLISH, FORMS, VOCABULARY, assemble, check, checksum, packs

needs_wordfreq = pytest.mark.skipif(find_spec("wordfreq") is None, reason="wordfreq is not installed (extra `lexicon`)")


def test_bundled_files_are_sound() -> None:
    """Lemmas, alphabets, order, no double heads, and where wordfreq is installed the spelling of the English side."""
    assert list(check(VOCABULARY)) == []


def test_packs_are_up_to_date() -> None:
    """After a change of the sources: python -m wco_search.languages.packing pack."""
    assert Lexicon.bundled().origin == checksum(VOCABULARY)


@pytest.mark.slow
def test_packs_are_what_packing_gives() -> None:
    """Byte for byte; names only where the installed Babel has the same release of CLDR."""
    made = packs(VOCABULARY)
    assert (VOCABULARY / WORDS).read_bytes() == made[WORDS]
    if Lexicon.names().origin == cldr.version():
        assert (VOCABULARY / NAMES).read_bytes() == made[NAMES]


def vocabulary(folder: Path, text: str, beyond: str = "") -> Path:
    """A folder of one reviewed file, between two good rows."""
    (folder / "words.tsv").write_text(f"вал\t3\tshaft\n{text}\nящик\t3\tbox\n", encoding="utf-8")
    (folder / BEYOND).write_text(beyond, encoding="utf-8")
    (folder / ENGLISH).write_text("# words\nthough\n", encoding="utf-8")
    (folder / FORMS).write_text("boxen\tbox\n", encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    "row",
    [
        "таможня\t3\tcustoms",
        "железная дорога\t3\trailway",
        "генерал-майор\t3\tmajor general",
        "ель\t3\tspruce",
        "самолёт\t3\taircraft",
        "перевод\t3\ttranslation|transfer",
    ],
)
def test_good_rows(tmp_path: Path, row: str) -> None:
    """Lemmas, phrases, ё, hyphens."""
    assert list(check(vocabulary(tmp_path, row))) == []


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("таможни\t3\tcustoms", "words.tsv:2: таможни: is no lemma"),
        ("ямайщик\t3\tcoachman", "is no lemma"),
        ("тaможня\t3\tcustoms", "is not a Russian word"),  # the first `a` is Latin
        ("таможня\t3\tcustоms", "is not an English word"),  # its `о` is Cyrillic
        ("таможня\t3\tthe customs (house)", "is not an English word"),
        ("таможня\t3\tTODO", "is a placeholder"),
        ("таможня\t3\tcustoms|customs", "has a translation twice"),
        ("вал\t3\troller", "also at words.tsv:1"),
        ("ялик\t3\tskiff\nпорт\t3\tport", "out of order"),
    ],
)
def test_bad_rows(tmp_path: Path, row: str, problem: str) -> None:
    """Each is told with its place."""
    problems = list(check(vocabulary(tmp_path, row)))
    assert any(problem in found for found in problems), problems


def test_words_beyond_the_dictionary(tmp_path: Path) -> None:
    """A new word is listed; a list of words that are no longer there is told."""
    row = "геймдев\t5\tgamedev"
    assert list(check(vocabulary(tmp_path, row, "геймдев\n"))) == []
    assert list(check(vocabulary(tmp_path, "таможня\t3\tcustoms", "геймдев\n"))) == [
        f"{BEYOND}: геймдев: is no head of any file"
    ]


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ("boxen\tbox\nshaften\tshaft\n", ""),
        ("boxen\tbox\nboxen\tshaft\n", ""),  # a form of two lemmas
        ("boxen box\n", "english_forms.txt:1: want `form TAB lemma`"),
        ("Boxen\tbox\n", "english_forms.txt:1: want `form TAB lemma`"),
        ("boxen\tbox\nmice\tmouse\n", "english_forms.txt:2: 'mouse' is no translation"),
        ("shaften\tshaft\nboxen\tbox\n", "english_forms.txt:2: out of order"),
        ("boxen\tbox\nboxen\tbox\n", "english_forms.txt:2: out of order"),
    ],
)
def test_forms(tmp_path: Path, lines: str, problem: str) -> None:
    """Sorted pairs, each once, of a lemma that translates something."""
    folder = vocabulary(tmp_path, "таможня\t3\tcustoms")
    (folder / FORMS).write_text(lines, encoding="utf-8")
    problems = list(check(folder))
    assert [found.startswith(problem) for found in problems] == [True] * bool(problem), problems


@needs_wordfreq
def test_spelling(tmp_path: Path) -> None:
    """An English word that nobody writes; its parts may be known instead."""
    (found,) = check(vocabulary(tmp_path, "таможня\t3\tcustomms"))
    assert "is 'customms' spelled right?" in found
    assert list(check(vocabulary(tmp_path, "таможня\t3\tanti-smuggling"))) == []


@needs_wordfreq
def test_assemble(tmp_path: Path) -> None:
    """Topics before common words, translations by turns, the class by frequency; the result passes the check."""
    slices, into = tmp_path / "slices", tmp_path / "reviewed"
    slices.mkdir()
    into.mkdir()
    (slices / "customs.tsv").write_text("упрощение\tfacilitation|ease\nдеминимис\tde minimis\tnew\n", encoding="utf-8")
    (slices / "law.tsv").write_text("суд\tcourt\n", encoding="utf-8")
    (slices / "common-01.tsv").write_text("упрощение\tsimplification|facilitation\nгод\tyear\n", encoding="utf-8")
    (slices / "common-02.tsv").write_text("суд\ttrial|court\n", encoding="utf-8")
    assert [(path.name, count) for path, count in assemble(slices, into)] == [
        ("common.tsv", 1),
        ("customs.tsv", 2),
        ("law.tsv", 1),
    ]
    assert (into / "customs.tsv").read_text(encoding="utf-8").splitlines() == [
        "деминимис\t7\tde minimis",
        "упрощение\t4\tfacilitation|simplification|ease",
    ]
    assert (into / "law.tsv").read_text(encoding="utf-8") == "суд\t2\tcourt|trial\n"
    assert (into / "common.tsv").read_text(encoding="utf-8") == "год\t1\tyear\n"
    assert (into / BEYOND).read_text(encoding="utf-8") == "деминимис\n"
    (into / FORMS).write_text("", encoding="utf-8")
    assert list(check(into)) == []


@needs_wordfreq
@pytest.mark.parametrize("line", ["таможня", "таможня\tcustoms\told", "customs\tтаможня"])
def test_bad_slices(tmp_path: Path, line: str) -> None:
    """File and line of a raw slice are told, and that there is none."""
    with pytest.raises(ReadError, match=r"has no \*\.tsv"):
        list(assemble(tmp_path, tmp_path))
    (tmp_path / "customs.tsv").write_text(f"вал\tshaft\n{line}\n", encoding="utf-8")
    with pytest.raises(ReadError, match=r"customs\.tsv:2"):
        list(assemble(tmp_path, tmp_path))


def test_assemble_needs_wordfreq(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it the message says how to get it; everything else works without."""
    monkeypatch.setattr(packing, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"wco-search\[lexicon\]"):
        list(assemble(tmp_path, tmp_path))
    assert list(check(vocabulary(tmp_path, "таможня\t3\tcustomms"))) == []


def test_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """`check` tells how many problems there are and fails for them; pack writes what programs load."""
    monkeypatch.setattr(packing, "VOCABULARY", vocabulary(tmp_path, "таможня\t3\tcustoms"))
    assert packing.main(["check"]) == 0
    assert packing.main(["pack"]) == 0
    lexicon = Lexicon.open(tmp_path / WORDS)
    assert lexicon.translations("таможней")[0].text == "customs"
    assert lexicon.knows("though")
    assert lexicon.translations("though") == ()
    assert not lexicon.knows("words")
    assert Lexicon.open(tmp_path / NAMES).origin == cldr.version()
    vocabulary(tmp_path, "таможни\t3\tcustoms")
    assert packing.main(["check"]) == 1
    out = capsys.readouterr().out.splitlines()
    assert out[0] == "0 problems"
    assert out[-1] == "1 problems"
