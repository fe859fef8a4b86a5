"""Linux audit records for tests, written as auditd 3 writes them.

See auditd.conf(5) (log_format), ausearch(8) and https://github.com/linux-audit/audit-documentation/wiki.
"""

from __future__ import annotations

TIME = "1700000000.123"
_CALL = (
    "arch=c000003e syscall={number} success={success} exit={exit} a0={a0} a1={a1} a2={a2} a3=0 items={items} ppid=100 "
    'pid=101 auid=1000 uid={uid} gid=1000 euid={uid} suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=pts0 ses=3 comm="{comm}" '
    'exe="{exe}" key={key}'
)
_ENRICHED = (
    '\x1dARCH=x86_64 SYSCALL={name} AUID="an" UID="{user}" GID="an" EUID="{user}" SUID="root" FSUID="root" EGID="root" '
    'SGID="root" FSGID="root"'
)


def record(kind: str, text: str, serial: int = 456, *, node: str = "") -> str:
    """Give a record as a line, without its end."""
    front = f"node={node} " if node else ""
    return f"{front}type={kind} msg=audit({TIME}:{serial}): {text}"


def call(
    number: int,
    exe: str,
    *,
    name: str = "",
    success: str = "yes",
    exit_code: int = 0,
    registers: tuple[str, str, str] = ("55d0", "55d1", "55d2"),
    items: int = 2,
    uid: int = 1000,
    key: str = "(null)",
) -> str:
    """Give the text of a SYSCALL record; of the enriched format where the call's name is given."""
    a0, a1, a2 = registers
    text = _CALL.format(
        number=number, success=success, exit=exit_code, a0=a0, a1=a1, a2=a2, items=items, uid=uid,
        comm=exe.rpartition("/")[2][:15], exe=exe, key=key,
    )  # fmt: skip
    return text + (_ENRICHED.format(name=name, user="root" if uid == 0 else "an") if name else "")


def path(name: str, kind: str = "NORMAL", item: int = 0) -> str:
    """Give the text of a PATH record; a name with a space as the kernel writes it, in hexadecimal."""
    shown = name.encode().hex().upper() if " " in name or not name.isascii() else f'"{name}"'
    return (
        f"item={item} name={shown} inode=325835 dev=fe:00 mode=0100755 ouid=0 ogid=0 rdev=00:00 nametype={kind} "
        'cap_fp=0 cap_fi=0 cap_fe=0 cap_fver=0 cap_frootid=0\x1dOUID="root" OGID="root"'
    )


def executed(exe: str, *arguments: str, serial: int = 456, uid: int = 1000, cwd: str = "/home/an") -> list[str]:
    """Give the records of a program that was executed, enriched."""
    shown = " ".join(
        f"a{place}=" + (text.encode().hex().upper() if " " in text or not text.isascii() else f'"{text}"')
        for place, text in enumerate(arguments)
    )
    title = "\0".join(arguments).encode().hex().upper()
    return [
        record("SYSCALL", call(59, exe, name="execve", uid=uid, key='"exec"'), serial),
        record("EXECVE", f"argc={len(arguments)} {shown}", serial),
        record("CWD", f'cwd="{cwd}"', serial),
        record("PATH", path(exe), serial),
        record("PATH", path("/lib64/ld-linux-x86-64.so.2", item=1), serial),
        record("PROCTITLE", f"proctitle={title}", serial),
    ]


def program(kind: str, text: str, serial: int = 456, *, uid: int = 0) -> str:
    """Give the record of a program, enriched."""
    text = f'pid=900 uid={uid} auid=1000 ses=3 subj=unconfined msg=\'{text}\'\x1dUID="root" AUID="an"'
    return record(kind, text, serial)


def log(*lines: str) -> bytes:
    """Give lines as a log."""
    return "".join(f"{line}\n" for line in lines).encode()


LS = executed("/usr/bin/ls", "ls", "-l", "đường dẫn")
CONNECT = [
    record("SYSCALL", call(42, "/usr/bin/bash", name="connect", success="no", exit_code=-115, items=0), 457),
    record("SOCKADDR", "saddr=0200115CC6336407 0000000000000000".replace(" ", ""), 457),
    record("PROCTITLE", 'proctitle="bash"', 457),
]
CREATE = [
    record("SYSCALL", call(257, "/usr/bin/wget", name="openat", registers=("ffffff9c", "55d1", "241"), uid=0), 458),
    record("CWD", 'cwd="/var/www"', 458),
    record("PATH", path("/var/www/", "PARENT"), 458),
    record("PATH", path("x y.sh", "CREATE", 1), 458),
    record("PROCTITLE", f"proctitle={b'wget'.hex()}00{b'-q'.hex()}", 458),
]
LOGIN = program(
    "USER_LOGIN", 'op=login acct="an" exe="/usr/sbin/sshd" hostname=? addr=203.0.113.9 terminal=ssh res=failed'
)
ADDED = program(
    "ADD_USER", 'op=adding user id=1001 exe="/usr/sbin/useradd" hostname=? addr=? terminal=? res=success', 460
)
AVC = record(
    "AVC",
    'avc:  denied  { read write } for  pid=7 comm="httpd" name="shadow" dev="dm-0" ino=9 '
    "scontext=system_u:system_r:httpd_t:s0 tcontext=system_u:object_r:shadow_t:s0 tclass=file permissive=0",
    461,
)
PLAIN = [
    record("SYSCALL", call(59, "/usr/bin/id", uid=0), 462, node="portal-1"),
    record("EXECVE", 'argc=1 a0="id"', 462, node="portal-1"),
]
"""Not enriched, and of a host with a name."""
ALL = log(*LS, *CONNECT, *CREATE, LOGIN.replace(":456)", ":459)"), ADDED, AVC, *PLAIN)
EVENTS = 7
