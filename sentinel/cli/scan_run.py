"""A scan that was asked for: run, shown, accounted for."""

from __future__ import annotations

import gc
import json
import shlex
import signal
import sys
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import typer

from sentinel.cli import errors, filters
from sentinel.cli.exits import ExitCode
from sentinel.errors import InputError
from sentinel.language import _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from types import FrameType

    from rich.console import Console

    from sentinel.cli.filters import RuleFilter
    from sentinel.console.tally import Summary
    from sentinel.console.views import View
    from sentinel.detect.plan import Ruleset
    from sentinel.formats.base import Fault, Format
    from sentinel.inputs.reader import Source
    from sentinel.inputs.workers import Stop
    from sentinel.model.hit import Hit
    from sentinel.model.severity import Level
    from sentinel.model.window import Window
    from sentinel.settings import Settings


@dataclass(frozen=True, slots=True)
class Request:
    """What a call asks for, checked: `view` is by, timeline, ndjson, json, csv or markdown."""

    settings: Settings
    paths: tuple[str, ...]
    rules: tuple[Path, ...]
    strict: bool
    choice: RuleFilter
    window: Window
    view: str
    by: str
    output: Path | None
    html: Path | None
    faults: Path | None
    files: bool
    formats: tuple[Format, ...]
    quiet: bool
    verbose: bool
    fail_on: Level | None
    now: int

    @property
    def for_programs(self) -> bool:
        """Tell whether the output is read by programs, or handed on as it is."""
        return self.view in {"ndjson", "json", "csv", "markdown"}

    @property
    def needs_evidence(self) -> bool:
        """Tell whether what is shown holds whole events."""
        return self.view in {"ndjson", "json", "markdown"} or self.html is not None


def run(request: Request) -> int:
    """Do what a request asks for and give the exit code."""
    from sentinel.inputs import reader

    progress = console_of(sys.stderr, request) if sys.stderr.isatty() and shows_progress(request) else None
    sources = reader.find(request.paths, request.formats)
    if not sources:
        raise InputError(
            _("nothing to scan: no file is here"),
            place=", ".join(request.paths),
            hint=_("hidden files and folders are passed over"),
        )
    ruleset, left_out = rules_of(request, progress)
    with ExitStack() as closing:
        out = output_of(request, closing)
        view = views_of(request, out, ruleset, sources, closing)
        summary = _scanned(request, sources, ruleset, left_out, view, progress)
        view.end(summary)
        _show_account(request, summary, console_of(sys.stderr if request.for_programs else out, request))
        out.flush()
    if not summary.read:
        tell_nothing_read(summary)
    return exit_code(summary, request.fail_on)


class _LaterView:
    """A view that is made when there is something to show: what draws tables takes as long to load as a small scan."""

    def __init__(self, make: Callable[[], View]) -> None:
        self._make = make
        self._view: View | None = None

    def _made(self) -> View:
        self._view = self._view or self._make()
        return self._view

    def take(self, hits: Iterable[Hit]) -> None:
        self._made().take(hits)

    def end(self, summary: Summary) -> None:
        self._made().end(summary)


def console_of(stream: IO[str], request: Request) -> Console:
    """Give the console that writes to a stream in the colours asked for."""
    from sentinel.console import theme

    return theme.console_for(stream, request.settings.color)


def tell_nothing_read(summary: Summary) -> None:
    """Say why there is nothing to show: an error only where something was there to read."""
    if not summary.unread:
        typer.echo(_("nothing was read: every file is empty"), err=True)
        return
    errors.show(InputError(_("nothing could be read"), hint=_("`sentinel formats` shows what is read")))


def shows_progress(request: Request) -> bool:
    """Tell whether a line of progress may stand on the terminal: not amid hits that are written to it."""
    streams = request.for_programs and request.output is None and sys.stdout.isatty()
    return not request.quiet and not streams


def rules_of(request: Request, progress: Console | None) -> tuple[Ruleset, int]:
    """Give the rules to run, and how many the filters left out."""
    from sentinel.detect.plan import selected

    ruleset = filters.load(request.rules, request.settings, progress)
    if request.strict:
        filters.refuse_faulty(ruleset, errors.show)
    chosen = selected(ruleset, request.choice.keeps)
    if not chosen.rules:
        if ruleset.rules:
            raise InputError(
                _("no rule passes the filters"),
                place=request.choice.shown,
                hint=_("`sentinel rules list` shows what there is to filter by"),
            )
        places = list(map(str, request.rules))
        check = shlex.join(["sentinel", "rules", "check", *places])
        raise InputError(
            _("no rule could be compiled"),
            place=", ".join(places),
            hint=_("`{command}` shows why").format(command=check),
        )
    return chosen, len(ruleset.rules) - len(chosen.rules)


def output_of(request: Request, closing: ExitStack) -> IO[str]:
    """Give the stream to write to; a file takes its place when all is written."""
    import io

    from sentinel.console.output import replacing

    if request.output is None:
        return sys.stdout
    stream = closing.enter_context(replacing(request.output))
    return closing.enter_context(io.TextIOWrapper(stream, encoding="utf-8", newline="\n", write_through=True))


