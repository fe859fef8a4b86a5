"""Who comes in: what sshd, su, login, vsftpd, logind and PAM say.

sshd: the texts of OpenSSH 5 to 10 (auth.c, packet.c, sshd-session.c, monitor.c). PAM: Linux-PAM, `pam_unix` and others
that end in `logname= uid= euid= tty= ruser= rhost=`.
"""

from __future__ import annotations

from typing import Final

from sentinel.formats.message_row import ANY, Table, row

_PEER: Final = r"(?P<ip>[^ \[\]]++)(?: port (?P<port>\d{1,5}))?"
_PEER_SAYS: Final = r"(?P<ip>[^ ]++(?<!:)(?= port)|[^ ]+?)(?: port (?P<port>\d{1,5}))?: ?(?P<reason>.*?)"
_PREAUTH: Final = r"(?: \[(?P<stage>preauth|postauth)\])?"
# A name may hold spaces, and ` from `: what follows the last one is the server's own.
_USER: Final = r"(?:(?P<invalid>invalid|illegal) user )?(?P<user>.*)"
_METHOD: Final = r"(?P<method>[^ ]+) for"
_TAIL: Final = r" (?P<protocol>ssh\d?)(?:: (?P<key_type>[A-Z0-9-]+) (?P<key>[^ ]+)(?P<certificate> .*)?)?"
_ENDED: Final = rf"(?:(?:(?P<state>authenticating|invalid) )?user (?P<user>.*)(?<! port) )?{_PEER}"

_FROM: Final = (
    r"; logname=(?P<logname>.*?) uid=(?P<by_uid>\d*) euid=(?P<by_euid>\d*) tty=(?P<tty>.*?) ruser=(?P<by>.*?) "
    r"rhost=(?P<ip>[^ ]*) *(?:user=(?P<user>.*))?"
)

_CLOSED: Final = (row("ssh-disconnected", "", rf"Connection (?P<how>closed|reset) by {_ENDED}{_PREAUTH}"),)
_FAILED: Final = (
    row("ssh-login", "failure", rf"Failed {_METHOD} {_USER} from {_PEER}{_TAIL}{_PREAUTH}"),
    row("ssh-login", "failure", rf"Failed {_METHOD} {_USER} from {_PEER}{_PREAUTH}"),
)
_TOO_MANY: Final = (
    row(
        "ssh-too-many-attempts",
        "failure",
        rf"(?:error: )?maximum authentication attempts exceeded for {_USER} from {_PEER} ssh\d?{_PREAUTH}",
    ),
)

