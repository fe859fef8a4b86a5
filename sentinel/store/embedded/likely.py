"""Where a query may find something: columns of a unit, and groups of rows that the file beside it does not rule out.

What is told here is told of all groups of a unit at once, before any is read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from ipaddress import IPv6Address
from typing import TYPE_CHECKING, Final, TypeAlias

from sentinel.model.ecs import OVERFLOW
from sentinel.model.field import FieldType
from sentinel.store.embedded import typed
from sentinel.store.embedded.folding import skeleton
from sentinel.store.embedded.held import Form
from sentinel.store.embedded.texts import beginning
from sentinel.store.embedded.unit import KIND
from sentinel.store.query.bounds import address, address_text
from sentinel.store.query.columns import asks, fits, of_column
from sentinel.store.query.text import pieces
from sentinel.store.query.tree import ANY_FIELD, And, Contains, Equals, Leaf, Like, Matches, Or, Within

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sentinel.store.embedded.folding import Array
    from sentinel.store.embedded.groups import Source
    from sentinel.store.embedded.unit import Unit
    from sentinel.store.query.tree import Network, Node

    Groups: TypeAlias = bool | Array
    """A truth for each group of a unit, or one for all."""
    Ways: TypeAlias = tuple[tuple[Form, tuple[str, ...]], ...]
    """Texts of which a value that is sought holds all; of the ways in which it may be, one."""

_INNER: Final = frozenset({OVERFLOW, KIND})
_TWO_OCTETS: Final = 16
_FEW_BITS: Final = 4
_NUMBER: Final = re.compile(r"[-0-9]*")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a column, and which groups may hold it."""

    leaf: Leaf
    column: str
    kind: FieldType
    groups: Groups


@dataclass(frozen=True, slots=True)
class Plan:
    """The columns that a leaf asks, and which groups may hold it as what did not fit a column's type."""

    columns: tuple[Asked, ...]
    overflow: Groups

    def groups(self) -> Groups:
        """Tell which groups may hold the leaf."""
        return _joined((self.overflow, *(asked.groups for asked in self.columns)), settled=True)


@dataclass(frozen=True, slots=True)
class _Sought:
    """What a leaf asks of any column of a name and type; `unnamed` is the same of all that are asked the same."""

    leaf: Leaf
    unnamed: Leaf
    column: str
    kind: FieldType
    ways: Ways


def plan(leaf: Leaf, source: Source) -> Plan:
    """Tell what to ask of a unit."""
    asked = _asked(leaf, source.unit)
    many = len(asked) > 1
    columns = [
        Asked(one.leaf, one.column, one.kind, _groups(source, one.column, one.ways, many=many))
        for one in asked
        if one.kind is not FieldType.LONG or _may_be_number(one.leaf)
    ]
    kept = tuple(each for each in columns if each.groups is not False)
    if OVERFLOW not in source.unit.columns:
        return Plan(kept, overflow=False)
    # In long texts words are sought, and those may stand here too: never whole values alone.
    ways = tuple((Form.PART if form is Form.WHOLE else form, texts) for form, texts in _ways(leaf, FieldType.KEYWORD))
    return Plan(kept, _groups(source, OVERFLOW, ways, many=False))


def _asked(leaf: Leaf, unit: Unit) -> Sequence[_Sought]:
    """Give what each column of a leaf's field is asked; of those that are the same, one."""
    columns = unit.columns
    if "*" in leaf.field or leaf.field == ANY_FIELD:
        names = [name for name in columns if name not in _INNER]
    else:
        names = [leaf.field] if leaf.field in columns and leaf.field not in _INNER else []
    found = [one for name in names if (one := _of_column(leaf, name, columns[name])) is not None]
    roots = unit.aliases
    return list({(roots.get(one.column, one.column), one.kind, one.unnamed): one for one in found}.values())


@lru_cache(maxsize=1 << 13)
def _of_column(leaf: Leaf, column: str, of: str) -> _Sought | None:
    """Give what a leaf asks of a column, by name and type: many units have the same ones."""
    kind = typed.kind_of(column, of)
    if not fits(leaf.field, column) or not asks(leaf, column, kind):
        return None
    own = of_column(leaf, column)
    return _Sought(own, replace(own, field=""), column, kind, _ways(own, kind))