def views_of(request: Request, out: IO[str], ruleset: Ruleset, sources: Sequence[Source], closing: ExitStack) -> View:
    """Give the view asked for, and the reports beside it."""
    from sentinel.console import report_views
    from sentinel.console.output import replacing

    shown = _LaterView(lambda: _view(request, console_of(out, request), ruleset, sources))
    forms = []
    if request.view == "markdown":
        forms.append((console_of(out, request).file.buffer, report_views.ticket))  # type: ignore[attr-defined]
    if request.html:
        forms.append((closing.enter_context(replacing(request.html)), report_views.page))
    if not forms:
        return shown
    from sentinel.console import times
    from sentinel.console.report_collect import Collector

    collector = Collector(ruleset, times.zone_named(request.settings.timezone))
    closing.callback(collector.close)
    report = report_views.ReportView(collector, request.paths, request.now, forms)
    return report if request.view == "markdown" else report_views.Views(shown, report)


def _view(request: Request, shown: Console, ruleset: Ruleset, sources: Sequence[Source]) -> View:
    from sentinel.console import hits, times, views

    zone = times.zone_named(request.settings.timezone)
    if request.view == "timeline":
        return views.TimelineView(shown, ruleset, zone)
    if not request.for_programs:
        return views.GroupsView(shown, ruleset, zone, request.by)
    make: dict[str, Any] = {"ndjson": views.NdjsonView, "json": views.JsonView, "csv": views.CsvView}
    view: View = make[request.view](shown.file.buffer, hits.Rows(ruleset, sources))  # type: ignore[attr-defined]
    return view


def _scanned(
    request: Request,
    sources: list[Source],
    ruleset: Ruleset,
    left_out: int,
    view: View,
    progress: Console | None,
) -> Summary:
    """Scan, hand hits to the view as they are found, and give the account; what archives hold joins the sources."""
    from sentinel import pipeline
    from sentinel.console import times
    from sentinel.console.progress import ProgressLine, scanning
    from sentinel.console.tally import Tally
    from sentinel.inputs.workers import Interrupted, Stop
    from sentinel.normalise.times import Clock

    tally, stop = Tally(sources, ruleset, left_out, request.window), Stop()
    total = total_of(sources) if progress else None
    line = ProgressLine(progress, total)
    gc.freeze()  # rules and modules stay to the end: no search for circles need look at them
    with interruptible(stop), fault_log(request.faults, sources) as log:
        for found in pipeline.scan(
            tuple(sources),
            ruleset,
            now=request.now,
            clock=Clock(times.zone_named(request.settings.log_timezone or request.settings.timezone), request.now),
            evidence=request.needs_evidence,
            processes=request.settings.processes,
            stop=stop,
        ):
            if isinstance(found, Interrupted):
                tally.interrupted = True
                continue
            sources += found.sources
            log(found.faults)
            hits = tally.add(found)
            if hits:
                view.take(hits)
            line.tell(tally.bytes_read, scanning(tally.bytes_read, total, tally.events, tally.hits))
        line.close()
    return tally.summary(line.seconds)


def total_of(sources: Sequence[Source]) -> int | None:
    """Give how many bytes there are to read; None where a source is packed or has no end yet."""
    from sentinel.console.places import is_measured

    return sum(source.size for source in sources) if all(map(is_measured, sources)) else None


@contextmanager
def interruptible(stop: Stop) -> Iterator[None]:
    """Let the first Ctrl-C end the scan with what was found, and a second one end the program at once."""

    def ask(_signal: int, _frame: FrameType | None) -> None:
        stop.ask()
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def fault_log(path: Path | None, sources: Sequence[Source]) -> Iterator[Callable[[Sequence[Fault]], None]]:
    """Give what writes faults to a file, a JSON object a line; nothing where no file is asked for."""
    from sentinel.console.output import replacing

    if path is None:
        yield lambda _faults: None
        return
    with replacing(path) as stream:

        def write(faults: Sequence[Fault]) -> None:
            for fault in faults:
                place = {"path": sources[fault.source].path, "line": fault.line or None}
                told = {**place, "offset": fault.offset if fault.offset >= 0 else None, "message": fault.message}
                stream.write(json.dumps(told).encode() + b"\n")

        yield write


def _show_account(request: Request, summary: Summary, console: Console) -> None:
    from sentinel.console import summary as account
    from sentinel.console.theme import put

    if request.files:
        put(console, "", *account.files_table(summary.listed, console.width))
    if not request.quiet:
        put(console, "", *account.summary_lines(summary, console.width, every_lack=request.verbose))


def exit_code(summary: Summary, fail_on: Level | None) -> int:
    """Give how a scan ended; the highest that applies wins."""
    if summary.unread and not summary.read:
        return ExitCode.WRONG
    ended = [ExitCode.DONE]
    if fail_on is not None and summary.gravest is not None and summary.gravest >= fail_on:
        ended.append(ExitCode.FOUND)
    if summary.fault_count:
        ended.append(ExitCode.PARTLY)
    if summary.interrupted:
        ended.append(ExitCode.INTERRUPTED)
    return max(ended)
