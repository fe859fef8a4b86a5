r"""The tree of a query, and what it means.

`parse` gives a tree, every store compiles it, and what follows is what all of them answer.

**Fields and values.** A field is a column of the event by its exact name; `*` in it stands for any characters, and the
field is then every column that fits. A column has no value (missing, null, an empty list), one, or a list of them; what
did not fit the column's type stands in `_overflow` and is one more value of the column, as text. A node holds for an
event where it holds for *any* value of any of its columns. A field that is missing matches nothing, so `Not` of it
matches. The field `""` is every column. `_overflow` is no field of its own.

**Text** (keyword columns, and every overflow value) is compared without regard to case and to Unicode's composed or
decomposed forms: both sides are brought to NFC and then each character to its simple lower case (UnicodeData.txt, field
13; as `lower()` of DuckDB and the `lowercase` normalizer of Elasticsearch do; `ß` stays apart from `ss`). Where the
query ignores accents, both sides are first taken apart (NFD), lose their marks (categories Mn, Mc, Me) and are put
together again (NFC), and đ, Đ become d, D. Characters are code points of that form.

**Typed columns.** long, ip, date and boolean columns compare as numbers, addresses, instants and truth:

- long: a decimal integer, or hexadecimal after `0x`;
- ip: an address; every address is one of IPv6, IPv4 being `::ffff:0:0/96` of it, in `Range` and `Within` too;
- date: a time with as much precision as one likes, or date maths from `now`; see `bounds`. It stands for all the
  instants it leaves open: `2026-11-20` is that whole day, in the zone of the question where it names no offset;
- boolean: `true` or `false`.

A text that cannot be read so equals no typed value; it may still equal an overflow value.

**Nodes.**

- `Everything`: every event.
- `Equals`: the value is the text; of typed columns, the typed value lies in what the text stands for.
- `Contains`: the text stands somewhere in the value.
- `Like`: the whole value fits the pattern; `*` is any characters, `?` exactly one, after `\` each is itself.
- `Matches`: the whole value matches the expression, as in Lucene; RE2's syntax, ignoring case, `.` is any character.
  The value is brought to NFC, or loses its accents with those of the expression, but keeps its case.
- `Range`: a text lies between the bounds by code points of what is compared; a typed value by its type, above *all*
  that an excluded lower bound stands for, below all of an excluded upper one. A bound that cannot be read, and any
  bound of a boolean, matches no typed value. Overflow values of typed columns are in no range.
- `Within`: an address in the network: values of ip columns, and texts that are, as a whole, an address.
- `Exists`: there is a value, though it be "".
- `And`, `Or`, `Not`: of what events match, not of values.

`Contains`, `Like` and `Matches` see typed values by their canonical text: decimal digits; the address as `ipaddress`
writes it; `true`, `false`; `2026-11-20T03:14:03.000000000Z`. With the field `""` (free text) they see no dates and no
booleans: a time would hold any number, and nobody looks for `true`.

**Long texts.** In the fields of `TEXT_FIELDS` one looks for words: there `Equals` means `Contains`, and `Like` may
begin and end anywhere. `parse` gives these forms for fields named in full; `columns.of_column` gives them to columns
that a pattern found.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from typing import Final, TypeAlias

ANY_FIELD: Final = ""

# Fields in which one looks for words.
TEXT_FIELDS: Final = frozenset(
    {
        "error.message",
        "event.original",
        "event.reason",
        "message",
        "powershell.file.script_block_text",
        "process.command_line",
        "process.parent.command_line",
        "process.title",
        "rule.description",
        "url.full",
        "url.original",
        "url.query",
        "user_agent.original",
        "winlog.event_data.CommandLine",
        "winlog.event_data.ParentCommandLine",
        "winlog.event_data.ScriptBlockText",
        "winlog.logon.failure.reason",
    }
)

Network: TypeAlias = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Everything:
    """Every event."""


@dataclass(frozen=True, slots=True)
class Equals:
    """A value is the text, or lies in what the text stands for."""

    field: str
    text: str


@dataclass(frozen=True, slots=True)
class Contains:
    """The text stands somewhere in a value; with the field `""`, in any value: free text."""

    field: str
    text: str


@dataclass(frozen=True, slots=True)
class Like:
    r"""A value fits a pattern as a whole: `*`, `?`, and `\*`, `\?`, `\\` for these characters themselves."""

    field: str
    pattern: str


@dataclass(frozen=True, slots=True)
class Matches:
    """A value matches a regular expression (RE2's syntax) as a whole."""

    field: str
    expression: str


@dataclass(frozen=True, slots=True)
class Range:
    """A value lies between two bounds, of which None is none; at least one is given."""

    field: str
    low: str | None
    high: str | None
    low_included: bool = True
    high_included: bool = True


@dataclass(frozen=True, slots=True)
class Within:
    """A value is an address of the network; one of IPv4 mapped into IPv6 is given as IPv4."""

    field: str
    network: Network


@dataclass(frozen=True, slots=True)
class Exists:
    """There is a value."""

    field: str


@dataclass(frozen=True, slots=True)
class And:
    """All of two or more nodes hold, none of which is an And."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any of two or more nodes holds, none of which is an Or."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The node does not hold."""

    node: Node


Leaf: TypeAlias = Equals | Contains | Like | Matches | Range | Within | Exists
Node: TypeAlias = Everything | Leaf | And | Or | Not


@dataclass(frozen=True, slots=True)
class Query:
    """A tree and how its texts are compared; `accents` False ignores diacritics."""

    root: Node = Everything()
    accents: bool = True
