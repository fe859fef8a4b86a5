"""Events of Linux and of web servers in the generated corpus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.benchmarks.corpus_parts import NEEDLE, NEEDLE_ADDRESS, Event, event
from tests.benchmarks.corpus_world import WORDS, World

if TYPE_CHECKING:
    import random
    from datetime import datetime


def linux_process(world: World, dice: random.Random, moment: datetime) -> Event:
    """Make a program that the audit daemon saw."""
    host = world.servers.draw(dice)
    path, arguments = dice.choice(
        (
            ("/usr/sbin/cron", "cron -f"),
            ("/usr/bin/python3.11", f"python3 /opt/{dice.choice(WORDS)}/main.py --worker {dice.randrange(4000)}"),
            ("/usr/bin/curl", f"curl -fsS https://{dice.choice(WORDS)}.gov.example/health"),
            ("/usr/bin/systemctl", f"systemctl is-active {dice.choice(WORDS)}.service"),
            ("/usr/bin/find", f"find /var/log/{dice.choice(WORDS)} -mtime +{dice.randrange(90)} -delete"),
        )
    )
    user, pid, sequence = (
        dice.choice(("root", "www-data", "postgres", "deploy")),
        dice.randrange(4_000_000),
        dice.getrandbits(30),
    )
    a0, a1 = f"{dice.getrandbits(44):x}", f"{dice.getrandbits(44):x}"
    name = path.rpartition("/")[2]
    record = f"type=SYSCALL msg=audit({moment.timestamp():.3f}:{sequence}): arch=c000003e syscall=59 success=yes exit=0"
    return {
        **event(dice, moment, host, "auditd.log", "process", "start", "executed", "success"),
        "process.pid": pid,
        "process.parent.pid": dice.randrange(4_000_000),
        "process.name": name,
        "process.executable": path,
        "process.command_line": arguments,
        "process.args": arguments.split(" "),
        "process.args_count": arguments.count(" ") + 1,
        "process.working_directory": f"/opt/{dice.choice(WORDS)}",
        "process.entity_id": f"{dice.getrandbits(64):016x}",
        "user.id": str(dice.choice((0, 33, 1000, 1001))),
        "user.name": user,
        "user.effective.id": "0",
        "user.group.id": "0",
        "auditd.log.sequence": sequence,
        "auditd.log.record_type": "SYSCALL",
        "auditd.log.syscall": "execve",
        "auditd.log.a0": a0,
        "auditd.log.a1": a1,
        "auditd.log.ses": dice.randrange(9000),
        "auditd.log.tty": dice.choice(("(none)", "pts0", "pts1")),
        "auditd.log.key": dice.choice(("exec", "rootcmd")),
        "related.user": [user],
        "log.file.path": "/var/log/audit/audit.log",
        "log.offset": dice.getrandbits(32),
        "event.original": f'{record} a0={a0} a1={a1} pid={pid} comm="{name}" exe="{path}" key="exec"',
    }


def linux_log_on(world: World, dice: random.Random, moment: datetime) -> Event:
    """Make a log-on over SSH, mostly a failed one."""
    host, done, address = world.servers.draw(dice), dice.random() < 0.3, world.strangers.draw(dice)
    user, port, pid = (
        dice.choice(("root", "admin", "deploy", "test")),
        dice.randrange(1024, 65_535),
        dice.randrange(99_999),
    )
    told = f"{'Accepted publickey' if done else 'Failed password'} for {user} from {address} port {port} ssh2"
    return {
        **event(
            dice, moment, host, "system.auth", "authentication", "start", "ssh_login", "success" if done else "failure"
        ),
        "message": told,
        "event.original": f"{moment:%b %d %H:%M:%S} {host.name} sshd[{pid}]: {told}",
        "process.name": "sshd",
        "process.pid": pid,
        "source.ip": address,
        "source.port": port,
        "source.geo.country_iso_code": dice.choice(("VN", "US", "SG", "JP", "DE")),
        "user.name": user,
        "related.ip": [address],
        "related.user": [user],
        "system.auth.ssh.method": "publickey" if done else "password",
        "system.auth.ssh.event": "Accepted" if done else "Failed",
        "log.syslog.facility.code": 10,
        "log.syslog.severity.code": 6,
        "log.syslog.priority": 86,
        "log.file.path": "/var/log/auth.log",
        "log.offset": dice.getrandbits(32),
    }


def web_request(world: World, dice: random.Random, moment: datetime) -> Event:
    """Make a request to a portal."""
    host, address, path = world.servers.draw(dice), world.strangers.draw(dice), world.paths.draw(dice)
    if dice.random() < NEEDLE:
        address = NEEDLE_ADDRESS
    status = dice.choices((200, 304, 302, 404, 403, 500), (80, 6, 5, 5, 2, 2))[0]
    query = f"id={dice.randrange(10**7)}&t={dice.getrandbits(40):x}" if dice.random() < 0.5 else ""
    url, method = f"{path}?{query}" if query else path, dice.choices(("GET", "POST", "HEAD"), (82, 16, 2))[0]
    agent, size = world.agents.draw(dice), int(dice.lognormvariate(8, 1.6))
    referrer = f"https://{host.platform}.gov.example{world.paths.draw(dice)}"
    clock, request = f"{moment:%d/%b/%Y:%H:%M:%S}", f"{method} {url} HTTP/1.1"
    return {
        **event(
            dice,
            moment,
            host,
            "nginx.access",
            "web",
            "access",
            "http-request",
            "success" if status < 400 else "failure",
        ),
        "source.ip": address,
        "source.address": address,
        "source.port": dice.randrange(1024, 65_535),
        "source.geo.country_iso_code": dice.choice(("VN", "US", "SG", "JP", "DE")),
        "source.as.number": dice.randrange(1000, 60_000),
        "url.original": url,
        "url.path": path,
        "url.domain": f"{host.platform}.gov.example",
        "url.scheme": "https",
        "http.request.method": method,
        "http.request.referrer": referrer,
        "http.response.status_code": status,
        "http.response.body.bytes": size,
        "http.request.bytes": dice.randrange(200, 3000),
        "http.version": "1.1",
        "user_agent.original": agent,
        "user_agent.name": agent.partition("/")[0],
        "event.duration": int(dice.lognormvariate(17, 1.5)),
        "nginx.access.upstream": f"10.0.0.{dice.randrange(1, 9)}:8080",
        "related.ip": [address],
        "log.file.path": "/var/log/nginx/access.log",
        "log.offset": dice.getrandbits(36),
        "event.original": f'{address} - - [{clock} +0700] "{request}" {status} {size} "{referrer}" "{agent}"',
        **({"url.query": query} if query else {}),
    }
