"""The tables that alerts are kept in, beside their histories.

What a history folds to stands in two rows: `alert` has what its sightings tell, and the alert's row among the subjects
of histories has what people's actions change (`ACTED`), so that these touch no more than the end of its chain does.
Names (rules, hosts, users, …) stand once in `word`; rows hold their numbers, so an entry of the two indexes that
questions walk is some fifty bytes, and a million of them are looked through in a tenth of a second. `word_text` finds
words by any part of them.
"""

from __future__ import annotations

from typing import Final

from sentinel.model.alert import Alert, Reason, State

WORDS: Final = (
    "rule", "title", "tags", "dataset", "code", "host", "user", "peer", "platform", "agency", "assignee", "changed_by",
    "suppression", "story_why", "pause_reason",
)  # fmt: skip
"""The fields of an alert that are numbers of words in its row."""

STATES: Final = tuple(State)
REASONS: Final = tuple(Reason)
"""Rows hold the places in these; never change their order."""

ACTED: Final = (
    "state", "assignee", "reason", "duplicate_of", "touched", "notes", "raised", "acknowledged_at", "closed_at",
    "changed_by", "paused_at", "paused_for", "pause_reason", "ack_due", "close_due", "suppression", "due",
)  # fmt: skip
"""What actions change: columns of the subject. The version is the number of its entries."""

COVERED: Final = (
    "level", "rule", "title", "tags", "dataset", "host", "user", "peer", "platform", "agency", "story",
)  # fmt: skip
"""What the two indexes hold that questions walk, besides rank, last and number: all that no action changes.

So an action touches small indexes only; what it changes is looked up in the rows that the rest lets through.
"""

SELECTIVE: Final = ("rule", "title", "host", "user", "peer", "platform", "agency")
SELECTIVE_ACTED: Final = ("assignee", "suppression", "state")
"""The columns with an index of their own."""

# In the order that alerts are made of: the fields of one, and the deadline that comes next.
COLUMNS: Final = (*Alert.__struct_fields__, "due")
OWN: Final = tuple(name for name in COLUMNS if name not in ACTED and name != "version")
"""The columns of `alert`."""
JOINED: Final = "cross join subject on subject.number = alert.number"
FROM: Final = f"from alert {JOINED}"
"""Both rows of an alert."""
SELECTED: Final = ", ".join(
    "subject.seq" if name == "version" else f'{"subject" if name in ACTED else "alert"}."{name}"' for name in COLUMNS
)
"""What is selected of both rows of an alert: `COLUMNS`."""

_TEXT: Final = frozenset({"id", "detail", "fingerprint", "duplicate_of"})
_MAYBE: Final = frozenset({"acknowledged_at", "closed_at", "paused_at", "ack_due", "close_due", "due", "reason"})


def _column(name: str) -> str:
    if name == "number":
        return '"number" integer primary key'
    kind = "text not null" if name in _TEXT else "integer" if name in _MAYBE else "integer not null"
    return f'"{name}" {kind}'


STATE: Final = tuple(_column(name).replace(" not null", "") for name in ACTED)
"""The definitions of `ACTED`: subjects that are no alerts have none of these."""


def _covering(name: str, *first: str) -> str:
    covered = ", ".join(f'"{column}"' for column in COVERED)
    return f"create index alert_{name} on alert({', '.join(first)}, {covered});"


_SIGHTING: Final = """create table sighting(
  number integer primary key, id blob unique not null, alert integer not null, event text not null, time integer,
  seen integer not null, evidence blob
);"""
_ENTITY: Final = """create table entity(
  kind integer not null, word integer not null, story integer not null, first integer not null, last integer not null,
  primary key(kind, word)
) without rowid;"""
_STORY: Final = """create table story(
  number integer primary key, rank integer not null, open integer not null, size integer not null,
  first integer not null, last integer not null
);"""

TABLES: Final = "\n".join(
    (
        f"create table alert({', '.join(_column(name) for name in OWN)});",
        "create unique index alert_by_id on alert(id);",
        _covering("by_rank", "rank desc", "last desc"),
        _covering("by_last", "last desc", "rank desc"),
        "create index subject_by_paused on subject(paused_at) where paused_at is not null;",
        "create index subject_by_due on subject(due) where due is not null;",
        *(f'create index alert_by_{name} on alert("{name}");' for name in SELECTIVE),
        "create index alert_by_story on alert(story, rank desc, last desc);",
        *(f'create index subject_by_{name} on subject("{name}");' for name in SELECTIVE_ACTED),
        _SIGHTING,
        "create index sighting_by_alert on sighting(alert, number);",
        "create table word(number integer primary key, text text unique not null, uses integer not null);",
        "create index word_by_case on word(text collate nocase);",
        "create virtual table word_text using fts5(folded, content='', tokenize='trigram');",
        _ENTITY,
        _STORY,
        "create index story_by_rank on story(rank desc, last desc) where open > 0;",
        "create table rule(word integer primary key, alerts integer not null);",
        "create table suppression(name text primary key, body blob not null, hits integer not null);",
        "",
    )
)
