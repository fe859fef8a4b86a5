"""`sentinel scan --log-format`: logs in a format of one's own, in files and in archives."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from sentinel.cli.main import main
from tests.inputs.archive_writers import a_zip

if TYPE_CHECKING:
    from pathlib import Path

RULE = """title: SQL injection
id: 0f0a9e70-46f4-4b72-9a4d-1d3a4e6f0009
status: test
level: high
logsource: {category: webserver}
detection:
    keywords: [UNION SELECT]
    condition: keywords
"""
FORMAT = "cong=$host|$remote_addr|$time_local|$request|$status"
LOG = b"""cong|192.0.2.1|22/Nov/2026:10:00:00 +0700|GET /?id=1'+UNION+SELECT+1 HTTP/1.1|200
cong|192.0.2.1|22/Nov/2026:10:00:00 +0700|GET / HTTP/1.1|200
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with a rule of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / ".cache"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "a.yml").write_text(RULE)
    return tmp_path


def scan(*arguments: str) -> int:
    return main(["scan", *arguments, "--rules", "rules", "--ndjson", "-q"])


@pytest.mark.parametrize("packed", [False, True])
def test_a_format_given_is_read_in_files_and_archives(
    packed: bool, here: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (here / "a").write_bytes(a_zip({"x.log": LOG}) if packed else LOG)
    assert 0 == scan("a", "--log-format", FORMAT)
    (hit,) = map(json.loads, capfd.readouterr().out.splitlines())
    assert "2026-11-22T03:00:00" == hit["event"]["time"][:19]


def test_without_it_the_log_is_not_recognised(here: Path) -> None:
    (here / "a").write_bytes(LOG)
    assert 0 != scan("a")


def test_a_format_that_fits_anything_is_refused(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (here / "a").write_bytes(LOG)
    for vague in ("$bogus", "$time_local", "$a $b $c", "%h %u"):
        assert 2 == scan("a", "--log-format", f"x={vague}")
        assert "x:1: the format fits lines of any log" in capfd.readouterr().err


def test_a_format_given_takes_no_other_log_over(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (here / "a").write_bytes(
        b"Nov 20 10:28:04 web06 sshd[1]: Failed password for lan from 192.0.2.1 port 22 ssh2\n" * 4
    )
    main(["scan", "a", "--rules", "rules", "--files", "--log-format", "x=$remote_addr $time_local $status"])
    assert "  syslog  " in capfd.readouterr().out


def test_a_wrong_format_is_told_with_its_column(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (here / "a").write_bytes(LOG)
    assert 2 == scan("a", "--log-format", "cong=$host$status")
    assert "cong:6: nothing stands between" in capfd.readouterr().err


def test_options_of_all_commands_may_stand_behind_the_command(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (here / "a").write_bytes(LOG.replace(b" +0700", b""))
    assert 2 == scan("a", "--log-timezone", "Nowhere")
    assert "--log-timezone" in capfd.readouterr().err


def test_the_table_of_files_is_shown_where_the_account_is_not(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (here / "a").write_bytes(LOG)
    main(["scan", "a", "--rules", "rules", "--files", "-q", "--log-format", FORMAT])
    shown = capfd.readouterr().out
    assert ("a     cong" in shown, "rules: " in shown) == (True, False)


def test_an_event_that_no_rule_looks_at_is_told(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (here / "a.log").write_bytes(
        b"Nov 20 10:28:04 web06 sshd[1]: Failed password for lan from 192.0.2.1 port 22 ssh2\n" * 4
    )
    main(["scan", "a.log", "--rules", "rules"])
    assert "no rule looks at: 4 events of linux.syslog" in capfd.readouterr().out
