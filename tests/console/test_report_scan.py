"""Reports from the command line: beside other views, whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sentinel.cli.main import main
from tests.folders import work_in

SAMPLES = Path(__file__).resolve().parents[2] / "docs" / "samples" / "windows"
Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder, with settings and caches of its own."""
    work_in(tmp_path, monkeypatch)
    return tmp_path


def scan(*arguments: str) -> int:
    return main(["scan", str(SAMPLES), "--rule", "Shadow Copies", *arguments])


def test_the_page_stands_beside_the_table(here: Path, capfd: Capture) -> None:
    assert 0 == scan("--html", "report.html")
    assert "Shadow Copies or Backup Catalogue Deleted" in capfd.readouterr().out
    page = (here / "report.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert "vssadmin.exe" in page


def test_the_page_stands_beside_a_stream_for_programs(here: Path, capfd: Capture) -> None:
    assert 0 == scan("--html", "report.html", "--ndjson", "--quiet")
    titles = {json.loads(line)["rule"]["title"] for line in capfd.readouterr().out.splitlines()}
    assert {"Shadow Copies or Backup Catalogue Deleted"} == titles
    assert (here / "report.html").exists()


def test_markdown_goes_where_output_goes(here: Path, capfd: Capture) -> None:
    assert 0 == scan("--markdown", "--quiet")
    told = capfd.readouterr().out
    assert told.startswith("# Scan report: ")
    assert "`vssadmin.exe" in told
    assert 0 == scan("--markdown", "--quiet", "--output", "ticket.md", "--html", "report.html")
    assert "" == capfd.readouterr().out
    assert (here / "ticket.md").read_text(encoding="utf-8").startswith("# Scan report: ")
    assert (here / "report.html").exists()


def test_a_page_that_cannot_be_written_stops_before_anything_is_read(capfd: Capture) -> None:
    assert 2 == scan("--html", "nowhere/report.html")
    said = capfd.readouterr()
    assert "nowhere/report.html: cannot be written" in said.err
    assert "" == said.out


def test_a_scan_that_fails_leaves_the_page_that_was_there(here: Path) -> None:
    (here / "report.html").write_text("before")
    assert 2 == main(["scan", "nothing-here", "--html", "report.html"])
    assert "before" == (here / "report.html").read_text()
    assert ["report.html"] == [path.name for path in here.iterdir() if not path.name.startswith(".settings")]
