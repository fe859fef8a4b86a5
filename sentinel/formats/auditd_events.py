"""Records of one serial to one event.

The event's `type` lists the types of its records in order. A field of several records has their values in order, equal
ones once; those of PATH records are never drawn together, so that `name`, `nametype` and the others stay in step.

`a0`, `a1`, … are the arguments of EXECVE where the event has that record, as rules for it mean them; then the registers
of SYSCALL, which go by the same names, are `syscall_a0` to `syscall_a3`. In all other events `a0` to `a3` are the
registers, in hexadecimal.
"""

from __future__ import annotations

import re
from functools import lru_cache
from posixpath import join, normpath
from typing import TYPE_CHECKING, Any, Final

from sentinel.formats.auditd_fields import REMEMBERED, Fields, add, address_of, decode_hex, fields_of, pairs_of
from sentinel.formats.auditd_numbers import RECORD_TYPES, SYSCALLS

if TYPE_CHECKING:
    from collections.abc import Sequence

_ARGUMENT = re.compile(r"a(\d{1,7})(?:\[(\d{1,7})\])?", re.ASCII)
_REGISTERS: Final = ("a0", "a1", "a2", "a3")
_SHORT: Final = 2048
"""Characters: longer texts are not remembered."""
_WRITES: Final = 0o1 | 0o2 | 0o100 | 0o1000
"""O_WRONLY, O_RDWR, O_CREAT and O_TRUNC of <asm-generic/fcntl.h>, which x86 and ARM share."""
_FLAGS: Final = {"open": "a1", "openat": "a2"}
"""Where a call has the flags of opening."""
_NAMING: Final = frozenset(
    {
        "creat", "link", "linkat", "mknod", "mknodat", "open", "open_by_handle_at", "openat", "openat2", "rename",
        "renameat", "renameat2", "symlink", "symlinkat", "truncate",
    }
)  # fmt: skip
_TRUNCATING: Final = frozenset({"creat", "truncate"})
FOLLOWED: Final = _NAMING | frozenset(
    {
        "accept", "accept4", "adjtimex", "bind", "bpf", "chmod", "chown", "chroot", "clock_settime", "clone", "connect",
        "delete_module", "execve", "execveat", "exit", "exit_group", "fchmod", "fchmodat", "fchown", "fchownat",
        "finit_module", "fork", "fremovexattr", "fsetxattr", "init_module", "kexec_file_load", "kexec_load", "kill",
        "lchown", "listen", "lremovexattr", "lsetxattr", "memfd_create", "mkdir", "mkdirat", "mount", "personality",
        "pivot_root", "process_vm_writev", "ptrace", "recvfrom", "removexattr", "rmdir", "sendto", "setdomainname",
        "setgid", "sethostname", "setns", "setregid", "setresgid", "setresuid", "setreuid", "settimeofday", "setuid",
        "setxattr", "socket", "swapoff", "swapon", "sysinfo", "syslog", "tgkill", "tkill", "umount", "umount2", "uname",
        "unlink", "unlinkat", "unshare", "vfork",
    }
)  # fmt: skip
"""Calls that are a code of their own."""
_TYPES: Final = {name: name.lower() for name in RECORD_TYPES.values()}
_TELLING: Final = frozenset(
    name
    for name in RECORD_TYPES.values()
    if name.startswith(("ANOM_", "INTEGRITY_", "MAC_", "TIME_"))
    or name in {"BPF", "CONFIG_CHANGE", "FEATURE_CHANGE", "KERN_MODULE", "LOGIN", "NETFILTER_CFG"}
)
OTHER: Final = "other"
"""Code of events whose first record is of a type that is not known."""


def event_of(records: Sequence[tuple[str, str]]) -> tuple[str, dict[str, Any]]:
    """Join records, each its type and what stands behind `audit(…):`, to an event; give its code beside it.

    The code is the name of the system call where that is one of FOLLOWED, else the first record's type, in lower case;
    a record that the kernel writes because of what the call did (CONFIG_CHANGE) comes before the call.
    """
    kinds = [kind for kind, _text in records]
    executes = "EXECVE" in kinds
    event: Fields = {"type": kinds if len(kinds) > 1 else kinds[0]}
    paths: list[str] = []
    programs: list[str] = []
    for kind, text in records:
        if kind == "PATH":
            paths.append(text)
        elif kind == "EXECVE":
            programs.append(text)
        else:
            _merge(event, _call_of(text, executes=executes) if kind == "SYSCALL" else _fields(kind, text))
    parts = _paths_of(tuple(paths)) if paths else ()
    if parts:
        _merge_paths(event, parts)
    if programs:
        event.update(_program_of(tuple(programs)))
    elif "proctitle" in event:
        event["command_line"] = event["proctitle"]
    call = _complete(event, parts)
    own = None if _TELLING.isdisjoint(kinds) else next(kind for kind in kinds if kind in _TELLING)
    return call if call and own is None else _TYPES.get(own or kinds[0], OTHER), event


def _fields(kind: str, text: str) -> Fields:
    """Give a record's fields; a long text is not remembered, since no input decides how much memory is used."""
    return fields_of(kind, text) if len(text) <= _SHORT else fields_of.__wrapped__(kind, text)