SSHD: Final[Table] = {
    "Accepted": (row("ssh-login", "success", rf"Accepted {_METHOD} (?P<user>.*) from {_PEER}{_TAIL}"),),
    "Failed": _FAILED,
    "Postponed": (row("ssh-login-continued", "", rf"Postponed {_METHOD} {_USER} from {_PEER}{_TAIL}{_PREAUTH}"),),
    "Partial": (row("ssh-login-continued", "", rf"Partial {_METHOD} {_USER} from {_PEER}{_TAIL}{_PREAUTH}"),),
    "Invalid": (row("ssh-invalid-user", "failure", rf"Invalid user (?P<user>.*) from {_PEER}"),),
    "input_userauth_request": (
        row("ssh-invalid-user", "failure", rf"input_userauth_request: invalid user (?P<user>.*?){_PREAUTH}"),
    ),
    "error": (
        *_TOO_MANY,
        row("ssh-login", "failure", rf"error: PAM: (?P<reason>.*) for {_USER} from (?P<ip>[^ ]+){_PREAUTH}"),
        row("ssh-protocol-error", "failure", rf"error: Received disconnect from {_PEER_SAYS}{_PREAUTH}"),
        row("ssh-protocol-error", "failure", rf"error: (?P<reason>.*?){_PREAUTH}"),
    ),
    "fatal": (
        row("ssh-protocol-error", "failure", rf"fatal: (?P<reason>Timeout before authentication) for {_PEER}"),
        row("ssh-protocol-error", "failure", rf"fatal: (?P<reason>.*?){_PREAUTH}"),
    ),
    "maximum": _TOO_MANY,
    "User": (
        row(
            "ssh-login-refused",
            "failure",
            r"User (?P<user>.*?)(?: from (?P<ip>[^ ]+))? not allowed because (?P<reason>.*)",
        ),
    ),
    "ROOT": (row("ssh-login-refused", "failure", rf"ROOT LOGIN (?P<reason>REFUSED) FROM {_PEER}{_PREAUTH}"),),
    "Connection": (
        *_CLOSED,
        row(
            "ssh-connected",
            "",
            rf"Connection from {_PEER} on (?P<server_ip>[^ ]+) port (?P<server_port>\d{{1,5}})(?: .*)?",
        ),
    ),
    "Disconnected": (row("ssh-disconnected", "", rf"Disconnected from {_ENDED}{_PREAUTH}"),),
    "Disconnecting": (
        row("ssh-disconnected", "", rf"Disconnecting {_ENDED}: (?P<reason>.*?){_PREAUTH}"),
        row("ssh-disconnected", "", rf"Disconnecting: (?P<reason>.*?){_PREAUTH}"),
    ),
    "Received": (row("ssh-disconnected", "", rf"Received disconnect from {_PEER_SAYS}{_PREAUTH}"),),
    "PAM": (
        row("pam-authentication", "failure", rf"PAM (?P<more>\d+) more authentication failures?{_FROM}"),
        row("pam-authentication", "failure", r"PAM service\((?P<service>[^)]*)\) (?P<reason>ignoring max retries); .*"),
    ),
    "Did": (row("ssh-protocol-error", "failure", rf"(?P<reason>Did not receive identification string) from {_PEER}"),),
    "Bad": (
        row("ssh-protocol-error", "failure", rf"(?P<reason>Bad protocol version identification .*) from {_PEER}"),
        row("ssh-protocol-error", "failure", rf"(?P<reason>Bad packet length .*?){_PREAUTH}"),
    ),
    "Unable": (row("ssh-protocol-error", "failure", rf"Unable to negotiate with {_PEER_SAYS}{_PREAUTH}"),),
    "banner": (row("ssh-protocol-error", "failure", rf"banner exchange: Connection from {_PEER_SAYS}{_PREAUTH}"),),
    "Timeout": (
        row("ssh-protocol-error", "failure", rf"(?P<reason>Timeout before authentication) for {_PEER}"),
        row(
            "ssh-protocol-error",
            "failure",
            r"(?P<reason>Timeout before authentication) for connection from (?P<ip>[^ ]+) to (?P<server_ip>[^ ,]+),.*",
        ),
    ),
    "drop": (
        row(
            "ssh-connection-dropped",
            "failure",
            r"drop connection #\d+ from \[(?P<ip>[^\]]+)\]:(?P<port>\d+) "
            r"on \[(?P<server_ip>[^\]]+)\]:(?P<server_port>\d+) (?P<reason>.*)",
        ),
    ),
    "Starting": (
        row(
            "ssh-session-started",
            "success",
            rf"Starting session: (?P<session>.*) for (?P<user>[^ ]+) from {_PEER} id (?P<channel>\d+)",
        ),
    ),
    "Close": (row("ssh-session-ended", "", rf"Close session: user (?P<user>.*) from {_PEER} id (?P<channel>\d+)"),),
    "Server": (row("ssh-listening", "", r"Server listening on (?P<server_ip>[^ ]+) port (?P<server_port>\d+)\."),),
    "Authentication": (row("ssh-login-refused", "failure", r"Authentication refused: (?P<reason>.*)"),),
    "reverse": (
        row(
            "ssh-name-mismatch",
            "",
            r"reverse mapping checking getaddrinfo for (?P<peer_name>[^ ]+) \[(?P<ip>[^\]]+)\].*",
        ),
    ),
    "subsystem": (
        row("ssh-subsystem", "success", r"subsystem request for (?P<subsystem>[^ ]+)(?: by user (?P<user>.*))?.*"),
    ),
}

