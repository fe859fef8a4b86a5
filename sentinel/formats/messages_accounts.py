"""Who may what: what sudo, pkexec and the tools for accounts say.

sudo: logging.c of sudo 1.8 and 1.9, `new_logline`. The tools are those of shadow-utils 4; their texts differ a little
between Debian and others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sentinel.formats.message_row import ANY, Row, Table, row

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sentinel.formats.message_row import Pairs

_SUDO_FIELDS: Final[Mapping[str, str]] = {
    "HOST": "sudo_host",
    "TTY": "tty",
    "CHROOT": "chroot",
    "PWD": "pwd",
    "USER": "target_user",
    "GROUP": "target_group",
    "TSID": "tsid",
    "ENV": "env",
}


def _sudo(message: str) -> dict[str, str | None] | None:
    """Read `lan : REASON ; TTY=… ; PWD=… ; USER=… ; COMMAND=…`; the command goes to the end, whatever it holds."""
    user, colon, rest = message.strip().partition(" : ")
    if not colon or " " in user:
        return None
    head, mark, command = rest.partition("COMMAND=")
    if mark and head and not head.endswith(" ; "):
        return None
    taken: dict[str, str | None] = {"user": user, "command": command or None}
    for part in head.split(" ; "):
        name, equals, value = part.partition("=")
        field = _SUDO_FIELDS.get(name) if equals else None
        if field:
            taken[field] = value
        elif part.strip(" ;"):
            taken["reason"] = part.strip()
    return taken if mark or "tty" in taken or "reason" in taken else None


def _allowed(message: str) -> Pairs | None:
    taken = _sudo(message)
    return taken.items() if taken and taken["command"] and not taken.get("reason") else None


def _refused(message: str) -> Pairs | None:
    taken = _sudo(message)
    return taken.items() if taken else None


def _continued(message: str) -> Pairs | None:
    taken = _sudo(message)
    if taken is None or not str(taken.get("reason", "")).startswith("(command continued)"):
        return None
    return ("user", taken["user"]), ("command", message.partition("(command continued) ")[2])


SUDO: Final[Table] = {
    ANY: (
        Row("sudo-command", "success", _allowed),
        Row("sudo-command-continued", "", _continued),
        Row("sudo-refused", "failure", _refused),
    )
}

PKEXEC: Final[Table] = {
    ANY: (
        row(
            "pkexec-command",
            "success",
            r"(?P<user>[^:]*): Executing command \[USER=(?P<target_user>[^\]]*)\] \[TTY=(?P<tty>[^\]]*)\] "
            r"\[CWD=(?P<pwd>[^\]]*)\] \[COMMAND=(?P<command>.*)\]",
        ),
        row(
            "pkexec-refused",
            "failure",
            r"(?P<user>[^:]*): (?P<reason>.*) \[USER=(?P<target_user>[^\]]*)\] \[TTY=(?P<tty>[^\]]*)\] "
            r"\[CWD=(?P<pwd>[^\]]*)\] \[COMMAND=(?P<command>.*)\]",
        ),
    )
}

_IN_GROUP: Final = r" (?:to|from) (?P<shadow>shadow )?group '(?P<group>[^']*)'"
ACCOUNTS: Final[Table] = {
    "new": (
        row(
            "user-added",
            "success",
            r"new user: name=(?P<user>[^,]*), UID=(?P<uid>\d+), GID=(?P<gid>\d+), home=(?P<home>.*?), "
            r"shell=(?P<shell>[^,]*)(?:, from=(?P<tty>.*))?",
        ),
        row("group-added", "success", r"new group: name=(?P<group>[^,]*), GID=(?P<gid>\d+)"),
    ),
    "failed": (
        row(
            "user-added",
            "failure",
            r"failed adding user '(?P<user>[^']*)', (?P<reason>(?:data deleted|exit code: .*))",
        ),
        row("account-changed", "failure", r"(?P<reason>failed .*)"),
    ),
    "add": (row("group-member-added", "success", rf"add '(?P<user>[^']*)'{_IN_GROUP}"),),
    "delete": (
        row("user-deleted", "success", r"delete user '(?P<user>[^']*)'"),
        row("group-member-removed", "success", rf"delete '(?P<user>[^']*)'{_IN_GROUP}"),
    ),
    "removed": (
        row(
            "group-deleted",
            "success",
            r"removed (?P<shadow>shadow )?group '(?P<group>[^']*)'(?: owned by '(?P<user>[^']*)')?",
        ),
    ),
    "remove": (row("group-deleted", "success", r"remove group '(?P<group>[^']*)'.*"),),
    "change": (
        row("password-changed", "success", r"change user '(?P<user>[^']*)' password"),
        row(
            "user-changed",
            "success",
            r"change user '(?P<user>[^']*)' (?P<changed>[^']+?)(?: from '(?P<before>.*?)')?(?: to '(?P<after>.*)')?",
        ),
    ),
    "lock": (row("user-locked", "success", r"lock user '(?P<user>[^']*)' password"),),
    "unlock": (row("user-unlocked", "success", r"unlock user '(?P<user>[^']*)' password"),),
    "group": (
        row(
            "group-added",
            "success",
            r"group added to (?P<file>[^:]+): name=(?P<group>[^,]*)(?:, GID=(?P<gid>\d+))?",
        ),
        row("group-deleted", "success", r"group '(?P<group>[^']*)' removed(?: from (?P<file>.*))?"),
        row("group-changed", "success", r"group changed in (?P<file>[^ ]+) \(group (?P<group>[^/, )]+).*\)"),
    ),
    "user": (
        row("group-member-added", "success", r"user (?P<user>[^ ]+) added by (?P<by>[^ ]+) to group (?P<group>.+)"),
        row(
            "group-member-removed",
            "success",
            r"user (?P<user>[^ ]+) removed by (?P<by>[^ ]+) from group (?P<group>.+)",
        ),
    ),
    "password": (
        row("password-changed", "success", r"password for '?(?P<user>[^' ]*)'? changed by '?(?P<by>[^' ]*)'?"),
    ),
    "changed": (
        row("user-changed", "success", r"changed (?P<changed>password expiry) for (?P<user>.+)"),
        row(
            "user-changed",
            "success",
            r"changed user '(?P<user>[^']*)' (?P<changed>[a-z]+)(?: to '(?P<after>.*)')?",
        ),
    ),
}
