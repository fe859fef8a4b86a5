"""The figures of the goals: `python -m tests.benchmarks [NAME…]`.

Every benchmark prints processor seconds (user and system, of all processes), wall seconds and memory, and where
there is a peer the ratio to it from runs in turn. Corpora are those of `../shared` (or `SENTINEL_SHARED`); peers are
found on the PATH or in `~/.cargo/bin` (`cargo install rsigma --locked`). What is not there is named and left out.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.measure import Run, median, run

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("SENTINEL_SHARED") or ROOT.parent / "shared" / "data")
RULES = SHARED / "sigma" / "rules" / "windows"
MILLION = SHARED / "ndjson" / "otrf-windows-1m.ndjson.zst"
EVTX = (SHARED / "evtx" / "attack-samples", SHARED / "sigma" / "regression_data")
WORK = ROOT / "build" / "benchmarks"
SENTINEL = (sys.executable, "-m", "sentinel")


def _scan(*paths: Path, cache: Path | None = None, view: tuple[str, ...] = ()) -> Run:
    environ = {**_warm(), "SENTINEL_CACHE": str(cache or WORK / "cache")}
    return run([*SENTINEL, "scan", "--rules", str(RULES), *view, *map(str, paths)], environ=environ)


def _events(result: Run) -> int:
    return int(json.loads(result.output)["summary"]["events"])


def _row(name: str, *columns: str) -> None:
    print(f"{name:<44}" + "".join(f"{column:>14}" for column in columns), flush=True)


def _figures(name: str, runs: list[Run]) -> float:
    cpu = median(each.cpu for each in runs)
    _row(
        name,
        f"{cpu:.2f}",
        f"{median(each.wall for each in runs):.2f}",
        f"{max(each.largest for each in runs):.0f}",
        f"{max(each.together for each in runs):.0f}",
    )
    return cpu


def _head(title: str) -> None:
    print(f"\n{title}")
    _row("", "CPU s", "wall s", "largest MiB", "together MiB")


def million(turns: int) -> None:
    """Scan a million events, warm, in turn with rsigma on the same file."""
    events = _unpacked()
    peer = shutil.which("rsigma") or shutil.which("rsigma", path=str(Path.home() / ".cargo" / "bin"))
    _scan(events)
    ours, theirs = [], []
    for _turn in range(turns):
        ours.append(_scan(events))
        if peer:
            theirs.append(run([peer, "engine", "eval", "-q", "-r", str(RULES), "-e", f"@{events}"]))
    _head("one million Windows events (2.3 GB of NDJSON), 2,407 Sigma rules")
    cpu = _figures("sentinel scan", ours)
    if peer:
        theirs_cpu = _figures("rsigma engine eval", theirs)
        print(f"ratio of CPU, sentinel to rsigma: {cpu / theirs_cpu:.2f}")
    else:
        print("rsigma is not installed (cargo install rsigma --locked): no ratio")


def _unpacked() -> Path:
    events = WORK / "otrf-windows-1m.ndjson"
    if not events.exists():
        print("unpacking the million events …", flush=True)
        with tempfile.NamedTemporaryFile(dir=WORK, delete=False) as file:
            subprocess.run(["zstd", "-dc", "--long=27", str(MILLION)], stdout=file, check=True)  # noqa: S607
        Path(file.name).replace(events)
    return events


def evtx(turns: int) -> None:
    """Scan the shared EVTX files: processor time per event, with and without the start."""
    files = sorted(file for folder in EVTX for file in folder.rglob("*.evtx"))
    events = _events(_scan(*files, view=("--json",)))
    start = median(_start_run().cpu for _turn in range(turns))
    runs = [_scan(*files) for _turn in range(turns)]
    _head(f"EVTX: {events:,} events in both shared folders, 2,407 Sigma rules")
    cpu = _figures("sentinel scan", runs)
    print(f"µs of CPU an event: {cpu / events * 1e6:.0f}; without the start: {(cpu - start) / events * 1e6:.0f}")


def _start_run() -> Run:
    event = WORK / "one.ndjson"
    event.write_text('{"EventID": 4688, "Channel": "Security", "SourceName": "Microsoft-Windows-Security-Auditing"}\n')
    return _scan(event)


def start(turns: int) -> None:
    """Start warm to the first event; compile the rules cold."""
    _start_run()
    _head("start")
    _figures("warm start, one event, end", [_start_run() for _turn in range(turns)])
    colds = []
    for turn in range(turns):
        with tempfile.TemporaryDirectory() as cache:
            event = WORK / "one.ndjson"
            colds.append(_scan(event, cache=Path(cache) / str(turn)))
    _figures("cold: 2,407 rules compiled, one event", colds)
    helps = [run([*SENTINEL, "--help"], environ=_warm()) for _turn in range(turns)]
    _figures("sentinel --help", helps)


def _warm() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def reading(_turns: int) -> None:
    """Read every format: MB and events per processor second, and MB with the shipped rules."""
    from tests.benchmarks.formats import rates

    print("\nreading the fields that shipped rules want, and searching by them: per processor second")
    _row("", "MB", "events", "MB, searched")
    for name, megabytes, events, searched in rates():
        _row(name, f"{megabytes:.0f}", f"{events:,.0f}", f"{searched:.0f}")


def store(_turns: int) -> None:
    """Take the million events and two million generated ones in, beside DuckDB; ask both questions of the latter."""
    from tests.benchmarks import corpus, store

    generated = corpus.write(WORK / "corpus", 2_000_000)
    for name, files in (("million", [_unpacked()]), ("generated", generated)):
        folder, database = WORK / f"store-{name}", WORK / f"{name}.duckdb"
        taken = store.take_in(SENTINEL, files, folder, database, _warm())
        print(
            f"\ntaking {taken.events:,} events in ({name}), without rules, compaction included, beside DuckDB's table"
        )
        _row("", "store", "DuckDB", "ratio", "goal")
        cpu, peer = (seconds / taken.events * 1e6 for seconds in (taken.cpu, taken.peer_cpu))
        _row("µs of CPU an event", f"{cpu:.1f}", f"{peer:.1f}", f"{cpu / peer:.2f}", "1.50")
        size, peer = taken.size / taken.events, taken.peer_size / taken.events
        _row("bytes an event", f"{size:.0f}", f"{peer:.0f}", f"{size / peer:.2f}", "0.35")
        _row("MiB of the largest process", f"{taken.largest:.0f}")
        _row("s of CPU to take the same in again", f"{store.again(SENTINEL, files, folder, _warm()).cpu:.1f}")
    _ask(WORK / "store-generated", WORK / "generated.duckdb")


def _ask(folder: Path, database: Path) -> None:
    from sentinel.store.embedded.store import open_store
    from tests.benchmarks import store

    print("\nquestions, ms (medians of turns in one process)")
    _row("", "store", "DuckDB", "ratio", "goal")
    with store.with_ids(database) as peer:
        for asked, ours, theirs, difference in store.ask_both(open_store(folder), peer):
            goal = f"{asked.most:.2f}" if asked.most else "1,000 ms"
            _row(asked.name, f"{ours:.0f}", f"{theirs:.0f}", f"{ours / theirs:.2f}", goal)
            if difference:
                print(f"  the answers differ: {difference}")


def enrichment(turns: int) -> None:
    """Take 100,000 of the million events in with an estate of the country's size and without one, in turn."""
    from tests.benchmarks import enrichment as bench

    sample = bench.sample(_unpacked(), WORK / "sample.ndjson")
    with tempfile.TemporaryDirectory() as folder:
        bare, rich, loading = bench.measured(sample, Path(folder), turns)
    print("\ntaking 100,000 events in, one process, with 3,400 agencies and 10,000 networks, and without")
    _row("", "without", "with", "ratio", "goal")
    _row("µs of CPU an event", f"{bare:.1f}", f"{rich:.1f}", f"{rich / bare:.3f}", "1.100")
    _row("ms of CPU to load the estate", "", f"{loading * 1000:.0f}")


