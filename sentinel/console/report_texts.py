"""The words that the page's script shows, in the reader's language."""

from __future__ import annotations

from sentinel.console.theme import LEVELS
from sentinel.language import _, later

# What the script asks for → the text; `{…}` is filled in by the script.
_WORDS = {
    "shown": later("{shown} of {total} hits"),
    "page": later("Hits {first} to {last} of {shown}"),
    "none": later("No hit passes the filters."),
    "unlisted": later("Filters see the {listed} hits listed of {total}: of each rule the earliest."),
    "no_time": later("no time"),
    "bad_time": later("not a time: write 2026-11-20 or 2026-11-20 10:14"),
    "no_host": later("(not told)"),
    "no_evidence": later(
        "Evidence is kept of each rule's first {count} hits as space allows; for this one see the file."
    ),
    "matched": later("matched"),
    "id": later("id"),
    "log_source": later("looks at"),
    "falsepositives": later("false positives"),
    "references": later("references"),
    "author": later("author"),
    "place": later("place"),
    "at": later("{path} (at {offset})"),
    "event_id": later("event id"),
    "user": later("user"),
    "kind": later("kind"),
    "techniques": "ATT&CK",
    "previous": later("Previous"),
    "next": later("Next"),
    "chart": later("Click or drag over the bars to see the hits of that time; with arrow keys, Shift and Enter too."),
    "bar": later("{from} to {to}: {count}"),
}


def word(name: str, **values: str) -> str:
    """Give a word as the script would show it."""
    return _(_WORDS[name]).format(**values)


def script_texts() -> dict[str, str | list[str]]:
    """Give the words by the names that the script knows; `levels` from informational to critical."""
    return {
        **{name: _(text) for name, text in _WORDS.items()},
        "levels": [_(LEVELS[level].label) for level in sorted(LEVELS)],
    }
