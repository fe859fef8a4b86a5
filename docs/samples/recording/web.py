"""Web servers before a careless portal: citizens, then citizens beside a scan, an injection and a web shell."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from docs.samples.recording import visits
from docs.samples.recording.recordings import Recording
from docs.samples.recording.visits import INTRUDER, PEOPLE, SCANNER

if TYPE_CHECKING:
    from docs.samples.recording.machine import Machine, Network
    from docs.samples.recording.recordings import Logs

FILES = Path(__file__).resolve().parent / "files"
PAGES = ("portal.css", "portal.js", "quoc-huy.png")
NMAP = "nmap -n -Pn -p80 --max-rate 200 --script http-enum,http-methods,http-headers,http-git,http-robots.txt"
SQLMAP = "sqlmap --batch --flush-session --threads 1 --dbms sqlite --technique BU --time-sec 1 --tables"
HYDRA = "hydra -I -t 4 -L /tmp/people -P /tmp/words"
WEB = {"python3": "python3", "curl": "curl", "nmap": "nmap", "ffuf": "ffuf", "sqlmap": "sqlmap"}


@dataclass(frozen=True, slots=True)
class Street:
    """The machines of a scene: the server, the people before it and two of an intruder."""

    host: str
    server: Machine
    people: Machine
    intruder: Machine
    scanner: Machine


def street(network: Network, host: str, address: str) -> Street:
    """Start the machines, and the portal on the server; everybody knows the server's name."""
    names = (host, "mang-cong-dan.example", "vps.example", "quet.example")
    addresses = ([f"{address}/24"], [f"{one}/24" for one in PEOPLE], [f"{INTRUDER}/24"], [f"{SCANNER}/24"])
    machines = [network.machine(name, *of) for name, of in zip(names, addresses, strict=True)]
    for machine in machines:
        machine.run(f"echo '{address} {host}' >> /etc/hosts")
    server = machines[0]
    server.write("/srv/portal/portal.py", (FILES / "portal.py").read_text(encoding="utf-8"))
    server.start("echo $$ > /run/portal.pid; exec /usr/bin/python3 /srv/portal/portal.py 8000")
    server.wait_for_port(8000)
    for page in PAGES:
        server.write(f"/srv/www/tinh/{page}", "/* tinh */\n" * 20)
    return Street(host, *machines)


def nginx(network: Network) -> Logs:
    """Record nginx: the same requests in the combined format and as JSON, and its error log."""
    scene = street(network, "portal01.gov.example", "192.0.2.10")
    server = scene.server
    server.write("/etc/nginx/nginx.conf", (FILES / "nginx.conf").read_text(encoding="utf-8"))
    server.folder("/var/log/nginx")
    server.start(["nginx", "-g", "daemon off;"])
    server.wait_for_port(80)
    visits.send(scene.people, visits.ordinary(scene.host, 120, seed=1))
    normal = {f"web/nginx-access-normal.{end}": server.take(f"/var/log/nginx/access.{end}") for end in ("log", "json")}
    server.take("/var/log/nginx/error.log")
    attack(scene)
    sqlmap(scene)
    overturn(scene)
    kinds = ("access.log", "access.json", "error.log")
    return {**normal, **{f"web/nginx-{kind}": server.take(f"/var/log/nginx/{kind}") for kind in kinds}}


def apache(network: Network) -> Logs:
    """Record Apache: access in the combined and common formats, the error log, a password guessed."""
    scene = street(network, "trucvanban.gov.example", "192.0.2.20")
    server = scene.server
    server.write("/etc/apache2/sentinel.conf", (FILES / "apache.conf").read_text(encoding="utf-8"))
    server.folder("/var/log/apache2")
    server.write("/srv/www/quan-tri/index.html", "Quan tri\n")
    server.write("/etc/apache2/quan-tri", "vanthu:" + server.run("openssl passwd -apr1 mua-thu-2026").strip() + "\n")
    server.start(["apache2", "-f", "/etc/apache2/sentinel.conf", "-DFOREGROUND"])
    server.wait_for_port(80)
    visits.send(scene.people, visits.ordinary(scene.host, 100, seed=11))
    visits.send(scene.people, [entry(scene.host, "vanthu:mua-thu-2026")] * 2)
    normal = {"web/apache-access-normal.log": server.take("/var/log/apache2/access.log")}
    for log in ("common.log", "other_vhosts_access.log", "error.log"):
        server.take(f"/var/log/apache2/{log}")
    attack(scene)
    guess_password(scene)
    overturn(scene)
    return {
        **normal,
        "web/apache-access.log": server.take("/var/log/apache2/access.log"),
        "web/apache-common.log": server.take("/var/log/apache2/common.log"),
        "web/apache-error.log": server.take("/var/log/apache2/error.log"),
    }