def queue(_turns: int, alerts: int = 100_000) -> None:
    """Raise alerts, ask for pages, act on 10,000 and take it back, verify, count: the queue and its ledger."""
    from tests.benchmarks import alerts as bench

    with tempfile.TemporaryDirectory(dir=WORK) as folder:
        figures = bench.measured(Path(folder), alerts, lambda text: print(f"{text} …", file=sys.stderr, flush=True))
    print(f"\na queue of {alerts:,} alerts")
    _row("", "CPU", "goal")
    _row("raise, µs an alert", f"{figures.seconds['raise'] / alerts * 1e6:.0f}")
    pages = figures.in_order()
    slowest = sorted(figures.pages, key=lambda name: max(figures.pages[name]), reverse=True)[:3]
    _row(f"first page of {len(figures.pages)} filters, ms: p50", f"{pages[len(pages) // 2]:.0f}")
    _row("p95", f"{pages[len(pages) * 95 // 100]:.0f}", "150")
    for name in slowest:
        _row(f"worst: {name}", f"{max(figures.pages[name]):.0f}")
    for what, (text, goal) in _QUEUE_ROWS.items():
        _row(text.format(verified=figures.verified), f"{figures.seconds[what]:.2f}", goal)


_QUEUE_ROWS: dict[str, tuple[str, str]] = {
    "acknowledge": ("acknowledge 10,000, each told, s", "1.00"),
    "close": ("close 10,000, each told, s", "1.00"),
    "undo": ("take that back, s", ""),
    "verify": ("verify {verified:,} entries of the ledger, s", "1.00"),
    "stats": ("stats, s", "1.50"),
    "handover": ("handover, s", "1.50"),
}


