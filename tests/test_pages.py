"""The pages on the store say what works: every command on them is run, in the order in which it stands there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from sentinel.cli.main import main

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = ("howto/search.md", "howto/keep-logs.md", "tutorials/first-search.md")
ASKED = tuple(str(DOCS / "samples" / name) for name in ("windows", "web", "linux"))


@pytest.mark.parametrize("page", PAGES)
def test_every_command_on_a_page_ends_well(page: str, tmp_path: Path) -> None:
    environ = {**os.environ, "HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    environ |= {"SENTINEL_STORE": str(tmp_path / "store"), "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    (tmp_path / "sentinel").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m sentinel "$@"\n')
    (tmp_path / "sentinel").chmod(0o755)
    (tmp_path / "docs").symlink_to(DOCS)
    if page == "howto/search.md":  # its reader has logs already
        assert 0 == main(["--store", environ["SENTINEL_STORE"], "ingest", *ASKED, "--no-rules", "--quiet"])
    blocks = re.findall(r"```sh\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL)
    script = "\n".join(["set -ex", *blocks]).replace("/tmp/", f"{tmp_path}/")  # noqa: S108 - the page's
    ended = subprocess.run(
        ["/bin/sh", "-c", script], cwd=tmp_path, env=environ, capture_output=True, text=True, check=False
    )
    assert (0, "") == (ended.returncode, "" if ended.returncode == 0 else ended.stdout + ended.stderr)
    assert "no event has the field" not in ended.stderr
    found_nothing = ended.stdout.count("No event is found") + ended.stdout.count("No field is called so")
    assert found_nothing <= script.count("--since 24h")  # the samples were recorded on a day of their own
