"""What people write by hand (registers, channels, the estate) as the fuzzer's seeds, and what reads each."""

from __future__ import annotations

import signal
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sentinel.crypto.keys import PrivateKey
from sentinel.errors import SentinelError
from sentinel.estate import agencies, merge, platforms
from sentinel.estate.check import problems
from sentinel.estate.load import load
from sentinel.notify import reading, states
from sentinel.people import register
from sentinel.people.register import Person
from sentinel.people.roles import Role
from sentinel.people.writing import Register
from tests.fuzz.mutate import mutated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from random import Random
    from types import FrameType

SECONDS, SECONDS_PER_MIB = 1.0, 20.0
"""CPU time that reading may take."""
LONGEST_WRITTEN = 20_000
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")

PEOPLE = f"""\
# trực ban
[[person]]
name = "lan.nguyễn"
full_name = "Nguyễn Thị Lan"
roles = ["analyst", "approver"]
os_users = ["lan", "lan-admin"]

[[person.key]]
public = '''
{PrivateKey.new().public.pem()}'''
added = 2026-11-20T09:30:00Z
retired = 2026-11-21

[[person]]
name = "đức"
full_name = "Đức"
roles = []
os_users = []
"""
NOTIFY = """\
[[channel]]
name = "trực-ban"
type = "mail"
host = "mail.gov.example"
port = 587
tls = "starttls"
from = "sentinel@gov.example"
to = ["truc.ban@gov.example"]
level = "high"
rank = 20
platforms = ["portal*"]
agencies = ["H49.*"]
on = ["new", "overdue"]
quiet = ["22:00-06:00", "sat,sun 00:00-24:00"]
timezone = "Asia/Ho_Chi_Minh"
language = "vi"
group_within = "5m"

[[channel]]
name = "chat"
type = "webhook"
url = "https://chat.gov.example/hooks/a"
secret_file = "secret"
ca_file = "~/ca.pem"

[[channel]]
name = "siem"
type = "syslog"
host = "siem.gov.example"
transport = "tcp"
facility = 16
"""
PLATFORM = """\
id = "portal"
name = "Cổng Dịch vụ công quốc gia"
name_en = "National Public Service Portal"
level = 4
owner = "G01"
hosts = ["portal01", "web*.gov.example"]
domains = ["dichvucong.gov.example"]
networks = ["192.0.2.0/28", "2001:db8::/48"]
logs = ["*/web/nginx-*"]

[focal_point]
name = "Trực ban"
phone = "+84 24 0000 0000"
email = "truc@gov.example"
"""
AGENCIES = """\
id,name,tier,province,commune,parent,focal_point,phone,email,level,hosts,domains,networks,logs
G01,Bộ Công an,central,,,,,,,,,,,
H49,Ủy ban nhân dân tỉnh Đồng Tháp,province,82,,,"Lan, trực",'+84 1,a@gov.example,3,,tinh.gov.example,10.49.0.0/16,
H49.61,Ủy ban nhân dân xã Tân Hương,commune,82,28270,H49,,,,2,"xa-*; pc1",,10.49.61.0/24,a b;c
000.05.61.H50,"UBND\nxã",xã,1,00004,H50,,,,,,,,
"""
STATES = (
    b'{"version":1,"channels":{"chat":{"origin":"a1","cursor":7,"due":1,"soon":2,"groups":[{"story":"s","since":1,'
    b'"tallies":{"new:4":2},"items":[],"first":1,"last":2}],"taken":[1,2],"error":"h\xe1\xbb\x8fng","error_at":3}}}'
)
_TOKENS = (
    "[[", "]]", "[[person]]\n", "[[person.key]]\n", "[[channel]]\n", "[focal_point]\n", "a.", ".a", "= {a", "{a = ",
    "'''", '"""', "\\u0000", "\\uD800", "#", "name = ", '"\n', "1", "_1", "0x", "inf", "1979-05-27", "T07:32:00",
    "+99:99", "\t", "\r", "\u0085", "\u2028", "\u0301", "*", "~", "~nobody/", "/0", ",", ";", "'", "=", "@", "\ufeff",
    "-", ":", "\\", " ",
)  # fmt: skip


