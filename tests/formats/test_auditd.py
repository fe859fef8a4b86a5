"""Linux audit logs: records of one serial are one event, its values decoded, nothing dropped."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel.formats import auditd
from sentinel.formats.auditd_numbers import RECORD_TYPES, SYSCALLS
from sentinel.formats.base import Block
from sentinel.formats.gather import ALL as WHOLE
from sentinel.formats.gather import Gatherer
from sentinel.formats.registry import recognise
from tests.formats import audit_lines as audit
from tests.formats.audit_lines import log, record
from tests.formats.reading import gathered, rows_of

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMAT = auditd.FORMAT
PREFIX = "linux.auditd."


def events_of(data: bytes) -> list[dict[str, Any]]:
    """Give the events of a log by native field; nothing of it may be a fault."""
    gatherer = gathered(FORMAT, data)
    assert [] == gatherer.faults
    rows = rows_of(FORMAT, data)
    return [{name.removeprefix(PREFIX): value for name, value in row.items()} for row in rows]


def event_of(*lines: str) -> dict[str, Any]:
    (event,) = events_of(log(*lines))
    return {name: value[0] if isinstance(value, list) and len(value) == 1 else value for name, value in event.items()}


def of(event: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: event.get(name) for name in names}


def test_records_of_one_serial_are_one_event_with_decoded_values() -> None:
    assert {
        "type": ["SYSCALL", "EXECVE", "CWD", "PATH", "PATH", "PROCTITLE"],
        "time": "1700000000.123", "serial": "456",
        "arch": "c000003e", "syscall": "59", "success": "yes", "exit": "0", "items": "2", "ppid": "100", "pid": "101",
        "syscall_a0": "55d0", "syscall_a1": "55d1", "syscall_a2": "55d2", "syscall_a3": "0",
        "auid": "1000", "uid": "1000", "gid": "1000", "euid": "1000", "suid": "0", "fsuid": "0", "egid": "0",
        "sgid": "0", "fsgid": "0", "tty": "pts0", "ses": "3", "comm": "ls", "exe": "/usr/bin/ls", "key": "exec",
        "ARCH": "x86_64", "SYSCALL": "execve", "AUID": "an", "UID": "an", "GID": "an", "EUID": "an", "SUID": "root",
        "FSUID": "root", "EGID": "root", "SGID": "root", "FSGID": "root",
        "argc": "3", "a0": "ls", "a1": "-l", "a2": "đường dẫn", "command_line": "ls -l đường dẫn",
        "cwd": "/home/an", "item": ["0", "1"], "name": ["/usr/bin/ls", "/lib64/ld-linux-x86-64.so.2"],
        "inode": ["325835", "325835"], "dev": ["fe:00", "fe:00"], "mode": ["0100755", "0100755"],
        "ouid": ["0", "0"], "ogid": ["0", "0"], "rdev": ["00:00", "00:00"], "nametype": ["NORMAL", "NORMAL"],
        "cap_fp": ["0", "0"], "cap_fi": ["0", "0"], "cap_fe": ["0", "0"], "cap_fver": ["0", "0"],
        "cap_frootid": ["0", "0"], "OUID": ["root", "root"], "OGID": ["root", "root"],
        "proctitle": "ls -l đường dẫn", "user_name": "an",
    } == event_of(*audit.LS)  # fmt: skip


def test_without_a_program_the_registers_keep_their_names() -> None:
    event = event_of(record("SYSCALL", audit.call(135, "/usr/bin/setarch", registers=("40000", "0", "0"), items=0)))
    assert {"SYSCALL": "personality", "a0": "40000", "syscall_a0": None} == of(event, "SYSCALL", "a0", "syscall_a0")


def test_the_name_of_a_call_is_told_from_its_number_where_the_log_is_not_enriched() -> None:
    event = event_of(*audit.PLAIN)
    assert {"SYSCALL": "execve", "node": "portal-1", "user_name": "root"} == of(event, "SYSCALL", "node", "user_name")


def test_an_argument_in_quotes_is_never_decoded() -> None:
    event = event_of(record("EXECVE", 'argc=3 a0="cafe" a1=63616665 a2=63616'))
    assert ["cafe", "cafe", "63616"] == [event["a0"], event["a1"], event["a2"]]


def test_the_parts_of_a_long_argument_are_joined() -> None:
    event = event_of(
        record("EXECVE", 'argc=3 a0="sh" a1_len=8 a1[0]=6120'),
        record("EXECVE", " a1[1]=6220"),
        record("EXECVE", 'a2="c"'),
    )
    assert {"a1": "a b ", "a1_len": "8", "command_line": "sh a b  c"} == of(event, "a1", "a1_len", "command_line")


ADDRESSES = {
    "0200115CC63364070000000000000000": {"saddr_family": "inet", "saddr_ip": "198.51.100.7", "saddr_port": "4444"},
    "0A00005000000000" + "20010DB8000000000000000000000001" + "00000000": {
        "saddr_family": "inet6",
        "saddr_ip": "2001:db8::1",
        "saddr_port": "80",
    },
    "0A00005000000000" + "00000000000000000000FFFFC6336407": {
        "saddr_family": "inet6",
        "saddr_ip": "198.51.100.7",
        "saddr_port": "80",
    },
    "01002F72756E2F6E736364000000FF": {"saddr_family": "unix", "saddr_path": "/run/nscd"},
    "010000616273": {"saddr_family": "unix", "saddr_path": "@abs"},
    "100000000000000000000000": {"saddr_family": "netlink"},
    "0002": {"saddr_family": "inet"},
    "0200": {"saddr_family": "inet"},
    "0A00": {"saddr_family": "inet6"},
    "1100": {"saddr_family": "17"},
    "xyz": {},
}


@pytest.mark.parametrize("saddr", ADDRESSES)
def test_the_address_of_a_socket_is_taken_apart(saddr: str) -> None:
    event = event_of(record("SOCKADDR", f"saddr={saddr}"))
    assert ADDRESSES[saddr] == {name: value for name, value in event.items() if name.startswith("saddr_")}


def test_a_connection_is_initiated_only_to_an_address_of_a_network() -> None:
    assert "true" == event_of(*audit.CONNECT)["initiated"]
    to_socket = [audit.CONNECT[0], record("SOCKADDR", "saddr=01002F72756E2F6E736364", 457)]
    assert "initiated" not in event_of(*to_socket)


def opened(flags: str, name: str, kind: str, *, parent: str = "", success: str = "yes", cwd: str = "/srv") -> list[str]:
    registers = ("ffffff9c", "55d1", flags)
    lines = [
        record("SYSCALL", audit.call(257, "/usr/bin/tee", name="openat", registers=registers, success=success)),
        record("CWD", f'cwd="{cwd}"'),
        *([record("PATH", audit.path(parent, "PARENT"))] if parent else []),
        record("PATH", audit.path(name, kind)),
    ]
    return [*lines, record("PROCTITLE", 'proctitle="tee"')]


OPENED: dict[str, tuple[list[str], str | None]] = {
    "made, by its parent": (opened("241", "x y.sh", "CREATE", parent="/var/www/"), "/var/www/x y.sh"),
    "made, in the working directory": (opened("241", "a/../x", "CREATE"), "/srv/x"),
    "made, in a folder within it": (opened("241", "sub/x", "CREATE", parent="sub/"), "/srv/sub/x"),
    "made, absolute": (opened("241", "/etc/cron.d/x", "CREATE", parent="/etc/cron.d/"), "/etc/cron.d/x"),
    "written to": (opened("401", "/etc/sudoers.d/an", "NORMAL"), "/etc/sudoers.d/an"),
    "only read": (opened("80000", "/etc/sudoers.d/an", "NORMAL"), None),
    "refused": (opened("241", "/etc/x", "CREATE", success="no"), None),
    "made, by a parent without a name": (
        [line.replace('name="/srv/" ', "") for line in opened("241", "x", "CREATE", parent="/srv/")],
        "/srv/x",
    ),
    "moved to": (
        [
            record("SYSCALL", audit.call(82, "/usr/bin/mv", name="rename")),
            record("CWD", 'cwd="/srv"'),
            record("PATH", audit.path("old/", "PARENT")),
            record("PATH", audit.path("new/", "PARENT", 1)),
            record("PATH", audit.path("old/x", "DELETE", 2)),
            record("PATH", audit.path("new/x", "CREATE", 3)),
        ],
        "/srv/new/x",
    ),
    "without a name": (opened("241", "x", "CREATE")[:2], None),
}


@pytest.mark.parametrize("case", OPENED)
def test_the_file_that_a_call_wrote_is_told_as_an_absolute_path(case: str) -> None:
    lines, expected = OPENED[case]
    assert expected == event_of(*lines).get("target_filename")


def test_what_a_program_wrote_is_read_from_within_its_message() -> None:
    assert {
        "type": "ADD_USER", "time": audit.TIME, "serial": "460", "pid": "900", "uid": "0", "auid": "1000", "ses": "3",
        "subj": "unconfined", "op": "adding user", "id": "1001", "exe": "/usr/sbin/useradd", "hostname": "?",
        "addr": "?", "terminal": "?", "res": "success", "UID": "root", "AUID": "an", "user_name": "root",
        "msg": 'op=adding user id=1001 exe="/usr/sbin/useradd" hostname=? addr=? terminal=? res=success',
    } == event_of(audit.ADDED)  # fmt: skip


def test_the_message_of_an_old_program_is_read_too() -> None:
    text = (
        'PAM: authentication acct=28756E6B6E6F776E207573657229 : exe="/bin/su" (hostname=h, addr=192.0.2.1, res=failed)'
    )
    event = event_of(record("USER_AUTH", f"user pid=1 uid=0 auid=0 msg='{text}'"))
    expected = {"acct": "(unknown user)", "hostname": "h", "addr": "192.0.2.1", "res": "failed", "msg": text}
    assert expected == of(event, *expected)


def test_what_selinux_decided_has_the_names_of_auparse() -> None:
    expected = {"seresult": "denied", "seperms": ["read", "write"], "tclass": "file", "name": "shadow"}
    assert expected == of(event_of(audit.AVC), *expected)


def test_keys_of_several_rules_are_a_list() -> None:
    event = event_of(record("SYSCALL", audit.call(87, "/usr/bin/rm", key="6465760164656C")))
    assert ["dev", "del"] == event["key"]


def test_a_number_of_a_type_or_an_unknown_one_does_no_harm() -> None:
    events = events_of(
        log(record("1305", "op=add_rule", 1), record("UNKNOWN[1334]", "prog-id=1", 2), record("NEW_1", "x", 3))
    )
    assert ["CONFIG_CHANGE", "BPF", "NEW_1"] == [event["type"] for event in events]
    assert "x" == events[2]["rest"]


def test_records_of_events_may_stand_between_one_another() -> None:
    mixed = [line for pair in zip(audit.LS, [*audit.CONNECT, *audit.CREATE[:3]], strict=True) for line in pair]
    assert ["456", "457", "458"] == [event["serial"] for event in events_of(log(*mixed))]
    assert [6, 3, 3] == [len(event["type"]) for event in events_of(log(*mixed))]


def test_the_same_serial_of_another_node_or_time_is_another_event() -> None:
    lines = [record("CWD", 'cwd="/"', node=node) for node in ("a", "b")] + [
        record("CWD", 'cwd="/"').replace("123:", "124:")
    ]
    assert 3 == len(events_of(log(*lines)))


def test_a_log_written_twice_has_its_events_twice() -> None:
    data = log(*audit.LS)
    assert [6, 6] == [len(event["type"]) for event in events_of(data + data)]


def test_the_raw_event_is_all_of_its_lines() -> None:
    data = log(*audit.LS[:2], *audit.CONNECT, *audit.LS[2:])
    raws = {
        raw: place
        for batch in gathered(FORMAT, data).rest()
        for raw, place in zip(batch.raws, batch.positions, strict=True)
    }
    assert {log(*audit.LS): 0, log(*audit.CONNECT): len(log(*audit.LS[:2]))} == raws


def test_what_ausearch_writes_between_events_is_passed_over() -> None:
    data = log("----", "time->Tue Nov 14 22:13:20 2023", *reversed(audit.LS), "----", *audit.CONNECT)
    assert FORMAT is recognise(data)
    assert [["execve"], ["connect"]] == [
        event["SYSCALL"] if isinstance(event["SYSCALL"], list) else [event["SYSCALL"]] for event in events_of(data)
    ]


def test_a_damaged_line_is_a_fault_with_its_place_and_the_rest_is_read() -> None:
    data = log(*audit.LS[:3], "type=PATH msg=audit(17000", *audit.LS[3:])
    gatherer = gathered(FORMAT, data)
    assert [(len(log(*audit.LS[:3])), 4)] == [(fault.offset, fault.line) for fault in gatherer.faults]
    assert 1 == gatherer.events


@pytest.mark.parametrize("begin", [0, 30, 500])
def test_a_log_cut_from_the_front_is_recognised(begin: int) -> None:
    assert FORMAT is recognise(audit.ALL[begin:])


def test_other_logs_are_not_recognised() -> None:
    others = [
        b"",
        b"\n\n",
        b"type=x\n",
        b'{"type":"SYSCALL"}\n',
        b"Nov 14 22:13:20 h kernel: audit: type=1300 audit(1.2:3): a=b\n",
    ]
    assert [False] * len(others) == [FORMAT.recognise(other) for other in others]


def in_blocks(data: bytes, size: int) -> list[int]:
    """Give how many records each event has where a log is read so many bytes at a time."""
    waiting, found = b"", list[int]()
    for begin in range(0, len(data) + size, size):
        waiting += data[begin : begin + size]
        whole = FORMAT.cut(waiting, begin >= len(data))
        gatherer = Gatherer(lambda _kind: WHOLE)
        FORMAT.read(Block(0, 0, waiting[:whole]), gatherer)
        found += [raw.count(b"\n") for batch in gatherer.rest() for raw in batch.raws]
        waiting = waiting[whole:]
    return sorted(found)


@given(st.integers(1, 9000))
def test_no_event_is_split_by_the_border_of_a_block(size: int) -> None:
    lines = [line for serial in range(0, 60, 2) for pair in zip(
        audit.executed("/bin/a", "a", serial=serial), audit.executed("/bin/b", "b", serial=serial + 1), strict=True
    ) for line in pair]  # fmt: skip
    assert [6] * 60 == in_blocks(log(*lines), size)


def test_an_event_that_begins_before_the_tail_of_a_block_is_not_split() -> None:
    parts = [record("EXECVE", f" a1[{part}]={'41' * 4000}", 700) for part in range(60)]
    data = log(*(line for serial in range(90) for line in audit.executed("/bin/a", "a", serial=serial)), *parts)
    for end in range(len(data) - 200_000, len(data), 50_000):
        assert FORMAT.cut(data[:end], False) <= data.index(b":700)") - 30


def test_an_event_without_end_is_cut_all_the_same() -> None:
    data = log(*[record("EXECVE", f" a1[{part}]={'41' * 4000}") for part in range(1700)])
    assert len(data) == FORMAT.cut(data, False)


@given(st.data())
def test_broken_logs_give_faults_and_nothing_else(data: st.DataObject) -> None:
    broken = bytearray(audit.ALL[: data.draw(st.integers(0, len(audit.ALL)))])
    for place in data.draw(st.lists(st.integers(0, max(0, len(broken) - 1)), max_size=20)) if broken else []:
        broken[place] ^= 1 << data.draw(st.integers(0, 7))
    gatherer = gathered(FORMAT, bytes(broken))
    assert gatherer.events + sum(fault.count for fault in gatherer.faults) <= len(bytes(broken).splitlines()) + 1


HOSTILE = {
    "one word": "a" * 1_000_000,
    "quotes": 'a="' * 300_000,
    "braces": "a={ " * 250_000,
    "names": "a=" * 500_000,
    "spaces": "a=b" + " " * 1_000_000,
    "words": "a=b" + " c" * 500_000,
    "brackets": "a[" * 500_000,
    "dashes": "a-" * 500_000,
    "an avc": "avc: denied { " + "{ " * 500_000,
    "digits": "proctitle=" + "41" * 500_000 + "x",
    "message": "msg='" * 200_000,
}


@pytest.mark.parametrize("kind", ["SYSCALL", "EXECVE", "PATH", "AVC", "USER_CMD"])
@pytest.mark.parametrize("text", HOSTILE)
def test_a_line_of_a_megabyte_is_read_in_little_time(kind: str, text: str) -> None:
    begin = time.process_time()
    gathered(FORMAT, log(record(kind, HOSTILE[text])))
    assert time.process_time() - begin < 10


def test_numbers_are_those_of_the_kernel() -> None:
    assert ["SYSCALL", "AVC", "USER_LOGIN"] == [RECORD_TYPES[number] for number in ("1300", "1400", "1112")]
    calls = [SYSCALLS["c000003e"]["59"], SYSCALLS["40000003"]["11"], SYSCALLS["c00000b7"]["221"]]
    assert ["execve"] * 3 == calls


AUDIT = f"audit({audit.TIME}:9)"
MESSAGES = {
    "forwarded": f"type=USER_CMD msg={AUDIT}: pid=1 uid=0 msg='cwd=\"/\" cmd=6C73202D6C res=success'",
    "forwarded of a node": f"node=h type=USER_CMD msg={AUDIT}: pid=1 uid=0 msg='cmd=6C73202D6C res=success'",
    "the kernel's": f"audit: type=1123 {AUDIT}: pid=1 uid=0 msg='cmd=6C73202D6C res=success'",
    "the kernel's, with its clock": f"[   12.345678] audit: type=1123 {AUDIT}: pid=1 uid=0 msg='cmd=6C73202D6C'",
    "the journal's": "USER_CMD pid=1 uid=0 msg='cmd=6C73202D6C res=success'",
}


@pytest.mark.parametrize("form", MESSAGES)
def test_a_record_in_a_message_of_syslog_is_an_event_of_its_own(form: str) -> None:
    read = auditd.parse_record(MESSAGES[form])
    assert read is not None
    kind, event = read
    assert ("linux.auditd", "user_cmd") == (kind.dataset, kind.code)
    assert ("USER_CMD", "ls -l", "root") == (event["type"], event["cmd"], event["user_name"])
    assert (None if form == "the journal's" else audit.TIME) == event.get("time")


@pytest.mark.parametrize(
    "message", ["", "SYSCALLS x=y", "Accepted publickey for an", "audit(1.2:3)", "audit: backlog limit exceeded"]
)
def test_any_other_message_is_no_record(message: str) -> None:
    assert auditd.parse_record(message) is None
