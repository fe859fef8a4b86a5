"""Events of Windows in the generated corpus."""

from __future__ import annotations

import random
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from tests.benchmarks.corpus_parts import NEEDLE, NEEDLE_WORD, Event, event, guid, letters
from tests.benchmarks.corpus_world import WORDS, Host, World

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime


def _windows(dice: random.Random, host: Host, channel: str, provider: str, code: int) -> Event:
    return {
        "winlog.channel": channel,
        "winlog.provider_name": provider,
        "winlog.event_id": code,
        "winlog.record_id": dice.getrandbits(33),
        "winlog.computer_name": f"{host.name}.gov.example",
        "winlog.process.pid": dice.randrange(400, 9000),
        "winlog.process.thread.id": dice.randrange(400, 9000),
        "winlog.opcode": "Info",
        "event.code": str(code),
        "event.provider": provider,
        "log.level": "information",
    }


def _sysmon(dice: random.Random, host: Host, code: int) -> Event:
    return _windows(dice, host, "Microsoft-Windows-Sysmon/Operational", "Microsoft-Windows-Sysmon", code)


def _command_line(dice: random.Random, path: str) -> str:
    if dice.random() < NEEDLE:
        return f'"{path}" "privilege::debug" "sekurlsa::logonpasswords" exit {NEEDLE_WORD}'
    choice = dice.randrange(100)
    if choice == 0:
        return f"powershell.exe -nop -w hidden -enc {letters(dice, dice.randrange(80, 300))}"
    if choice < 25:
        return f"{path} -k {dice.choice(('netsvcs', 'LocalService', 'NetworkService'))} -p -s {dice.choice(WORDS)}Svc"
    if choice < 45:
        launched = f"--renderer-client-id={dice.randrange(900)} --launch-time-ticks={dice.getrandbits(36)}"
        return f'"{path}" --type=renderer --lang=vi {launched} --field-trial-handle={dice.getrandbits(62)},262144'
    if choice < 60:
        script = f"C:\\ProgramData\\{dice.choice(WORDS)}\\{dice.choice(WORDS)}-{dice.randrange(200)}.ps1"
        return f'powershell.exe -ExecutionPolicy Bypass -NoProfile -File "{script}" -Id {dice.getrandbits(40):x}'
    return f'"{path}" /{dice.choice(WORDS)} -Embedding --tick={dice.randrange(1_000_000)}'


def process_start(world: World, dice: random.Random, moment: datetime) -> Event:
    """Make Sysmon's event 1."""
    host, program, parent = world.windows.draw(dice), world.programs.draw(dice), world.parents.draw(dice)
    user, full_name = dice.choice(host.users)
    command = _command_line(dice, program.path)
    return {
        **event(dice, moment, host, "windows.sysmon", "process", "start", "process-create", "success"),
        **_sysmon(dice, host, 1),
        "process.entity_id": guid(dice),
        "process.pid": dice.randrange(100, 30_000),
        "process.name": program.name,
        "process.executable": program.path,
        "process.command_line": command,
        "process.working_directory": "C:\\Windows\\system32\\",
        "process.hash.md5": program.md5,
        "process.hash.sha256": program.sha256,
        "process.pe.imphash": program.imphash,
        "process.pe.company": program.company,
        "process.pe.description": program.description,
        "process.pe.file_version": program.version,
        "process.pe.original_file_name": program.name,
        "process.parent.entity_id": guid(dice),
        "process.parent.pid": dice.randrange(100, 30_000),
        "process.parent.name": parent.name,
        "process.parent.executable": parent.path,
        "process.parent.command_line": _command_line(dice, parent.path),
        "user.name": user,
        "user.full_name": full_name,
        "user.domain": host.province.upper(),
        "user.id": f"S-1-5-21-1111-{dice.randrange(20_000)}",
        "related.user": [user],
        "related.hash": [program.md5, program.sha256, program.imphash],
        "winlog.event_data.Image": program.path,
        "winlog.event_data.CommandLine": command,
        "winlog.event_data.ParentImage": parent.path,
        "winlog.event_data.IntegrityLevel": dice.choice(("System", "High", "Medium", "Low")),
        "winlog.event_data.LogonId": hex(dice.getrandbits(24)),
        "winlog.event_data.LogonGuid": guid(dice),
        "winlog.event_data.TerminalSessionId": str(dice.randrange(4)),
    }


