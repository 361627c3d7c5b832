"""The commands `duplicates`, `watch`, `unwatch` and `watches`, and what `index` and `search` tell of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.test_cli import Run, make_run, news_file

NEWS = "Spanish Customs stopped a shipment of fossils in the port of Valencia"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Runs the command in an empty folder and an English locale."""
    return make_run(capsys, monkeypatch, tmp_path)


def test_reprints_are_told(run: Run, tmp_path: Path) -> None:
    """As data, to people, and as exit codes."""
    assert run("index", news_file(tmp_path, NEWS, f"{NEWS}. \x1b[2J Agencies"), "--into", "ix").code == 0
    ids = json.loads(run("duplicates", "ix", "--json").out)["groups"][0]["documents"]
    shown = run("duplicates", "ix")
    assert "{+" in shown.out and "Agencies" in shown.out and "\x1b" not in shown.out
    assert all(one["id"] in shown.out for one in ids)
    found = run("search", "fossils", "--index", "ix", "--group", "near")
    assert "nearly the same: " in found.out
    data = json.loads(run("search", "fossils", "--index", "ix", "--group", "near", "--json").out)
    assert (data["total"], len(data["hits"]), len(data["hits"][0]["group"]["documents"])) == (2, 1, 2)
    run("index", news_file(tmp_path, "Timber."), "--into", "other")
    nothing = run("duplicates", "other")
    assert (nothing.code, nothing.out) == (1, "")
    assert "no document is nearly the same" in nothing.err


def test_watches_from_setting_to_forgetting(run: Run, tmp_path: Path) -> None:
    """New documents are told of by `index`; faults are usage."""
    run("index", news_file(tmp_path, "Timber."), "--into", "ix")
    assert "no watches" in run("watches", "ix").err
    kept = run("watch", "ix", "stones", "окаменелости", "AND", "таможня", "--filter", "port")
    assert (kept.code, kept.out) == (0, "watching “stones”: окаменелости AND таможня --filter port\n")
    assert "was 'окаменелости AND таможня' before" in run("watch", "ix", "stones", "окаменелости").err
    assert run("watch", "ix", "bad", "fossils AND").code == 2
    assert run("watch", "ix", " ", "fossils").code == 2
    raw = json.loads(run("watch", "ix", "raw", "ащыышды", "--json").out)
    assert (raw["query"], raw["warnings"]) == ("fossils", ["“ащыышды” was read as “fossils”"])
    assert run("watch", "ix", "raw", "fossils", "--translate", "off").code == 0
    assert "raw     fossils --translate off" in run("watches", "ix").out
    kept = json.loads(run("watches", "ix", "--json").out)["watches"]
    assert [one["name"] for one in kept] == ["raw", "stones"]
    told = run("index", news_file(tmp_path, NEWS), "--into", "ix")
    assert "new for “stones”: " in told.out
    alerts = json.loads(run("index", news_file(tmp_path, f"{NEWS}!"), "--into", "ix", "--json").out)["alerts"]
    assert [(one["watch"], len(one["ids"])) for one in alerts] == [("raw", 1), ("stones", 1)]
    assert run("unwatch", "ix", "raw").code == 0
    assert run("unwatch", "ix", "raw").code == 2
    synonyms = tmp_path / "synonyms.txt"
    synonyms.write_text("окаменелости, ammonites", encoding="utf-8")
    alike = run("index", news_file(tmp_path, "Ammonites of Morocco."), "--into", "ix", "--synonyms", str(synonyms))
    assert "new for “stones”: " in alike.out
    many = run("index", news_file(tmp_path, *(f"Fossils {n}." for n in range(12))), "--into", "ix")
    assert "and 2 more" in many.out
    followed = run("index", news_file(tmp_path, "Fossils followed."), "--into", "ix", "--changed")
    assert "new for “stones”: " in followed.out


def test_alerts_tell_what_the_documents_are(run: Run, tmp_path: Path) -> None:
    """Date and title where a document has them, its id always; ten of each watch."""
    run("index", news_file(tmp_path, "Timber."), "--into", "ix")
    run("watch", "ix", "stones", "fossils")
    rows = [
        {"id": "both", "body": "Fossils.", "title": "Seized\x1b[2J\nin Valencia", "date": "2020-10-30"},
        {"id": "day", "body": "Fossils, too.", "date": "2020-10-29"},
        {"id": "title", "body": "More fossils.", "title": "Stones"},
        {"id": "none", "body": "And fossils."},
    ]
    news = tmp_path / "news.jsonl"
    news.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    told = run("index", str(news), "--into", "ix").out
    lines = ["2020-10-30  Seized\ufffd[2J in Valencia · both", "2020-10-29  day", "Stones · title", "none"]
    assert told.splitlines()[1:6] == ["new for “stones”: 4", *(f"    {line}" for line in lines)]
    many = run("index", news_file(tmp_path, *(f"Fossils {n}." for n in range(12))), "--into", "ix", "--changed").out
    assert "new for “stones”: 12\n" in many
    assert "    and 2 more" in many.splitlines()