def read_people(path: Path) -> None:
    """Read a register, and add somebody to it where it is no longer than registers are: tomlkit is slow."""
    register.read(path)
    text = register.text_of(path) or ""
    if len(text) < LONGEST_WRITTEN:
        Register(text, str(path)).add(Person("mới", "Mới", frozenset({Role.ANALYST}), ("moi",)))


def read_notify(path: Path) -> None:
    """Read channels."""
    reading.read(path, "en", ZONE)


def read_states(path: Path) -> None:
    """Read how far channels have come."""
    path.rename(path.with_name(states.FILE))
    states.read(path.parent)


def read_platform(path: Path) -> None:
    """Read a platform, and look for what is wrong with an estate of it."""
    path.rename(path.with_name("a.toml"))
    problems(load(path.parent))
    platforms.read(path.with_name("a.toml"), [])


def read_agencies(path: Path) -> None:
    """Read a table, look for what is wrong with it, import it into another, and write it."""
    table = path.rename(path.with_name("a.csv"))
    problems(load(path.parent))
    plan = merge.plan(table, path.parent / "own")
    faults: list[SentinelError] = []
    again = agencies.parse(agencies.written(plan.agencies), "written", faults)
    assert [] == faults
    assert [*map(agencies.cells_of, plan.agencies)] == [*map(agencies.cells_of, again)]


READERS: dict[str, tuple[Callable[[Path], None], bytes]] = {
    "people": (read_people, PEOPLE.encode()),
    "notify": (read_notify, NOTIFY.encode()),
    "states": (read_states, STATES),
    "platform": (read_platform, PLATFORM.encode()),
    "agencies": (read_agencies, AGENCIES.encode()),
}
"""What reads each kind of file, and a file to begin with."""


class TooSlowError(Exception):
    """A file took longer than it may."""


@contextmanager
def bounded(size: int) -> Iterator[None]:
    """Raise TooSlowError once the CPU time is spent that a file of so many bytes may take."""

    def late(_signal: int, _frame: FrameType | None) -> None:
        raise TooSlowError(f"{time.process_time() - begun:.1f} s for {size} bytes")

    begun, was = time.process_time(), signal.signal(signal.SIGPROF, late)
    signal.setitimer(signal.ITIMER_PROF, SECONDS + SECONDS_PER_MIB * size / (1 << 20))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, was)


def check(name: str, data: bytes, folder: Path) -> bool:
    """Read a file and tell whether it is one; only errors of our own with a place may come out, in bounded time."""
    for old in folder.iterdir():
        old.unlink()
    path = folder / "file"
    path.write_bytes(data)
    with bounded(len(data)):
        fault = _read(name, path)
    assert fault is None or fault.place, fault
    return fault is None


def _read(name: str, path: Path) -> SentinelError | None:
    try:
        READERS[name][0](path)
    except SentinelError as error:
        return error
    return None


def broken(random: Random, name: str) -> bytes:
    """Give the file of a kind broken in some ways."""
    data = READERS[name][1]
    if random.random() < 0.7:
        data = _sown(random, data)
    return mutated(random, data, [seed for _read, seed in READERS.values()]) if random.random() < 0.7 else data


def _sown(random: Random, data: bytes) -> bytes:
    lines = data.split(b"\n")
    at, token = random.randrange(len(lines)), random.choice(_TOKENS).encode() * random.choice((1, 1, 1, 70, 5000))
    line = lines[at]
    place = random.randrange(len(line) + 1)
    lines[at] = line[:place] + token + line[place:]
    with suppress(IndexError):
        if random.random() < 0.2:
            lines.insert(at, lines[random.randrange(len(lines))])
    return b"\n".join(lines)
