"""What programs say in their log messages: a table from program to the fields of each message.

A row says what a message means (`action`, `outcome`) and a regular expression whose named groups are fields. Rows are
found by the first word of the message, so that a program may have many. `messages_access`, `messages_accounts` and
`messages_system` hold the rows; a new program is one more entry there and, where it gives new actions, a line in
`sentinel.normalise.linux_actions`. Users and hosts in these texts are written by whoever knocks: expressions take what
stands last, which the program wrote itself.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from sentinel.formats import messages_access, messages_accounts, messages_system
from sentinel.formats.message_row import ANY, Rows, Table

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST: Final = 1 << 16
"""Characters. A longer message is kept as it is, without fields taken out of it."""

_PROGRAMS: Final[Mapping[str, Table]] = {
    "sshd": messages_access.SSHD,
    "su": messages_access.SU,
    "login": messages_access.LOGIN,
    "vsftpd": messages_access.VSFTPD,
    "systemd-logind": messages_access.LOGIND,
    "sudo": messages_accounts.SUDO,
    "pkexec": messages_accounts.PKEXEC,
    **dict.fromkeys(("useradd", "adduser", "newusers"), messages_accounts.ACCOUNTS),
    **dict.fromkeys(("usermod", "userdel", "deluser"), messages_accounts.ACCOUNTS),
    **dict.fromkeys(("groupadd", "groupdel", "groupmod", "gpasswd"), messages_accounts.ACCOUNTS),
    **dict.fromkeys(("passwd", "chpasswd", "chage", "chfn", "chsh"), messages_accounts.ACCOUNTS),
    **dict.fromkeys(("cron", "crond", "crontab", "anacron"), messages_system.CRON),
    "": messages_system.UNNAMED,
    "systemd": messages_system.SYSTEMD,
    "kernel": messages_system.KERNEL,
    "clamd": messages_system.CLAMAV,
    "clamav-daemon": messages_system.CLAMAV,
    "clamscan": messages_system.CLAMAV,
}
_REPEATED: Final = re.compile(r"message repeated (?P<repeated>\d{1,9}) times: \[ ?(?P<message>.*)\]", re.DOTALL)
_NO_ROWS: Final[Table] = {}


def provider_of(program: str) -> str:
    """Give a program's name as log sources select on it: in lower case, without its path.

    Since OpenSSH 9.8 what serves a connection is a program of its own, `sshd-session`: it is `sshd` still.
    """
    name = program.rpartition("/")[2] if program.startswith("/") else program
    name = name.partition("(")[0].lower() if not name.startswith("(") else name.strip("()").lower()
    return "sshd" if name in {"sshd-session", "sshd-auth"} else name[:64]


def table_of(provider: str) -> Table:
    """Give the rows of a program; none for one that is not known."""
    return _PROGRAMS.get(provider, _NO_ROWS)


def add_fields(event: dict[str, Any], table: Table, message: str) -> None:
    """Add to an event what its message says, by the table of its program; nothing where that is not known."""
    if message.startswith("message repeated "):
        found = _REPEATED.fullmatch(message)
        if found:
            event["repeated"], message = found.groups()
    if message.startswith("pam_"):
        rows = messages_access.PAM.get(message.partition(": ")[2].partition(" ")[0], ())
    elif table:
        word = message.partition(" ")[0]
        rows = table.get(word) or table.get(word.rstrip(":")) or table.get(ANY, ())
    else:
        return
    if len(message) <= LONGEST:
        _add(event, rows, message)


def _add(event: dict[str, Any], rows: Rows, message: str) -> None:
    for row in rows:
        taken = row.take(message)
        if taken is not None:
            event["action"] = row.action
            if row.outcome:
                event["outcome"] = row.outcome
            for name, value in taken:
                if value:
                    event[name] = value  # noqa: PERF403 - a comprehension makes a second dictionary of each event
            return
