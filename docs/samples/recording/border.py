"""A border of nftables under a scan of ports: its log, which ulogd writes in the kernel's form, and its packets."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from docs.samples.recording import visits
from docs.samples.recording.recordings import Recording
from docs.samples.recording.visits import INTRUDER, PEOPLE, SCANNER

if TYPE_CHECKING:
    from docs.samples.recording.machine import Machine, Network
    from docs.samples.recording.recordings import Logs

FILES = Path(__file__).resolve().parent / "files"
HOST = "portal01.gov.example"
ADDRESS = "192.0.2.10"
LOG = "/var/log/firewall.log"
CAPTURE = "-Z root -U -i eth0 -s 400 -c 900 -w /run/goi-tin.pcap"


def play(network: Network) -> Logs:
    """Let citizens visit, then scan the ports beside them; at the end the server itself calls out."""
    server = network.machine(HOST, f"{ADDRESS}/24", "2001:db8::10/64")
    people = network.machine("mang-cong-dan.example", *(f"{one}/24" for one in PEOPLE), "2001:db8::77/64")
    scanner = network.machine("quet.example", f"{SCANNER}/24", f"{INTRUDER}/24")
    for machine in (people, scanner):
        machine.run(f"echo '{ADDRESS} {HOST}' >> /etc/hosts")
    begin(server)
    visits.send(people, visits.ordinary(HOST, 50, seed=71))
    people.run(f"dig +time=1 +tries=1 @{ADDRESS} {HOST}; curl -s -m 2 'http://[2001:db8::10]/'", check=False)
    time.sleep(1)
    normal = server.take(LOG)
    server.start(f"echo $$ > /run/tcpdump.pid; exec tcpdump {CAPTURE} not arp")
    server.wait("test -s /run/goi-tin.pcap")
    attack(server, people, scanner)
    time.sleep(2)
    server.run("kill -INT $(cat /run/tcpdump.pid); sleep 1", check=False)
    packets = server.path("/run/goi-tin.pcap").read_bytes()
    return {
        "network/firewall-normal.log": normal,
        "network/firewall.log": server.take(LOG),
        "network/border.pcap": packets,
    }


def begin(server: Machine) -> None:
    """Close the border, log it, and open a web server behind."""
    server.write("/etc/nftables.conf", (FILES / "firewall.nft").read_text(encoding="utf-8"))
    server.write("/etc/ulogd.conf", (FILES / "ulogd.conf").read_text(encoding="utf-8"))
    server.write("/srv/portal/portal.py", (FILES / "portal.py").read_text(encoding="utf-8"))
    server.write("/etc/nginx/nginx.conf", (FILES / "nginx.conf").read_text(encoding="utf-8"))
    server.folder("/var/log/nginx")
    server.run("nft -f /etc/nftables.conf")
    server.start(["ulogd", "-c", "/etc/ulogd.conf"])
    server.start("exec /usr/bin/python3 /srv/portal/portal.py 8000")
    server.start(["nginx", "-g", "daemon off;"])
    server.wait_for_port(80)
    server.wait_for_port(8000)
    server.wait(f"test -e {LOG}")


def attack(server: Machine, people: Machine, scanner: Machine) -> None:
    """Scan the ports while citizens go on, ask for the web shell, and call out as one does."""
    beside = visits.send_beside(people, visits.ordinary(HOST, 25, seed=72, pause=0.1))
    scanner.run(f"nmap -n -Pn -sS -F --max-retries 0 --max-rate 100 {HOST}")
    scanner.run(f"nmap -n -Pn -sU -p 53,123,161,1900 --max-retries 0 {HOST}")
    visits.send(scanner, [visits.attack(f"/tai-len/anh-the.php?lenh={one}", HOST) for one in ("id", "w")])
    beside.wait()
    for port in (4444, 1389, 80):
        server.run(f"curl -s -m 1 telnet://{INTRUDER}:{port} < /dev/null", check=False)


RECORDINGS = (
    Recording(
        "border",
        {
            "nft": "nftables",
            "/usr/sbin/ulogd": "ulogd2",
            "tcpdump": "tcpdump",
            "nmap": "nmap",
            "nginx": "nginx-light",
            "dig": "bind9-dnsutils",
            "curl": "curl",
        },
        ("network/firewall-normal.log", "network/firewall.log", "network/border.pcap"),
        play,
    ),
)
