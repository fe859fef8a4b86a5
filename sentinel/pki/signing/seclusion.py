"""What a process that holds keys gives up: memory that others read, the network, outliving its parent.

Linux alone knows most of this (prctl(2), mlockall(2), unshare(2)); where something cannot be had, the log says so, and
the signer works without it.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
from typing import Final

_SET_DEATH_SIGNAL: Final = 1
_SET_DUMPABLE: Final = 4
_SET_NO_NEW_PRIVILEGES: Final = 38
_CURRENT_AND_FUTURE: Final = 1 | 2
_NEW_NETWORK: Final = 0x40000000


def seclude(*, network: bool) -> dict[str, str]:
    """Give up what a signer does not need, and tell of each thing whether it was. `network` keeps the network.

    No other process of the same user may then read the memory (ptrace, /proc/PID/mem), and no crash writes it out.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    kept = {
        "dumpable": not _prctl(_SET_DUMPABLE, 0),
        "privileges": not _prctl(_SET_NO_NEW_PRIVILEGES, 1),
        "swap": not _lock_memory(),
        "network": network or not _unshare_network(),
    }
    return {name: "kept" if still else "given up" for name, still in kept.items()}


def die_with_parent(parent: int) -> None:
    """End with the thread that started this process; at once where that process has ended already."""
    _prctl(_SET_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != parent:
        raise SystemExit(0)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _prctl(option: int, value: int) -> bool:
    """Set something of the process; tell whether that was done."""
    try:
        return not _libc().prctl(option, value, 0, 0, 0)
    except AttributeError:  # no Linux
        return False


def _lock_memory() -> bool:
    """Keep the memory out of swap; tell whether that was done.

    Under a limit, what comes later would fail where it does not fit: then nothing is locked.
    """
    soft, _hard = resource.getrlimit(resource.RLIMIT_MEMLOCK)
    if soft != resource.RLIM_INFINITY and os.geteuid() != 0:
        return False
    return not _libc().mlockall(_CURRENT_AND_FUTURE)


def _unshare_network() -> bool:
    """Leave for a network of this process alone, which has no interface; tell whether that was done (as root it is)."""
    try:
        return os.geteuid() == 0 and not _libc().unshare(_NEW_NETWORK)
    except AttributeError:  # no Linux
        return False