def _groups(source: Source, column: str, ways: Ways, *, many: bool) -> Groups:
    held = source.held
    if held is None:
        return bool(ways)
    root = source.unit.aliases.get(column, column)
    return _joined((held.groups_with(root, texts, form=form, many=many) for form, texts in ways), settled=True)


def likely(node: Node, source: Source, plans: dict[Leaf, Plan]) -> Groups:
    """Tell which groups of a unit may have rows that match; `plans` keeps what was found of leaves."""
    if isinstance(node, And | Or):
        return _joined((likely(each, source, plans) for each in node.nodes), settled=isinstance(node, Or))
    if not isinstance(node, Leaf):
        return True
    if node not in plans:
        plans[node] = plan(node, source)
    return plans[node].groups()


def in_group(groups: Groups, number: int) -> bool:
    """Tell what is told of one group."""
    return groups if isinstance(groups, bool) else bool(groups[number])


def _joined(each: Iterable[Groups], *, settled: bool) -> Groups:
    """Join truths by `or`, which one that is true settles, or by `and`, which one that is false settles."""
    joined: Groups = not settled
    for one in each:
        if isinstance(one, bool):
            if one is settled:
                return settled
        elif isinstance(joined, bool):
            joined = one
        else:
            joined = joined | one if settled else joined & one
    if isinstance(joined, bool) or joined.any():
        return joined
    return False


def sought(leaf: Leaf, kind: FieldType) -> tuple[str, ...]:
    """Give texts that a value must hold for a leaf to hold for it."""
    if isinstance(leaf, Contains) or (isinstance(leaf, Equals) and kind is FieldType.KEYWORD):
        return (leaf.text,)
    if isinstance(leaf, Like):
        return tuple(part for part in pieces(leaf.pattern) if isinstance(part, str))
    return literals(leaf.expression) if isinstance(leaf, Matches) else ()


_UNCLEAR: Final = re.compile(r"[|(]|\\[^.\\/_ :-]")
_RUN: Final = re.compile(r"\[(?:\\.|[^\]])*\]|\\.|([A-Za-z0-9_ \-/,:;=@%&#!~'\"<>]+)|(?s:.)")
_REPEATED: Final = frozenset("?*{")


def literals(expression: str) -> tuple[str, ...]:
    """Give some texts that whatever matches a regular expression must hold; none where that is not plain to see."""
    if _UNCLEAR.search(expression) or "[[" in expression or "[]" in expression or "[^]" in expression:
        return ()
    found: list[str] = []
    for run in _RUN.finditer(expression):
        text = run[1] or ""
        if expression[run.end() : run.end() + 1] in _REPEATED:
            text = text[:-1]
        found.append(text)
    return tuple(text for text in found if text and "{" not in expression)


def _may_be_number(leaf: Leaf) -> bool:
    """Tell whether a text that stands in a decimal number may be what is sought."""
    return all(_NUMBER.fullmatch(skeleton(text)) for text in sought(leaf, FieldType.LONG))


def _ways(leaf: Leaf, kind: FieldType) -> Ways:
    """Give the ways in which a value may be what is sought: texts that it then holds, all of them."""
    if isinstance(leaf, Within):
        return _in_network(leaf.network)
    form = Form.WHOLE if isinstance(leaf, Equals) else Form.PART
    if kind is not FieldType.IP or not isinstance(leaf, Equals):
        return ((form, sought(leaf, kind)),)
    number = address(leaf.text)
    return () if number is None else ((form, (address_text(number),)), (form, (str(IPv6Address(number)),)))


def _in_network(network: Network) -> Ways:
    """Give what addresses of a network hold: whole octets, or what all have that are IPv6's of an IPv4 address."""
    ways = tuple((Form.BEGINNING, (beginning(part),)) for part in _of_whole_octets(network) if beginning(part))
    return (*ways, (Form.PART, ("ffff:",))) if ways else ((Form.PART, ()),)


def _of_whole_octets(network: Network) -> Iterable[Network]:
    """Part a network of IPv4 into those of two whole octets, where it is few of them."""
    few = network.version == 4 and _TWO_OCTETS - _FEW_BITS <= network.prefixlen < _TWO_OCTETS  # noqa: PLR2004 - of IP
    return network.subnets(new_prefix=_TWO_OCTETS) if few else (network,)
