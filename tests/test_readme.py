"""Everything that the READMEs show is run, and shows what they say it shows."""

from __future__ import annotations

import contextlib
import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
READMES = [ROOT / "README.md", ROOT / "README.ru.md"]
PAGE = """\
30 октября 2020
Guinea Customs opened its single window.
read more
9 октября 2020
Spanish Customs stopped a shipment of fossils in Valencia.
read more
5 октября 2020
Таможня Нигера провела семинар.
читать далее
"""


def blocks(readme: Path, kind: str) -> list[str]:
    """The fenced blocks of one kind, in order."""
    return re.findall(rf"^```{kind}\n(.*?)^```$", readme.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the page that the examples read."""
    (tmp_path / "october-2020.txt").write_text(PAGE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_python_examples_run_and_print_what_they_say(readme: Path, workplace: Path) -> None:
    """One after the other, as a reader would type them; a comment behind a print is its output."""
    code = "\n".join(blocks(readme, "python"))
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, str(readme), "exec"), {"__name__": "__main__"})  # the examples are ours
    output = printed.getvalue()
    promised = re.findall(r"^ *(?:print\(.*\)|) +# (.+)$", code, re.MULTILINE)
    assert len(promised) >= 5
    for line in promised:
        assert line in output


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_terminal_examples_run_and_print_what_they_show(readme: Path, workplace: Path) -> None:
    """Each command, and the lines below it."""
    environment = {**os.environ, "COLUMNS": "120", "LC_ALL": "C.UTF-8", "PATH": f"{workplace}:{os.environ['PATH']}"}
    command = workplace / "wco-search"
    command.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m wco_search "$@"\n')
    command.chmod(0o755)
    for block in blocks(readme, "console"):
        for example in block.split("$ ")[1:]:
            typed, _, shown = example.partition("\n")
            done = subprocess.run(typed, shell=True, capture_output=True, text=True, env=environment, check=False)
            assert done.returncode == 0, done.stderr
            assert done.stdout.split() == shown.split()


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_the_first_two_commands_are_the_same_in_both_languages(readme: Path) -> None:
    """They are what CI runs; more of their kind would not be run."""
    commands = blocks(readme, "sh")
    assert len(commands) == 2
    assert commands == blocks(READMES[0], "sh")


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_links_lead_somewhere(readme: Path) -> None:
    """Files that are named are there."""
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", readme.read_text(encoding="utf-8")):
        assert (ROOT / target).exists(), target


def test_both_languages_have_the_same_sections() -> None:
    """So that neither falls behind."""
    headings = [re.findall(r"^(#+) ", readme.read_text(encoding="utf-8"), re.MULTILINE) for readme in READMES]
    assert headings[0] == headings[1]
