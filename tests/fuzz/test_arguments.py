"""Broken arguments of commands about the queue end in a result or a refusal, whatever stands in them."""

from __future__ import annotations

import os
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest

from sentinel.cli.main import main
from sentinel.store.embedded.store import open_store
from sentinel.triage.checking import check
from sentinel.triage.desk import Desk
from tests.folders import work_in
from tests.fuzz.mutate import mutated
from tests.fuzz.written import bounded
from tests.triage.builders import a_desk, a_sighting

if TYPE_CHECKING:
    from collections.abc import Sequence

ID, OTHER = a_sighting(1).alert, a_sighting(2).alert
COMMANDS: dict[str, list[str]] = {
    "suppress": [
        "alerts", "suppress", "--rule", "r1", "--host", "pc*.gov.example", "--until", "7d", "--reason", "bảo trì",
        "--owner", "lan", "--json",
    ],
    "suppress like": ["alerts", "suppress", ID[:8], "--same", "rule,host", "--until", "2026-12-31", "--reason", "a"],
    "lift": ["alerts", "lift", "abcd", "--release"],
    "handover": ["alerts", "handover", "--since", "2026-11-20T06:00+07:00"],
    "list": [
        "alerts", "list", "--host", "pc*", "--user", "đức", "--address", "203.0.*", "--agency", "H49.*",
        "--text", "evil", "--since", "24h", "--until", "2026-11-24", "--json",
    ],
    "close": ["alerts", "close", ID[:8], "--reason", "duplicate", "--duplicate-of", OTHER[:8], "--note", "như nhau"],
    "assign": ["alerts", "assign", ID[:8], "--to", "lan.nguyễn"],
    "note": ["alerts", "note", ID[:8], "--note", "đã xem"],
    "new": ["alerts", "new", "Cuộc gọi lạ", "--level", "high", "--host", "pc1", "--address", "::1", "--at", "1h"],
    "stats": ["alerts", "stats", "--since", "7d", "--until", "2026-11-24"],
}  # fmt: skip
TOKENS = (
    "*", "%", "_", "\\", "'", '"', "\x1b[31m", "\udcff", "\u202e", "\u0301", "[", "(", "0001-01-01", "9999-12-31",
    "9" * 7, "-1", "1e9", "d", "999999w", "--", "@", "=cmd()", "\n", " ", "{0}", "%s", "🙂", "ß", "İ", "T", "Z",
)  # fmt: skip
LONGEST = 6000
"""Letters that an argument has at most: SQLite takes patterns of 50,000 bytes, and a letter may be escaped by seven."""
ENDS = {0, 1, 2, 3, 4}


def broken(random: Random, command: Sequence[str]) -> list[str]:
    """Give a command with some of its values broken, as the operating system can pass them."""
    values = [place for place, word in enumerate(command) if place > 1 and not word.startswith("--")]
    found = list(command)
    for place in random.sample(values, random.randrange(1, len(values) + 1)):
        if random.random() < 0.5:
            at = random.randrange(len(found[place]) + 1)
            token = random.choice(TOKENS) * random.choice((1, 1, 2, 40, 4000))
            found[place] = found[place][:at] + token + found[place][at:]
        else:
            found[place] = os.fsdecode(mutated(random, found[place].encode(), [b"*", b"2026", b"H49"]))
    return [os.fsdecode(os.fsencode(word.replace("\0", "")[:LONGEST])) for word in found]


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    work_in(tmp_path, monkeypatch)
    open_store(Path("store"), create=True).close()
    a_desk(Path("store"), *range(20)).close()


@pytest.mark.parametrize("count", [20, pytest.param(300, marks=pytest.mark.deep)])
@pytest.mark.parametrize("name", COMMANDS)
def test_broken_arguments_are_answered(name: str, count: int, capfd: pytest.CaptureFixture[str]) -> None:
    random = Random(f"{name} {count}")  # noqa: S311 - to be repeated, not to be secret
    assert main(COMMANDS[name]) == (2 if name == "lift" else 0)
    for _run in range(count):
        command = broken(random, COMMANDS[name])
        with bounded(sum(map(len, command))):
            assert main(command) in ENDS, command
        assert "Traceback" not in capfd.readouterr().err, command
    with Desk(Path("store")) as desk:
        assert check(desk.file) >= 20
