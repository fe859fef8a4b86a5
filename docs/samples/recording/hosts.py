"""A Linux server that officials log in to over SSH, and the people who do: what the auth and audit recordings share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from docs.samples.recording.machine import Machine, Network

FILES = Path(__file__).resolve().parent / "files"
HOST = "portal01.gov.example"
ADDRESS = "10.49.2.10"
DESK = "10.49.8.21"
JUMP = "10.49.8.35"
INTRUDER = "203.0.113.66"
PASSWORDS = {
    "quantri01": "Doi-gio-7-bac",
    "vanhanh02": "Song-Huong-2026",
    "canbo03": "matkhau123",
    "saoluu": "Luu-tru-hang-dem",
}
MISTYPED = "matkhau132"
LEFT_BEHIND = "Hotro-2026"  # of the account that the intruder makes
SSH = "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o PreferredAuthentications="
PROGRAMS = {
    "sshd": "openssh-server",
    "ssh": "openssh-client",
    "sshpass": "sshpass",
    "sudo": "sudo",
    "hydra": "hydra",
    "useradd": "passwd",
    "script": "bsdutils",
    "cron": "cron",
}


@dataclass(frozen=True, slots=True)
class House:
    """The machines of a scene: the server, an official's desk and an intruder."""

    server: Machine
    desk: Machine
    intruder: Machine


def house(network: Network, *, owns_processes: bool = True) -> House:
    """Start the machines, with the accounts and an SSH server that is configured but not started."""
    server = network.machine(HOST, f"{ADDRESS}/8", owns_processes=owns_processes)
    desk = network.machine("may-ban-21.gov.example", f"{DESK}/8", f"{JUMP}/8")
    intruder = network.machine("vps.example", f"{INTRUDER}/24")
    for machine in (server, desk, intruder):
        machine.run(f"echo '{ADDRESS} {HOST}' >> /etc/hosts")
    # What a machine of namespaces lacks (a session bus, limits that may be raised) would only fill the log.
    server.run("sed -i '/pam_systemd/d; /pam_limits/d; /pam_motd/d; s/user_readenv=1//' /etc/pam.d/*")
    server.run("touch /var/log/wtmp /var/log/lastlog /run/utmp")
    server.run("sed -i '/:x:[1-9][0-9][0-9][0-9]:/d' /etc/passwd")
    server.run("rm -f /etc/ssh/ssh_host_* /etc/sudoers.d/* && ssh-keygen -q -A")
    for file, inside, mode in (("sshd_config", "/etc/ssh/sshd_config", 0o644), ("sudoers", "/etc/sudoers", 0o440)):
        server.write(inside, (FILES / file).read_text(encoding="utf-8"), mode)
    for number, (name, password) in enumerate(PASSWORDS.items()):
        server.run(f"useradd -m -u {1001 + number} -s /bin/bash {name} && echo '{name}:{password}' | chpasswd")
    key(server, desk)
    return House(server, desk, intruder)


def key(server: Machine, desk: Machine) -> None:
    """Give the first administrator a key."""
    desk.run("ssh-keygen -q -t ed25519 -N '' -C quantri01 -f /root/id_ed25519")
    public = desk.path("/root/id_ed25519.pub").read_text()
    server.write("/home/quantri01/.ssh/authorized_keys", public)
    server.run("cd /home/quantri01 && chown -R quantri01: .ssh && chmod 700 .ssh && chmod 600 .ssh/*")


def by_password(machine: Machine, name: str, command: str = "true", password: str = "") -> None:
    """Log in with a password and run a command on a terminal; the outcome is in the server's log."""
    machine.write("/root/command", command)
    secret = password or PASSWORDS.get(name, "nham")
    login = f"sshpass -p '{secret}' ssh {SSH}password -tt {name}@{HOST}"
    machine.run(f'{login} "$(cat /root/command)"', check=False, seconds=60)


def by_key(desk: Machine, command: str = "true") -> None:
    """Log in as the first administrator with the key."""
    desk.write("/root/command", command)
    login = f"ssh {SSH}publickey -tt -i /root/id_ed25519 quantri01@{HOST}"
    desk.run(f'{login} "$(cat /root/command)"', check=False, seconds=60)


def sudo(name: str, command: str, password: str = "") -> str:
    """Give a shell command that runs another through sudo, the password on standard input."""
    return f"echo '{password or PASSWORDS[name]}' | sudo -S -p '' {command}"


def guess(intruder: Machine) -> None:
    """Guess names and passwords until one fits: canbo03's."""
    intruder.write("/root/people", "root\nadmin\noracle\ncanbo03\n")
    intruder.write("/root/words", "123456\nadmin\npassword\nP@ssw0rd\nabc123\nroot\nmatkhau123\n")
    intruder.run(f"hydra -I -t 3 -W 0 -L /root/people -P /root/words ssh://{HOST}", check=False)
