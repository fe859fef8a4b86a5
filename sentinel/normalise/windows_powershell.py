"""The tables of PowerShell's two logs.

The operational log (4103, 4104) writes its context as lines `Host Application = …`; the classic one as lines
`HostApplication=…` in the last of its unnamed data.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from sentinel.normalise.convert import Named, after, domain_of, integer, sid, user_of
from sentinel.normalise.lines import file_in
from sentinel.normalise.mapping import SEPARATOR, Event, Family, Map

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sentinel.normalise.convert import Value


def context(name: str) -> Named:
    """Make a converter for one line of the operational log's context."""

    def convert(value: str) -> Value:
        return _context(value).get(name) or None

    return Named(f"context({name})", f"`{name} = …` of the context.", convert)


@lru_cache(maxsize=1 << 12)
def _context(value: str) -> dict[str, str]:
    """Give all lines of a context: a dozen converters ask for one each."""
    found: dict[str, str] = {}
    for line in value.replace("\r", "\n").replace(SEPARATOR, "\n").split("\n"):  # an expression takes ten times as long
        name, mark, rest = line.partition(" =")
        if mark:
            found.setdefault(name.lstrip(" \t"), rest.strip())
    return found


def detail(name: str) -> Named:
    """Make a converter for one line of the classic log's details."""
    mark = f"{name}="

    def convert(value: str) -> Value:
        for begin in _occurrences(mark, value):
            if not begin or value[begin - 1].isspace():
                return _line(value, begin + len(mark)).strip() or None
        return None

    return Named(f"detail({name})", f"`{name}=…` of the details.", convert)


def _occurrences(mark: str, value: str) -> Iterator[int]:
    """Give where a mark begins; an expression looks at every line instead, which takes twenty times as long."""
    begin = value.find(mark)
    while begin >= 0:
        yield begin
        begin = value.find(mark, begin + 1)


_LINE = re.compile(r"[^\r\n\x1f]*")


def _line(value: str, begin: int) -> str:
    found = _LINE.match(value, begin)
    return found[0] if found else ""


def _lines(source: str, made: tuple[tuple[str, Named], ...]) -> tuple[Map, ...]:
    return tuple(Map(target, source, convert, every=True) for target, convert in made)


def _account(read: Named, target: str) -> tuple[tuple[str, Named], ...]:
    return (f"{target}.name", after(read, user_of)), (f"{target}.domain", after(read, domain_of))


_CONTEXT = (
    ("process.command_line", context("Host Application")),
    ("process.title", context("Host Name")),
    ("process.entity_id", context("Host ID")),
    ("powershell.process.executable_version", context("Host Version")),
    ("powershell.engine.version", context("Engine Version")),
    ("powershell.runspace_id", context("Runspace ID")),
    ("powershell.pipeline_id", context("Pipeline ID")),
    ("powershell.command.name", context("Command Name")),
    ("powershell.command.type", context("Command Type")),
    ("powershell.command.path", context("Command Path")),
    ("powershell.sequence", after(context("Sequence Number"), integer)),
    *_account(context("User"), "user"),
    *_account(context("Connected User"), "powershell.connected_user"),
)
_SCRIPT = tuple(
    Map(line.target, line.source, line.convert, every=True) for line in file_in("ContextInfo", context("Script Name"))
)
_DETAILS = (
    ("process.command_line", detail("HostApplication")),
    ("process.title", detail("HostName")),
    ("process.entity_id", detail("HostId")),
    ("powershell.process.executable_version", detail("HostVersion")),
    ("powershell.engine.version", detail("EngineVersion")),
    ("powershell.engine.new_state", detail("NewEngineState")),
    ("powershell.engine.previous_state", detail("PreviousEngineState")),
    ("powershell.provider.name", detail("ProviderName")),
    ("powershell.provider.new_state", detail("NewProviderState")),
    ("powershell.runspace_id", detail("RunspaceId")),
    ("powershell.pipeline_id", detail("PipelineId")),
    ("powershell.command.name", detail("CommandName")),
    ("powershell.command.type", detail("CommandType")),
    ("powershell.command.path", detail("CommandPath")),
    ("powershell.sequence", after(detail("SequenceNumber"), integer)),
)
_PIPELINE = (
    *_DETAILS,
    ("powershell.sequence", after(detail("DetailSequence"), integer)),
    ("powershell.total", after(detail("DetailTotal"), integer)),
    *_account(detail("UserId"), "user"),
)
_BLOCK = (
    Map("powershell.file.script_block_text", "ScriptBlockText"),
    Map("powershell.file.script_block_id", "ScriptBlockId"),
    Map("powershell.sequence", "MessageNumber", integer),
    Map("powershell.total", "MessageTotal", integer),
    *file_in("Path"),
)
_CLASSIC_SCRIPT = tuple(
    Map(line.target, line.source, line.convert, every=True) for line in file_in("Data", detail("ScriptName"))
)

OPERATIONAL = Family(
    "windows.powershell_operational",
    maps=(Map("user.id", "UserID", sid),),
    events=(
        Event(
            "4103",
            "module-pipeline-executed",
            ("process",),
            ("info",),
            maps=(*_lines("ContextInfo", _CONTEXT), *_SCRIPT),
        ),
        Event("4104", "script-block-executed", ("process",), ("info",), maps=_BLOCK),
        Event(
            "4105",
            "script-block-started",
            ("process",),
            ("start",),
            maps=(
                Map("powershell.file.script_block_id", "ScriptBlockId"),
                Map("powershell.runspace_id", "RunspaceId"),
            ),
        ),
        Event(
            "4106",
            "script-block-stopped",
            ("process",),
            ("end",),
            maps=(
                Map("powershell.file.script_block_id", "ScriptBlockId"),
                Map("powershell.runspace_id", "RunspaceId"),
            ),
        ),
    ),
)

CLASSIC = Family(
    "windows.powershell",
    events=(
        Event("400", "engine-started", ("process",), ("start",), maps=_lines("Data", _DETAILS)),
        Event("403", "engine-stopped", ("process",), ("end",), maps=_lines("Data", _DETAILS)),
        Event("600", "provider-changed", ("process",), ("info",), maps=_lines("Data", _DETAILS)),
        Event(
            "800",
            "pipeline-executed",
            ("process",),
            ("info",),
            maps=(*_lines("Data", _PIPELINE), *_CLASSIC_SCRIPT),
        ),
    ),
)