def pki(_turns: int, certificates: int = 10_000) -> None:
    """Take certificates from request to audit, the office and its signer together."""
    from tests.benchmarks import pki as bench

    with tempfile.TemporaryDirectory(dir=WORK) as folder:
        figures = bench.measured(
            Path(folder), certificates, lambda text: print(f"{text} …", file=sys.stderr, flush=True)
        )
    print(f"\n{certificates:,} certificates of P-256, µs of CPU each, the office and its signer together")
    _row("", "CPU", "goal")
    for stage, text in _PKI_ROWS.items():
        _row(text, f"{figures.each(stage):.0f}")
    _row("from a checked request to the certificate", f"{figures.each(*bench.PER_CERTIFICATE):.0f}", "600")
    _row("revoked, listed and answered about", f"{figures.each(*bench.REVOCATION):.0f}", "150")


def pki_peers(turns: int, certificates: int = 1_000) -> None:
    """Have other authorities sign the same requests, in turn with ours."""
    from tests.benchmarks import pki as bench
    from tests.benchmarks import pki_peers as others

    absent, figures, ready = list[str](), defaultdict[str, list[float]](list), bench.requests(certificates)
    with tempfile.TemporaryDirectory(dir=WORK) as folder, others.peers(Path(folder), absent) as peers:
        for ours in bench.issued_in_turns(Path(folder), ready, turns):
            figures["sentinel"].append(ours.each("csr", *bench.PER_CERTIFICATE))
            for peer in peers:
                figures[peer.name].append(peer.measured([*enumerate(ready)]))
    print(f"\n{certificates:,} requests become certificates of P-256, {turns} turns, µs of CPU each")
    _row("", "CPU", "ratio")
    mine = median(figures["sentinel"])
    for name, values in figures.items():
        _row(name, f"{median(values):.0f}", f"{mine / median(values):.2f}")
    for name in absent:
        print(f"{name} is not installed: see tests/benchmarks/pki_peers.py")


_PKI_ROWS: dict[str, str] = {
    "csr": "requests read, their keys proved",
    "build": "held against the policy, built, linted",
    "ask": "asked for",
    "approve": "approved",
    "issue": "issued, signer included",
    "answers": "answers signed ahead and kept",
    "renew": "held against the policy, built, linted anew",
    "revoke": "revoked",
    "crl": "listed, whole and in parts",
    "ocsp": "answers signed anew",
    "audit": "audited",
}

BENCHMARKS: dict[str, Callable[[int], None]] = {
    "start": start,
    "evtx": evtx,
    "reading": reading,
    "million": million,
    "store": store,
    "enrichment": enrichment,
    "queue": queue,
    "pki": pki,
    "pki-peers": pki_peers,
}
_WITHOUT_RULES = frozenset({"reading", "queue", "pki", "pki-peers"})


def main() -> None:
    """Run the benchmarks that were named, or all."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*BENCHMARKS, []], help="which; all where none is named")
    parser.add_argument("--turns", type=int, default=3, help="runs of each command (default 3)")
    parser.add_argument("--alerts", type=int, default=100_000, help="the size of the queue (default 100000)")
    parser.add_argument(
        "--certificates", type=int, default=10_000, help="how many of pki (default 10000); peers get a tenth"
    )
    arguments = parser.parse_args()
    benchmarks = BENCHMARKS | {
        "queue": partial(queue, alerts=arguments.alerts),
        "pki": partial(pki, certificates=arguments.certificates),
        "pki-peers": partial(pki_peers, certificates=max(1, arguments.certificates // 10)),
    }
    WORK.mkdir(parents=True, exist_ok=True)
    print(time.strftime("%Y-%m-%d"), f"{os.cpu_count()} processors", sys.version.split()[0])
    for name in arguments.names or BENCHMARKS:
        if name not in _WITHOUT_RULES and not RULES.exists():
            print(f"{name}: left out, {RULES} is not there")
            continue
        benchmarks[name](arguments.turns)


if __name__ == "__main__":
    main()