def haproxy(network: Network) -> Logs:
    """Record HAProxy, whose log rsyslog receives over UDP."""
    scene = street(network, "cong.gov.example", "192.0.2.30")
    server = scene.server
    server.write("/etc/haproxy/haproxy.cfg", (FILES / "haproxy.cfg").read_text(encoding="utf-8"))
    server.write("/etc/rsyslog.conf", (FILES / "haproxy-rsyslog.conf").read_text(encoding="utf-8"))
    server.start(["rsyslogd", "-n", "-i", "/run/rsyslogd.pid"])
    server.wait("ss -Hlun sport = :514 | grep -q .")
    server.start(["haproxy", "-db", "-f", "/etc/haproxy/haproxy.cfg"])
    server.wait_for_port(80)
    visits.send(scene.people, visits.ordinary(scene.host, 100, seed=21))
    normal = {"web/haproxy-normal.log": server.take("/var/log/haproxy.log")}
    attack(scene)
    broken = f"printf 'GET / HTTP/9\\r\\n\\r\\n' | ncat -w1 {scene.host} 80"
    scene.scanner.run(f"{broken}; {broken}; {broken}", check=False)
    visits.send(scene.people, [{**one, "path": "/trao-doi/goi-tin"} for one in visits.ordinary(scene.host, 3, seed=22)])
    overturn(scene)
    return {**normal, "web/haproxy.log": server.take("/var/log/haproxy.log")}


def attack(scene: Street) -> None:
    """Scan, guess paths and attack by hand while citizens go on."""
    beside = visits.send_beside(scene.people, visits.ordinary(scene.host, 80, seed=2, pause=0.12))
    scene.scanner.run(f"{NMAP} --script-args http-enum.category=security {scene.host}")
    scene.scanner.write("/tmp/paths", (FILES / "web-paths.txt").read_text(encoding="utf-8"))  # noqa: S108 - the machine's
    scene.scanner.run(f"ffuf -s -t 4 -p 0.05 -w /tmp/paths -u http://{scene.host}/FUZZ", check=False)
    visits.send(scene.intruder, visits.read_plan("web-attacks.txt", scene.host))
    beside.wait()


def sqlmap(scene: Street) -> None:
    """Let sqlmap find the careless search and list the tables behind it."""
    scene.intruder.run(f"{SQLMAP} -u 'http://{scene.host}/tra-cuu?ma=H49-0001' -p ma", check=False)


def guess_password(scene: Street) -> None:
    """Guess the password of the page behind one; the last guess is right."""
    scene.intruder.write("/tmp/people", "admin\nvanthu\n")  # noqa: S108 - the machine's
    scene.intruder.write("/tmp/words", "123456\nadmin\nvanthu\nVanthu@123\nmatkhau\nabc@2026\nmua-thu-2026\n")  # noqa: S108
    scene.intruder.run(f"{HYDRA} {scene.host} http-get /quan-tri/", check=False)
    visits.send(scene.intruder, [{**entry(scene.host, "vanthu:mua-thu-2026"), "from": INTRUDER, "agent": "curl/8.5.0"}])


def entry(host: str, account: str) -> visits.Request:
    """Give a request with a name and password."""
    from base64 import b64encode

    headers = {"Authorization": "Basic " + b64encode(account.encode()).decode()}
    who = {"from": PEOPLE[0], "agent": visits.AGENTS[0]}
    return {**who, "host": host, "method": "GET", "path": "/quan-tri/", "headers": headers}


def overturn(scene: Street) -> None:
    """End the portal behind the server, which says so, while citizens ask on."""
    scene.server.run("kill $(cat /run/portal.pid)")
    visits.send(scene.people, visits.ordinary(scene.host, 12, seed=3))


RECORDINGS = (
    Recording(
        "nginx",
        {"nginx": "nginx-light", **WEB},
        (
            *(f"web/nginx-access{end}" for end in (".log", ".json", "-normal.log", "-normal.json")),
            "web/nginx-error.log",
        ),
        nginx,
    ),
    Recording(
        "apache",
        {"apache2": "apache2-bin", "hydra": "hydra", "openssl": "openssl", **WEB},
        tuple(f"web/apache-{end}.log" for end in ("access", "common", "error", "access-normal")),
        apache,
    ),
    Recording(
        "haproxy",
        {"haproxy": "haproxy", "rsyslogd": "rsyslog", "ncat": "ncat", **WEB},
        ("web/haproxy.log", "web/haproxy-normal.log"),
        haproxy,
    ),
)
