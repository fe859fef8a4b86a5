"""What the messages of Linux programs mean in ECS's words, by the `action` that their readers give them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sentinel.normalise.convert import Named, Value

if TYPE_CHECKING:
    from collections.abc import Mapping

_LOGIN: Final = (("authentication",), ("start",))
_REFUSED: Final = (("authentication",), ("info",))
_CONNECTED: Final = (("network",), ("connection", "start"))
_DISCONNECTED: Final = (("network",), ("connection", "end"))
_PROTOCOL: Final = (("network",), ("connection", "protocol"))
_OPENED: Final = (("session",), ("start",))
_CLOSED: Final = (("session",), ("end",))
_STARTED: Final = (("process",), ("start",))
_ENDED: Final = (("process",), ("end",))
_USER: Final = (("iam",), ("user", "change"))
_GROUP: Final = (("iam",), ("group", "change"))

ACTIONS: Final[Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "ssh-login": _LOGIN,
    "ssh-login-continued": _REFUSED,
    "ssh-login-refused": _REFUSED,
    "ssh-invalid-user": _REFUSED,
    "ssh-too-many-attempts": _REFUSED,
    "ssh-connected": _CONNECTED,
    "ssh-connection-dropped": (("network",), ("connection", "denied")),
    "ssh-disconnected": _DISCONNECTED,
    "ssh-protocol-error": _PROTOCOL,
    "ssh-name-mismatch": _PROTOCOL,
    "ssh-listening": (("network",), ("info",)),
    "ssh-session-started": _OPENED,
    "ssh-session-ended": _CLOSED,
    "ssh-subsystem": (("session",), ("info",)),
    "session-opened": _OPENED,
    "session-closed": _CLOSED,
    "pam-authentication": _REFUSED,
    "console-login": _LOGIN,
    "ftp-login": _LOGIN,
    "ftp-connected": _CONNECTED,
    "ftp-transfer": (("file",), ("access",)),
    "su": _LOGIN,
    "sudo-command": _STARTED,
    "sudo-command-continued": (("process",), ("info",)),
    "sudo-refused": _REFUSED,
    "pkexec-command": _STARTED,
    "pkexec-refused": _REFUSED,
    "password-changed": _USER,
    "user-added": (("iam",), ("user", "creation")),
    "user-deleted": (("iam",), ("user", "deletion")),
    "user-changed": _USER,
    "user-locked": _USER,
    "user-unlocked": _USER,
    "account-changed": _USER,
    "account-refused": _REFUSED,
    "account-locked": _USER,
    "group-added": (("iam",), ("group", "creation")),
    "group-deleted": (("iam",), ("group", "deletion")),
    "group-changed": _GROUP,
    "group-member-added": _GROUP,
    "group-member-removed": _GROUP,
    "cron-command": _STARTED,
    "cron-command-output": (("process",), ("info",)),
    "cron-failed": (("process",), ("info",)),
    "crontab-changed": (("configuration",), ("change",)),
    "crontab-read": (("configuration",), ("access",)),
    "crontab-loaded": (("configuration",), ("info",)),
    "service-starting": (("process",), ("info",)),
    "service-started": _STARTED,
    "service-finished": _ENDED,
    "service-stopping": (("process",), ("info",)),
    "service-stopped": _ENDED,
    "service-process-ended": _ENDED,
    "packet-logged": (("network",), ("connection",)),
    "promiscuous-mode": (("network", "configuration"), ("change",)),
    "process-crashed": (("process",), ("end",)),
    "process-killed": (("process",), ("end",)),
    "module-tainted": (("driver",), ("start",)),
    "malware-found": (("malware",), ("info",)),
}

# Actions whose `user` was acted upon; who acted is `by`, where it is told.
TARGETED: Final = frozenset(
    name for name in ACTIONS if name.startswith(("user-", "account-", "group-member-")) or name == "password-changed"
)
ACTED: Final = frozenset(ACTIONS) - TARGETED


def _words(name: str, meaning: str, part: int) -> Named:
    def convert(value: str) -> Value:
        found = ACTIONS.get(value)
        return list(found[part]) if found else None

    return Named(name, meaning, convert)


category = _words("category of action", "ECS's categories of what a message says.", 0)
kind = _words("type of action", "ECS's types of what a message says.", 1)
