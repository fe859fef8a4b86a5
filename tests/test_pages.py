"""The pages on the store say what works: every command on them is run, in the order in which it stands there."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sentinel.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = ("howto/search.md", "howto/keep-logs.md", "tutorials/first-search.md")
ASKED = ("docs/samples/windows", "docs/samples/web", "docs/samples/linux")
SHELL = re.compile(r"[|<>$]|^(?!sentinel )")
"""What only a shell understands."""


def commands(page: str) -> Iterator[str]:
    """Give the commands of a page: a line each, or a whole block where it holds a document."""
    for block in re.findall(r"```sh\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL):
        yield from [block] if "<<" in block else block.splitlines()


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with the samples and a command `sentinel`."""
    for name in ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_CONFIG_DIRS"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("SENTINEL_STORE", str(tmp_path / "store"))
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sentinel").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m sentinel "$@"\n')
    (tmp_path / "sentinel").chmod(0o755)
    (tmp_path / "docs").symlink_to(DOCS)
    return tmp_path


@pytest.mark.parametrize("page", PAGES)
def test_every_command_on_a_page_ends_well(
    page: str, desk: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    if page == "howto/search.md":  # its reader has logs already
        assert 0 == main(["ingest", *ASKED, "--no-rules", "--quiet"])
    for written in commands(page):
        command = written.replace("/tmp/", f"{desk}/")  # noqa: S108 - the page's
        if command.startswith("export "):
            name, _equals, value = command.removeprefix("export ").partition("=")
            monkeypatch.setenv(name, value)
            continue
        code = subprocess.call(["/bin/sh", "-ec", command]) if SHELL.search(command) else main(shlex.split(command)[1:])
        answer = capfd.readouterr()
        assert (written, 0, "") == (written, code, "" if code == 0 else answer.err)
        assert "no event has the field" not in answer.err
        # The samples were recorded on a day of their own.
        assert "--since 24h" in written or not re.search("No event is found|No field is called so", answer.out)
