"""The report as one page of HTML that asks nothing of anybody.

The page's policy (CSP level 3) lets it load nothing and run only the one script and style sheet whose hashes it names.
Whatever comes from logs and rules is text: escaped here by `tag`, and set as text by the script. Without scripts the
page shows everything but the filters, and the first hits.
"""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sentinel import __version__, language
from sentinel.console import report_sections as sections
from sentinel.console.numbers import number
from sentinel.console.report_data import report_json
from sentinel.console.report_hits import hits_section
from sentinel.console.report_markup import Html, harmless, html, joined, tag
from sentinel.console.theme import LEVELS
from sentinel.console.times import shown
from sentinel.language import _

if TYPE_CHECKING:
    from sentinel.console.report import Report

_ASSETS: Final = Path(__file__).parent / "assets"
_TITLED: Final = 3
"""Paths that the title names."""


def still_page(title: str, header: Html, main: Html) -> str:
    """Give a page without scripts, which loads nothing and runs nothing."""
    style = _asset("report.css")
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=policy(style, "")),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("title", title),
        tag("style", Html(style)),
    )
    body = tag("body", header, main, tag("footer", _("Made by Sentinel {version}.").format(version=__version__)))
    return f'<!doctype html>\n<html lang="{language.current()}">{head}\n{body}</html>\n'


def page(report: Report) -> bytes:
    """Give the whole page, UTF-8."""
    style, script = _asset("report.css"), _asset("report.js")
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=policy(style, script)),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("title", _("Scan report") + f": {_asked(report)}"),
        tag("style", Html(style)),
    )
    body = tag(
        "body",
        tag("a", _("To the hits"), cls="skip", href="#hits"),
        _header(report),
        tag(
            "main",
            sections.notices(report),
            sections.over_time(report),
            sections.tactics_section(report),
            sections.hosts_section(report),
            sections.rules_section(report),
            hits_section(report),
            sections.account_section(report),
        ),
        tag("footer", _("Made by Sentinel {version}.").format(version=__version__)),
    )
    begin = f'<!doctype html>\n<html lang="{language.current()}">{head}\n{body.removesuffix("</body>")}'
    data = report_json(report)
    return b"".join(
        (
            begin.encode(),
            b'<script type="application/json" id="report">',
            data,
            b"</script>\n<script>",
            script.encode(),
            b"</script></body></html>\n",
        )
    )


def policy(style: str, script: str) -> str:
    """Give the page's content security policy: nothing but this style sheet and this script."""
    return (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return "sha256-" + b64encode(sha256(text.encode()).digest()).decode()


def _asset(name: str) -> str:
    return (_ASSETS / name).read_text(encoding="utf-8")


def _asked(report: Report) -> str:
    named = ", ".join(report.asked[:_TITLED])
    return named if len(report.asked) <= _TITLED else f"{named}, …"


def _header(report: Report) -> Html:
    first, last = report.span
    span = "" if first is None else f"{shown(first, report.zone)} – {shown(last, report.zone)}"
    numbers = [
        _number(count, _(LEVELS[level].label), f"l{level}") for level, count in report.summary.hits.items() if count
    ]
    facts = [
        _number(report.summary.events, _("events")),
        _number(report.summary.read, _("files")),
        _number(len(report.by_host), _("hosts")),
        _number(len(report.by_rule), _("rules that hit")),
    ]
    return tag(
        "header",
        tag("h1", _("Scan report")),
        tag("p", harmless(_asked(report)), cls="asked"),
        tag(
            "p",
            _("Made {time}").format(time=shown(report.made, report.zone)),
            joined([" · ", _("hits from {span}").format(span=span)]) if span else None,
            html(" · "),
            _("times are those of {zone}").format(zone=report.zone.key),
            cls="faint",
        ),
        tag("ul", *(numbers or [_number(0, _("hits"))]), *facts, cls="numbers"),
    )


def _number(count: int, label: str, level: str = "") -> Html:
    return tag("li", tag("b", number(count)), tag("span", label), cls=f"number {level}".strip())