def _call_of(text: str, *, executes: bool) -> Fields:
    """Give the fields of SYSCALL: from `auid` on they are those of a program in a session, which repeat."""
    head, mark, tail = text.partition(" auid=")
    pairs = pairs_of(head)
    fields: Fields = dict(pairs)
    if not mark or len(fields) < len(pairs):
        fields = dict(_fields("SYSCALL", text))
    else:
        fields.update(_fields("SYSCALL", "auid=" + tail))
    if executes:
        for name in _REGISTERS:
            if name in fields:
                fields["syscall_" + name] = fields.pop(name)
    return fields


def _merge(event: Fields, fields: Fields) -> None:
    """Add a record's fields; a value that the event has already is not repeated."""
    if event.keys().isdisjoint(fields):
        event.update(fields)
        return
    for name, value in fields.items():
        add(event, name, value)


def _merge_paths(event: Fields, parts: tuple[Fields, ...]) -> None:
    """Add the fields of PATH records: lists that stay in step."""
    if event.keys().isdisjoint(parts[0]):
        event.update(parts[0])
        return
    for name in event.keys() & parts[0].keys():
        event[name] = [text for value in (event[name], parts[0][name]) for text in _texts(value)]
    event.update({name: value for name, value in parts[0].items() if name not in event})


def _texts(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _paths_of(texts: tuple[str, ...]) -> tuple[Fields, ...]:
    """Give the fields of each PATH record, and in front those of all of them together."""
    return _remembered_paths(texts) if sum(map(len, texts)) <= _SHORT else _remembered_paths.__wrapped__(texts)


@lru_cache(maxsize=REMEMBERED)
def _remembered_paths(texts: tuple[str, ...]) -> tuple[Fields, ...]:
    paths = [fields_of.__wrapped__("PATH", text) for text in texts]
    if len(paths) == 1:
        return paths[0], *paths
    together: Fields = {}
    for name in dict.fromkeys(name for fields in paths for name in fields):
        values = [fields[name] for fields in paths if name in fields]
        together[name] = [text for value in values for text in _texts(value)]
    return together, *paths


def _program_of(texts: tuple[str, ...]) -> Fields:
    return _remembered_program(texts) if sum(map(len, texts)) <= _SHORT else _remembered_program.__wrapped__(texts)


@lru_cache(maxsize=REMEMBERED)
def _remembered_program(texts: tuple[str, ...]) -> Fields:
    """Give the fields of EXECVE: `a0`, `a1`, …, decoded where no quotes were, and the command line.

    A long argument comes in parts (`a1[0]`, `a1[1]`), in several records.
    """
    fields: Fields = {}
    whole: dict[str, str] = {}
    for name, value in (pair for text in texts for pair in pairs_of(text)):
        if _ARGUMENT.fullmatch(name):
            number = name.partition("[")[0]
            whole[number] = whole.get(number, "") + value
        else:
            fields.setdefault(name, value)
    decoded = {name: value[1:-1] if value[:1] == '"' else decode_hex(value) for name, value in whole.items()}
    return {**fields, **decoded, "command_line": " ".join(decoded.values())}


def _complete(event: Fields, parts: tuple[Fields, ...]) -> str:
    """Add the computed fields; give the system call where it is one that is followed."""
    saddr, call, uid = event.get("saddr"), event.get("SYSCALL"), event.get("UID") or event.get("uid")
    if isinstance(saddr, str):
        event.update(address_of(saddr))
    if call is None and "syscall" in event:
        call = SYSCALLS.get(str(event.get("arch")), {}).get(str(event["syscall"]))
        if call:
            event["SYSCALL"] = call
    if uid:
        event["user_name"] = "root" if uid == "0" else uid
    if call == "connect" and "saddr_ip" in event:
        event["initiated"] = "true"
    if not isinstance(call, str) or call not in FOLLOWED:
        return ""
    if call in _NAMING and parts and event.get("success") == "yes":
        _add_target(event, call, parts[1:])
    return call


def _add_target(event: Fields, call: str, paths: tuple[Fields, ...]) -> None:
    """Add the file that a call made, or opened to write to, as an absolute path where that can be told."""
    written = call in _TRUNCATING or _opens_to_write(event, call)
    for fields in reversed(paths):
        kind, name = fields.get("nametype"), fields.get("name")
        if isinstance(name, str) and name != "(null)" and (kind == "CREATE" or (written and kind == "NORMAL")):
            event["target_filename"] = _absolute(name, event, paths)
            event["writes"] = "yes"
            return


def _opens_to_write(event: Fields, call: str) -> bool:
    register = event.get(_FLAGS.get(call, ""))
    try:
        return isinstance(register, str) and bool(int(register, 16) & _WRITES)
    except ValueError:
        return False


def _absolute(name: str, event: Fields, paths: tuple[Fields, ...]) -> str:
    """Give a name with its folder: the parent's where the kernel tells it, else the working directory.

    Of two parents the second is the new name's (`rename`). A name in a folder that was opened before (`openat`
    with a descriptor) is in the parent's.
    """
    if name[:1] == "/":
        return normpath(name) if "/." in name or "//" in name else name
    cwd = event.get("cwd")
    parent = next((each.get("name") for each in reversed(paths) if each.get("nametype") == "PARENT"), "")
    folder = join(cwd if isinstance(cwd, str) else "", parent if isinstance(parent, str) else "")
    return normpath(join(folder, name.rpartition("/")[2] if parent else name))
