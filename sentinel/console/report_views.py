"""The views that make reports: beside another view, or in its stead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sentinel.console.report import Report
    from sentinel.console.report_collect import Collector
    from sentinel.console.tally import Summary
    from sentinel.console.views import View
    from sentinel.model.hit import Hit


def page(report: Report) -> bytes:
    """Give a report as a page of HTML."""
    from sentinel.console import report_html

    return report_html.page(report)


def ticket(report: Report) -> bytes:
    """Give a report as Markdown."""
    from sentinel.console import markdown

    return markdown.markdown(report).encode("utf-8", "backslashreplace")


@dataclass(frozen=True, slots=True)
class ReportView:
    """One report, collected while hits are found and at the end written in every form asked for.

    `asked` are the paths as they were given, `made` the time of the report in nanoseconds since 1970, UTC.
    """

    collector: Collector
    asked: Sequence[str]
    made: int
    forms: Sequence[tuple[IO[bytes], Callable[[Report], bytes]]]

    def take(self, hits: Iterable[Hit]) -> None:
        """Collect hits."""
        self.collector.take(hits)

    def end(self, summary: Summary) -> None:
        """Write the report."""
        report = self.collector.report(summary, self.asked, self.made)
        for stream, form in self.forms:
            stream.write(form(report))


class Views:
    """Several views of the same hits."""

    def __init__(self, *views: View) -> None:
        """Show to each, in this order."""
        self._views = views

    def take(self, hits: Iterable[Hit]) -> None:
        """Let every view take hits."""
        hits = tuple(hits)
        for view in self._views:
            view.take(hits)

    def end(self, summary: Summary) -> None:
        """Let every view end."""
        for view in self._views:
            view.end(summary)