_MODULE: Final = r"(?P<pam_module>pam_[a-z0-9_]+)(?:\((?P<service>[^:)]*):(?P<pam_type>[a-z]+)\))?: "
_ACCOUNT: Final = r"(?:\(uid=(?P<{name}>\d+)\))?"
PAM: Final[Table] = {
    "session": (
        row(
            "session-opened",
            "success",
            rf"{_MODULE}session opened for user (?P<user>[^ ]+?){_ACCOUNT.format(name='uid')}"
            rf"(?: by (?P<by>[^ ]*?)(?:\(uid=(?P<by_uid>\d+)\))?)?",
        ),
        row("session-closed", "", rf"{_MODULE}session closed for user (?P<user>.*)"),
    ),
    "authentication": (row("pam-authentication", "failure", rf"{_MODULE}(?P<reason>authentication failure){_FROM}"),),
    "conversation": (row("pam-authentication", "failure", rf"{_MODULE}(?P<reason>conversation failed)"),),
    "bad": (row("pam-authentication", "failure", rf"{_MODULE}(?P<reason>bad username \[.*\])"),),
    "check": (row("pam-authentication", "failure", rf"{_MODULE}(?P<reason>check pass); user (?P<unknown>unknown)"),),
    "auth": (
        row(
            "pam-authentication",
            "failure",
            rf"{_MODULE}(?P<reason>auth could not identify password) for \[(?P<user>.*)\]",
        ),
    ),
    "password": (row("password-changed", "success", rf"{_MODULE}password changed for (?P<user>.*)"),),
    "account": (row("account-refused", "failure", rf"{_MODULE}account (?P<user>[^ ]+) has (?P<reason>.*)"),),
    "Consecutive": (
        row(
            "account-locked",
            "failure",
            rf"{_MODULE}(?P<reason>Consecutive login failures) for user (?P<user>[^ ]+).*",
        ),
    ),
}
"""Rows by the first word behind the module."""

SU: Final[Table] = {
    ANY: (
        row("su", "success", r"\(to (?P<target_user>[^ )]+)\) (?P<user>[^ ]+) on (?P<tty>.+)"),
        row("su", "success", r"\+ (?P<tty>[^ ]+) (?P<user>[^ :]+):(?P<target_user>[^ ]+)"),
        row("su", "failure", r"- (?P<tty>[^ ]+) (?P<user>[^ :]+):(?P<target_user>[^ ]+)"),
    ),
    "FAILED": (
        row("su", "failure", r"FAILED SU \(to (?P<target_user>[^ )]+)\) (?P<user>[^ ]+) on (?P<tty>.+)"),
        row("su", "failure", r"FAILED su for (?P<target_user>[^ ]+) by (?P<user>.+)"),
    ),
    "Successful": (row("su", "success", r"Successful su for (?P<target_user>[^ ]+) by (?P<user>.+)"),),
}

LOGIN: Final[Table] = {
    "LOGIN": (row("console-login", "success", r"LOGIN ON (?P<tty>[^ ]+) BY (?P<user>.*?)(?: FROM (?P<ip>[^ ]+))?"),),
    "ROOT": (
        row(
            "console-login",
            "success",
            r"(?P<root>ROOT) LOGIN +ON '?(?P<tty>[^ ']+)'?(?: FROM '?(?P<ip>[^ ']+)'?)?",
        ),
    ),
    "FAILED": (
        row(
            "console-login",
            "failure",
            r"FAILED LOGIN (?:SESSION )?\(?(?P<attempt>\d*)\)? ?(?:on '(?P<tty>[^']*)' ?)?"
            r"(?:(?:from|FROM) '?(?P<ip>[^ ']*)'? )?FOR '?(?P<user>[^',]*)'?, (?P<reason>.*)",
        ),
    ),
}

_CLIENT: Final = r'Client "(?P<ip>[^"]*)"'
_FTP: Final = r"(?:\[(?P<user>[^\]]*)\] )?"
VSFTPD: Final[Table] = {
    ANY: (
        row("ftp-login", "success", rf'{_FTP}OK LOGIN: {_CLIENT}(?:, anon password "(?P<anonymous>.*)")?'),
        row("ftp-login", "failure", rf"{_FTP}FAIL LOGIN: {_CLIENT}"),
        row(
            "ftp-transfer",
            "success",
            rf'{_FTP}OK (?P<operation>[A-Z]+): {_CLIENT}, "(?P<file>.*)"(?:, (?P<bytes>\d+) bytes)?(?:, .*)?',
        ),
        row("ftp-transfer", "failure", rf'{_FTP}FAIL (?P<operation>[A-Z]+): {_CLIENT}(?:, "(?P<file>.*)")?(?:, .*)?'),
        row("ftp-connected", "", rf"CONNECT: {_CLIENT}(?:, (?P<reason>.*))?"),
    )
}

LOGIND: Final[Table] = {
    "New": (
        row(
            "session-opened",
            "success",
            r"New session '?(?P<session>[^ ']+)'? of user '?(?P<user>[^ ']+?)'?(?: with .*)?\.?",
        ),
    ),
    "Removed": (row("session-closed", "", r"Removed session (?P<session>[^ ]+?)\."),),
    "Session": (row("session-closed", "", r"Session (?P<session>[^ ]+) logged out\..*"),),
}
