"""The process tree of an alert: by the identity of processes, or by number, host and time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sentinel.store.embedded.store import open_store
from sentinel.triage.process_tree import ProcessTree, process_tree
from tests.cli.a_store import MINUTE, put
from tests.console.a_stored import NOON

if TYPE_CHECKING:
    from pathlib import Path

HOST = "sql01.gov.example"


def started(name: str, pid: int, parent: int, *, identified: bool) -> dict[str, str]:
    """Give a process that Sysmon saw start; its identity, where it has one, is made of its number."""
    event = {
        "EventID": "1",
        "Channel": "Microsoft-Windows-Sysmon/Operational",
        "Computer": HOST,
        "User": "GOV\\minh",
        "Image": f"C:\\{name}.exe",
        "CommandLine": name,
        "ProcessId": str(pid),
        "ParentProcessId": str(parent),
        "ParentImage": "C:\\parent.exe",
    }
    guids = {"ProcessGuid": guid(pid), "ParentProcessGuid": guid(parent)}
    return event | (guids if identified else {})


def guid(pid: int) -> str:
    return f"{{00000000-0000-0000-0000-{pid:012d}}}"


def tree(folder: Path, events: list[dict[str, str]], asked: dict[str, Any], minute: int) -> ProcessTree | None:
    store = open_store(folder, create=True)
    put(store, "windows.sysmon", "1", events)
    with store.snapshot() as snapshot:
        told = process_tree(snapshot, asked, HOST, NOON + minute * MINUTE)
    store.close()
    return told


@pytest.mark.parametrize("identified", [True, False])
def test_ancestors_and_children_are_found(tmp_path: Path, *, identified: bool) -> None:
    line = [("explorer", 10, 5), ("word", 20, 10), ("powershell", 30, 20), ("whoami", 40, 30), ("calc", 50, 10)]
    events = [started(*each, identified=identified) for each in line]
    asked = {"process.entity_id": guid(30)} if identified else {"process.pid": 30}
    found = tree(tmp_path, events, asked, 2)
    assert found is not None
    assert ["C:\\parent.exe", "C:\\explorer.exe", "C:\\word.exe"] == [each.executable for each in found.ancestors]
    assert [None, NOON, NOON + MINUTE] == [each.time for each in found.ancestors]
    assert ("powershell", "GOV\\minh") == (found.process.command, found.process.user)
    assert ["whoami"] == [each.command for each in found.process.children]


def test_a_number_that_is_used_again_is_another_process(tmp_path: Path) -> None:
    line = [("old", 30, 5), ("of old", 40, 30), ("new", 30, 5), ("of new", 41, 30)]
    found = tree(tmp_path, [started(*each, identified=False) for each in line], {"process.pid": 30}, 0)
    assert found is not None
    assert ("old", ["of old"]) == (found.process.command, [each.command for each in found.process.children])


def test_a_process_whose_start_is_not_stored_is_told_by_the_event(tmp_path: Path) -> None:
    asked = {"process.pid": 77, "process.executable": "C:\\gone.exe", "process.parent.pid": 10}
    found = tree(tmp_path, [started("explorer", 10, 5, identified=False)], asked, 1)
    assert found is not None
    assert ("C:\\gone.exe", "") == (found.process.executable, found.process.event)
    assert ["parent", "explorer"] == [each.command or "parent" for each in found.ancestors]


def test_an_event_without_a_process_has_no_tree(tmp_path: Path) -> None:
    assert tree(tmp_path, [started("a", 1, 0, identified=False)], {"host.name": HOST}, 0) is None
