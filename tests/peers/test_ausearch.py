"""Our reading of audit logs beside that of auditd's own ausearch."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from sentinel.formats import auditd
from tests.conftest import ROOT
from tests.formats import audit_lines as audit
from tests.formats.reading import rows_of

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(shutil.which("ausearch") is None, reason="ausearch (package auditd) is not installed")

_RECORD = re.compile(r"(?:node=\S+ )?type=(\S+) msg=audit\(\S+ [^ )]*:(\d+)\) ?: ?")
# Fields that ausearch decodes as we do; of others it gives a meaning (a name for a number) that we keep beside.
_FIELDS = ("comm", "exe", "cwd", "name", "nametype", "acct", "cmd", "key", "argc", "success", "pid", "ppid", "terminal")


def ours_of(log: bytes) -> dict[str, dict[str, Any]]:
    rows = rows_of(auditd.FORMAT, log)
    found = [{name.removeprefix("linux.auditd."): value for name, value in row.items()} for row in rows]
    return {first(event["serial"]): event for event in found}


def theirs_of(path: Path) -> dict[str, list[tuple[str, str]]]:
    """Give the records of each event, by its serial: types, and texts as ausearch interprets them."""
    command = ["ausearch", "-i", "-if", str(path)]
    shown = subprocess.run(
        command,
        check=True,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        env={"LC_ALL": "C.UTF-8", "PATH": os.environ["PATH"]},
    )
    found: dict[str, list[tuple[str, str]]] = {}
    for line in shown.stdout.decode("utf-8", "replace").splitlines():
        record = _RECORD.match(line)
        if record:
            found.setdefault(record[2], []).append((record[1], f" {line[record.end() :]} "))
    return found


def texts(value: Any) -> list[str]:  # noqa: ANN401 - a native value: a text or a list of them
    return [value] if isinstance(value, str) else value or []


def first(value: Any) -> str:  # noqa: ANN401 - as above
    return texts(value)[0]


def missing(event: dict[str, Any], records: list[tuple[str, str]]) -> list[str]:
    """Give the fields of ours that ausearch does not show."""
    shown = " ".join(text for _kind, text in records)
    pairs = [(name, value) for name in _FIELDS for value in texts(event.get(name))]
    if "EXECVE" in event["type"]:
        pairs += [(f"a{place}", first(event[f"a{place}"])) for place in range(int(first(event["argc"])))]
    if "SYSCALL" in event["type"]:
        pairs += [("syscall", first(event["SYSCALL"]))]
    if "saddr_ip" in event:
        pairs += [("laddr", first(event["saddr_ip"])), ("lport", first(event["saddr_port"]))]
    return [f"{name}={value}" for name, value in pairs if not _shows(shown, name, value)]


def _shows(text: str, name: str, value: str) -> bool:
    return any(f"{before}{name}={value}{after}" in text for before in " '" for after in " '")


@cache
def logs(folder: Path) -> list[Path]:
    written = folder / "written.log"
    written.write_bytes(audit.ALL)
    return [written, *sorted((ROOT / "docs" / "samples" / "linux").glob("audit*.log"))]


def test_events_have_the_records_and_values_that_ausearch_shows(tmp_path: Path) -> None:
    for path in logs(tmp_path):
        ours, theirs = ours_of(path.read_bytes()), theirs_of(path)
        assert (path.name, sorted(theirs)) == (path.name, sorted(ours))
        for serial, records in theirs.items():
            assert sorted(kind for kind, _text in records) == sorted(texts(ours[serial]["type"]))
            assert (path.name, serial, []) == (path.name, serial, missing(ours[serial], records))
