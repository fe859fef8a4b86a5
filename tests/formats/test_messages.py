"""Messages of known programs: what they say becomes fields, also where an attacker chose a part of the text."""

# ruff: noqa: E501, S106, S604 - a case is a line; `pwd` is a directory, `shell` a field
from __future__ import annotations

from typing import Any

import pytest

from sentinel.formats.messages import add_fields, provider_of, table_of
from sentinel.normalise.linux_actions import ACTIONS


def said(program: str, message: str) -> dict[str, Any]:
    """Give the fields that a program's message gives."""
    event: dict[str, Any] = {}
    add_fields(event, table_of(provider_of(program)), message)
    assert event.get("action", "ssh-login") in ACTIONS
    return event


def ssh(action: str, outcome: str = "", **fields: str) -> dict[str, str]:
    return {"action": action, **({"outcome": outcome} if outcome else {}), **fields}


PEER = {"ip": "203.0.113.7", "port": "40022"}
AT = "203.0.113.7 port 40022"
RHOST = "logname= uid=0 euid=0 tty=ssh ruser= rhost=203.0.113.7"

# The texts of OpenSSH 9 and 10, sudo 1.9, Linux-PAM 1.5, shadow 4, cron 3, systemd 255, Linux 6 and ClamAV 1.
CASES: list[tuple[str, str, dict[str, str]]] = [
    ("sshd", f"Accepted password for lan from {AT} ssh2", ssh("ssh-login", "success", method="password", user="lan", protocol="ssh2", **PEER)),
    ("sshd", f"Failed none for invalid user  from {AT} ssh2", ssh("ssh-login", "failure", method="none", invalid="invalid", protocol="ssh2", **PEER)),
    ("sshd", f"Failed password for invalid user a from 192.0.2.1 port 1 ssh2 from {AT} ssh2", ssh("ssh-login", "failure", method="password", invalid="invalid", user="a from 192.0.2.1 port 1 ssh2", protocol="ssh2", **PEER)),
    ("sshd", f"Invalid user a from 192.0.2.1 from {AT}", ssh("ssh-invalid-user", "failure", user="a from 192.0.2.1", **PEER)),
    ("sshd", "Invalid user oracle from 203.0.113.7", ssh("ssh-invalid-user", "failure", user="oracle", ip="203.0.113.7")),
    ("sshd", f"Connection closed by authenticating user root {AT} [preauth]", ssh("ssh-disconnected", how="closed", state="authenticating", user="root", stage="preauth", **PEER)),
    ("sshd", f"Connection reset by {AT} [preauth]", ssh("ssh-disconnected", how="reset", stage="preauth", **PEER)),
    ("sshd", f"Disconnected from user lan {AT}", ssh("ssh-disconnected", user="lan", **PEER)),
    ("sshd", f"Received disconnect from {AT}:11: Bye Bye [preauth]", ssh("ssh-disconnected", reason="11: Bye Bye", stage="preauth", **PEER)),
    ("sshd", "Received disconnect from 203.0.113.7: 11: Bye", ssh("ssh-disconnected", reason="11: Bye", ip="203.0.113.7")),
    ("sshd", f"Disconnecting authenticating user root {AT}: Too many authentication failures [preauth]", ssh("ssh-disconnected", state="authenticating", user="root", reason="Too many authentication failures", stage="preauth", **PEER)),
    ("sshd", f"error: maximum authentication attempts exceeded for root from {AT} ssh2 [preauth]", ssh("ssh-too-many-attempts", "failure", user="root", stage="preauth", **PEER)),
    ("sshd", "User root from 203.0.113.7 not allowed because not listed in AllowUsers", ssh("ssh-login-refused", "failure", user="root", ip="203.0.113.7", reason="not listed in AllowUsers")),
    ("sshd", f'Connection from {AT} on 192.0.2.10 port 22 rdomain ""', ssh("ssh-connected", server_ip="192.0.2.10", server_port="22", **PEER)),
    ("sshd", f"banner exchange: Connection from {AT}: invalid format", ssh("ssh-protocol-error", "failure", reason="invalid format", **PEER)),
    ("sshd", "PAM 2 more authentication failures; " + RHOST + "  user=root", ssh("pam-authentication", "failure", more="2", by_uid="0", by_euid="0", tty="ssh", ip="203.0.113.7", user="root")),
    ("sshd", f"message repeated 3 times: [ Failed password for root from {AT} ssh2]", ssh("ssh-login", "failure", repeated="3", method="password", user="root", protocol="ssh2", **PEER)),
    ("sshd-session", f"Starting session: shell on pts/0 for lan from {AT} id 0", ssh("ssh-session-started", "success", session="shell on pts/0", user="lan", channel="0", **PEER)),
    ("su", "pam_unix(su:session): session opened for user root(uid=0) by lan(uid=1000)", ssh("session-opened", "success", pam_module="pam_unix", service="su", pam_type="session", user="root", uid="0", by="lan", by_uid="1000")),
    ("any", "pam_unix(sshd:session): session closed for user lan", ssh("session-closed", pam_module="pam_unix", service="sshd", pam_type="session", user="lan")),
    ("sshd", "pam_unix(sshd:auth): authentication failure; " + RHOST + "  user=root", ssh("pam-authentication", "failure", pam_module="pam_unix", service="sshd", pam_type="auth", reason="authentication failure", by_uid="0", by_euid="0", tty="ssh", ip="203.0.113.7", user="root")),
    ("passwd", "pam_unix(passwd:chauthtok): password changed for lan", ssh("password-changed", "success", pam_module="pam_unix", service="passwd", pam_type="chauthtok", user="lan")),
    ("sudo", "     lan : TTY=pts/0 ; PWD=/home/lan ; USER=root ; ENV=A=b C=d ; COMMAND=/bin/sh -c a ; USER=x", ssh("sudo-command", "success", user="lan", tty="pts/0", pwd="/home/lan", target_user="root", env="A=b C=d", command="/bin/sh -c a ; USER=x")),
    ("sudo", "lan : user NOT in sudoers ; TTY=pts/0 ; PWD=/ ; USER=#-1 ; COMMAND=/bin/ls", ssh("sudo-refused", "failure", user="lan", reason="user NOT in sudoers", tty="pts/0", pwd="/", target_user="#-1", command="/bin/ls")),
    ("sudo", "lan : 3 incorrect password attempts ; TTY=pts/0 ; PWD=/ ; USER=root ; GROUP=adm ; COMMAND=/bin/ls", ssh("sudo-refused", "failure", user="lan", reason="3 incorrect password attempts", tty="pts/0", pwd="/", target_user="root", target_group="adm", command="/bin/ls")),
    ("sudo", "lan : command not allowed ; PWD=/ ; USER=root ; COMMAND=list", ssh("sudo-refused", "failure", user="lan", reason="command not allowed", pwd="/", target_user="root", command="list")),
    ("su", "(to root) lan on pts/0", ssh("su", "success", target_user="root", user="lan", tty="pts/0")),
    ("su", "FAILED SU (to root) lan on none", ssh("su", "failure", target_user="root", user="lan", tty="none")),
    ("login", "FAILED LOGIN (1) on '/dev/tty1' FOR 'lan', Authentication failure", ssh("console-login", "failure", attempt="1", tty="/dev/tty1", user="lan", reason="Authentication failure")),
    ("login", "ROOT LOGIN  on '/dev/tty1'", {}),
    ("login", "ROOT LOGIN ON tty1", ssh("console-login", "success", root="ROOT", tty="tty1")),
    ("CRON", "(root) CMD (   cd / && run-parts --report /etc/cron.hourly)", ssh("cron-command", user="root", command="   cd / && run-parts --report /etc/cron.hourly")),
    ("crontab", "(lan) REPLACE (lan)", ssh("crontab-changed", "success", user="lan", operation="REPLACE", crontab="lan")),
    ("useradd", "new user: name=hotro, UID=0, GID=0, home=/root, shell=/bin/bash, from=none", ssh("user-added", "success", user="hotro", uid="0", gid="0", home="/root", shell="/bin/bash", tty="none")),
    ("groupadd", "group added to /etc/group: name=dev, GID=1001", ssh("group-added", "success", file="/etc/group", group="dev", gid="1001")),
    ("usermod", "add 'lan' to shadow group 'sudo'", ssh("group-member-added", "success", user="lan", shadow="shadow ", group="sudo")),
    ("usermod", "change user 'lan' shell from '/bin/sh' to '/bin/bash'", ssh("user-changed", "success", user="lan", changed="shell", before="/bin/sh", after="/bin/bash")),
    ("userdel", "delete user 'lan'", ssh("user-deleted", "success", user="lan")),
    ("userdel", "removed group 'lan' owned by 'lan'", ssh("group-deleted", "success", group="lan", user="lan")),
    ("gpasswd", "user lan added by root to group sudo", ssh("group-member-added", "success", user="lan", by="root", group="sudo")),
    ("chage", "changed password expiry for lan", ssh("user-changed", "success", changed="password expiry", user="lan")),
    ("systemd", "Started ssh.service - OpenBSD Secure Shell server.", ssh("service-started", "success", systemd_unit="ssh.service - OpenBSD Secure Shell server")),
    ("systemd", "Stopped ssh.service.", ssh("service-stopped", "success", systemd_unit="ssh.service")),
    ("systemd", "ssh.service: Failed with result 'exit-code'.", ssh("service-stopped", "failure", systemd_unit="ssh.service", reason="exit-code")),
    ("kernel", "[1.5] IN= OUT=lo SRC=192.0.2.1 DST=192.0.2.2 LEN=84 PROTO=ICMP TYPE=3 CODE=1 [SRC=192.0.2.9 DST=192.0.2.1 PROTO=UDP ] user=x", ssh("packet-logged", OUT="lo", SRC="192.0.2.1", DST="192.0.2.2", LEN="84", PROTO="ICMP", TYPE="3", CODE="1", quoted="SRC=192.0.2.9 DST=192.0.2.1 PROTO=UDP ")),
    ("", "FW-CHAN IN=eth0 OUT= SRC=192.0.2.1 DST=192.0.2.2 PROTO=TCP SPT=1 DPT=22 SYN", ssh("packet-logged", prefix="FW-CHAN", verdict="drop", IN="eth0", SRC="192.0.2.1", DST="192.0.2.2", PROTO="TCP", SPT="1", DPT="22", flags="SYN")),
    ("kernel", "[1.5] device eth0 entered promiscuous mode", ssh("promiscuous-mode", interface="eth0")),
    ("vsftpd", '[lan] FAIL LOGIN: Client "203.0.113.7"', ssh("ftp-login", "failure", user="lan", ip="203.0.113.7")),
    ("vsftpd", '[lan] OK UPLOAD: Client "203.0.113.7", "/up/x.php", 12 bytes, 0.10Kbyte/sec', ssh("ftp-transfer", "success", user="lan", operation="UPLOAD", ip="203.0.113.7", file="/up/x.php", bytes="12")),
    ("clamd", "/srv/a: b.php: Win.Test.EICAR_HDB-1(44d88612fea8a8f36de82e1278abb02f:68) FOUND", ssh("malware-found", file="/srv/a: b.php", signature="Win.Test.EICAR_HDB-1", hash="44d88612fea8a8f36de82e1278abb02f", size="68")),
    ("pkexec", "lan: Executing command [USER=root] [TTY=/dev/pts/0] [CWD=/] [COMMAND=/bin/bash]", ssh("pkexec-command", "success", user="lan", target_user="root", tty="/dev/pts/0", pwd="/", command="/bin/bash")),
    ("systemd-logind", "New session 5 of user lan.", ssh("session-opened", "success", session="5", user="lan")),
    ("another", "Failed password for root", {}),
    ("sshd", "a text that no row knows", {}),
]  # fmt: skip


@pytest.mark.parametrize(("program", "message", "fields"), CASES, ids=[f"{case[0]}: {case[1][:50]}" for case in CASES])
def test_a_message_gives_the_fields_that_it_names(program: str, message: str, fields: dict[str, str]) -> None:
    assert fields == said(program, message)


def test_a_program_goes_by_its_name_alone() -> None:
    programs = (
        "/usr/sbin/CRON",
        "sshd-session",
        "sshd-auth",
        "(systemd)",
        "run-parts(/etc/cron.daily)",
        "postfix/smtpd",
    )
    assert ["cron", "sshd", "sshd", "systemd", "run-parts", "postfix/smtpd"] == [provider_of(each) for each in programs]


def test_a_message_beyond_bounds_is_left_whole() -> None:
    assert {} == said("sshd", "Failed password for " + "a" * (1 << 17) + " from 192.0.2.1 port 1 ssh2")
