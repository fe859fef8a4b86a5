"""Record the sample logs of real programs: linux/, web/, dns/, database/ and network/.

    sudo python docs/samples/record.py [NAME…]    record all, or those named
    python docs/samples/record.py --list          say what there is, and what is missing for it

Servers, citizens and intruders are machines made of namespaces (recording/machine.py), with documentation addresses and
no way out; what they write lies in a temporary directory. Recording again gives the same files with other times.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

from docs.samples.recording.machine import Failed, Missing, Network  # noqa: E402 - needs the path above
from docs.samples.recording.table import RECORDINGS  # noqa: E402 - needs the path above

if TYPE_CHECKING:
    from docs.samples.recording.recordings import Recording


def main() -> int:
    """Record what is asked for; give the exit code."""
    parser = argparse.ArgumentParser(description="Record the sample logs of real programs.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="what to record; everything when left out")
    parser.add_argument("--list", action="store_true", help="say what can be recorded")
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends as Ctrl-C does: with the machines gone
    try:
        return show() if asked.list else record(asked.names)
    except (Missing, Failed) as error:
        sys.stderr.write(f"record.py: {error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("record.py: stopped; the machines are gone, files of this recording were not written\n")
        return 130


def show() -> int:
    """Say what there is to record and what is missing for it."""
    for one in RECORDINGS.values():
        try:
            one.check()
        except Missing as error:
            print(f"{one.name:<12} {error}")
        else:
            print(f"{one.name:<12} {' '.join(one.files)}")
    return 0


def record(names: list[str]) -> int:
    """Record those named, or all, and write their files."""
    unknown = sorted(set(names) - set(RECORDINGS))
    if unknown:
        raise Missing(f"no recording is called {', '.join(unknown)}; there are {', '.join(RECORDINGS)}")
    if os.geteuid() != 0:
        raise Missing("only root may make namespaces; run: sudo python docs/samples/record.py")
    chosen = [RECORDINGS[name] for name in names] or list(RECORDINGS.values())
    for one in chosen:
        one.check()
    for one in chosen:
        write(one)
    return 0


def write(one: Recording) -> None:
    """Play one recording and write its files, only when all of it succeeded."""
    print(f"{one.name}…", flush=True)
    disk = tempfile.TemporaryDirectory(prefix="record-", ignore_cleanup_errors=True)
    with disk as folder, Network(Path(folder)) as network:
        logs = one.play(network)
    if set(logs) != set(one.files):
        raise Failed(f"{one.name}: recorded {sorted(logs)}, not {sorted(one.files)}")
    empty = sorted(name for name, data in logs.items() if not data)
    if empty:
        raise Failed(f"{one.name}: nothing in {', '.join(empty)}")
    for name, data in logs.items():
        path = HERE / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
        print(f"  {name}: {len(data.splitlines())} lines, {len(data) // 1024} KiB")


if __name__ == "__main__":
    sys.exit(main())
