"""What zlint, a linter of the web's authorities, says of certificates, lists and answers."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

from tests.pki.conformance import golang

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

VERSION = "v3.7.3"
_MODULE = "github.com/zmap/zlint/v3/cmd/zlint"
_ERRORS = {"error", "fatal"}
_ASKED = {"pass", "info", "warn", *_ERRORS}
"""Results of lints that apply to what they were shown."""


def program() -> Path:
    """Give zlint; skips the test where it is not there and cannot be built."""
    return golang.program(_MODULE, VERSION)


def results(folder: Path, forms: Mapping[str, bytes]) -> dict[str, dict[str, str]]:
    """Give what each lint says of each thing (DER), by the names of both. All lints are asked, of every source."""
    paths = []
    for number, content in enumerate(forms.values()):
        paths.append(folder / f"{number:04}.der")
        paths[-1].write_bytes(content)
    command = [str(each) for each in (program(), *paths)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert not ran.returncode, ran.stderr
    lines = [json.loads(line) for line in ran.stdout.splitlines() if line]
    said = zip(forms, lines, strict=True)
    return {name: {lint: result["result"] for lint, result in line.items()} for name, line in said}


def unread(content: bytes) -> str:
    """Give why zlint cannot read something (DER), empty where it can."""
    command = [str(program()), "-format", "der"]
    ran = subprocess.run(command, input=content, capture_output=True, check=False, timeout=60)
    return ran.stderr.decode() if ran.returncode else ""


def errors(said: Mapping[str, Mapping[str, str]]) -> dict[str, set[str]]:
    """Give the lints that found an error, each with the names of what they found it in."""
    found: dict[str, set[str]] = {}
    for name, results_ in said.items():
        for lint, result in results_.items():
            if result in _ERRORS:
                found.setdefault(lint, set()).add(name)
    return found


def applied(said: Mapping[str, Mapping[str, str]]) -> set[str]:
    """Give the lints that had something to say of one thing at least."""
    return {lint for each in said.values() for lint, result in each.items() if result in _ASKED}