def process_connects(world: World, dice: random.Random, moment: datetime) -> Event:
    """Make Sysmon's event 3."""
    host, program, stranger = world.windows.draw(dice), world.programs.draw(dice), world.strangers.draw(dice)
    user, _full_name = dice.choice(host.users)
    return {
        **event(dice, moment, host, "windows.sysmon", "network", "connection", "network-connection", "success"),
        **_sysmon(dice, host, 3),
        "process.entity_id": guid(dice),
        "process.pid": dice.randrange(100, 30_000),
        "process.name": program.name,
        "process.executable": program.path,
        "user.name": user,
        "user.domain": host.province.upper(),
        "related.user": [user],
        "related.ip": [host.address, stranger],
        "source.ip": host.address,
        "source.port": dice.randrange(1024, 65_535),
        "source.domain": f"{host.name}.gov.example",
        "destination.ip": stranger,
        "destination.port": dice.choice((443, 443, 443, 80, 53, 445)),
        "network.transport": "tcp",
        "network.type": "ipv4",
        "network.direction": "egress",
        "network.protocol": "tls",
        "network.community_id": f"1:{letters(dice, 27)}=",
    }


def windows_log_on(world: World, dice: random.Random, moment: datetime) -> Event:
    """Make Security 4624 and 4625."""
    host, done = world.windows.draw(dice), dice.random() < 0.85
    user, full_name = dice.choice(host.users)
    address = world.hosts.draw(dice).address if dice.random() < 0.9 else world.strangers.draw(dice)
    told = "was successfully logged on" if done else "failed to log on"
    return {
        **event(
            dice,
            moment,
            host,
            "windows.security",
            "authentication",
            "start",
            *(("logged-in", "success") if done else ("logon-failed", "failure")),
        ),
        **_windows(dice, host, "Security", "Microsoft-Windows-Security-Auditing", 4624 if done else 4625),
        "user.name": user,
        "user.full_name": full_name,
        "user.domain": host.province.upper(),
        "user.id": f"S-1-5-21-1111-{dice.randrange(20_000)}",
        "source.ip": address,
        "source.port": dice.randrange(1024, 65_535),
        "related.ip": [address],
        "related.user": [user],
        "process.name": "lsass.exe",
        "process.executable": "C:\\Windows\\System32\\lsass.exe",
        "process.pid": dice.randrange(500, 900),
        "winlog.logon.type": dice.choice(("Network", "Interactive", "Service", "RemoteInteractive")),
        "winlog.event_data.LogonType": str(dice.choice((2, 3, 5, 10))),
        "winlog.event_data.LogonProcessName": "NtLmSsp",
        "winlog.event_data.AuthenticationPackageName": dice.choice(("NTLM", "Kerberos", "Negotiate")),
        "winlog.event_data.TargetLogonId": hex(dice.getrandbits(28)),
        "winlog.event_data.SubjectUserSid": "S-1-0-0",
        "winlog.event_data.KeyLength": dice.choice(("0", "128")),
        "winlog.event_data.Status": "0x0" if done else "0xc000006d",
        "winlog.activity_id": guid(dice),
        "winlog.keywords": ["Audit Success" if done else "Audit Failure"],
        "message": f"An account {told}. Account Name: {user} ({full_name}) Source Network Address: {address}",
    }


_NAMES: Final = tuple(
    f"{first.title()}{second.title()}" for first, second in zip(WORDS * 2, WORDS[7:] * 2, strict=False)
)
"""Of these some 170 names the fields of forwarded events are; every code has a dozen."""


@lru_cache(maxsize=128)
def _names_of(code: int) -> tuple[str, ...]:
    return tuple(random.Random(code).sample(_NAMES, 12))  # noqa: S311


def windows_other(world: World, dice: random.Random, moment: datetime) -> Event:
    """Make forwarded events of ninety codes, each with its own fields; some numbers come as text."""
    host, code = world.windows.draw(dice), 1000 + min(int(dice.paretovariate(0.8)), 90)
    values: tuple[Callable[[], Any], ...] = (
        lambda: guid(dice),
        lambda: hex(dice.getrandbits(20)),
        lambda: f"{dice.choice(WORDS)} {dice.choice(WORDS)}",
        lambda: dice.randrange(1 << 16) if host.id < "8" else str(dice.randrange(1 << 16)),
    )
    return {
        **event(dice, moment, host, "windows.forwarded", "configuration", "info", f"event-{code}", "success"),
        **_windows(dice, host, "ForwardedEvents", "Service Control Manager", code),
        **{f"winlog.event_data.{name}": values[len(name) % 4]() for name in _names_of(code)},
        "message": f"The {dice.choice(WORDS)} service entered the running state. {dice.getrandbits(32):08x}",
    }
