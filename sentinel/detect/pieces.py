"""What each rule file compiled to, and how they become a rule set.

Rules share atoms, so a set is numbered as a whole; files change one by one. What a file compiled to is kept with
numbers of its own, and joining the pieces of a set costs a tenth of compiling them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sentinel.detect.plan import Atom, Rejection, Rule, Ruleset, Variant, renumbered
from sentinel.language import _

if TYPE_CHECKING:
    from collections.abc import Iterable


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """A rule of a file, the atoms that it asks and its variants, whose formulas number these; or why there is none.

    Of a rule, `rejection` tells where it stands, for when a set has no place for it. Paths are "" here.
    """

    rejection: Rejection
    rule: Rule | None = None
    atoms: tuple[Atom, ...] = ()
    variants: tuple[Variant, ...] = ()


class Piece(msgspec.Struct, frozen=True, array_like=True):
    """What a file compiled to, in its order."""

    entries: tuple[Entry, ...]


def joined(pieces: Iterable[tuple[str, Piece]]) -> Ruleset:
    """Give the rule set of files, each a path and its piece; of two rules with one id, the first is taken."""
    joining = _Joining()
    for path, piece in pieces:
        for entry in piece.entries:
            joining.add(path, entry)
    return joining.ruleset()


class _Joining:
    def __init__(self) -> None:
        self._rules: list[Rule] = []
        self._numbers: dict[Atom, int] = {}
        self._variants: list[Variant] = []
        self._rejections: list[Rejection] = []
        self._first: dict[str, str] = {}

    def add(self, path: str, entry: Entry) -> None:
        rule = entry.rule
        if rule is None:
            self._rejections.append(msgspec.structs.replace(entry.rejection, path=path))
        elif rule.id in self._first:
            reason = _("the same id as {path}, which is taken").format(path=self._first[rule.id])
            self._rejections.append(msgspec.structs.replace(entry.rejection, path=path, reason=reason))
        else:
            if rule.id:
                self._first[rule.id] = path
            self._take(msgspec.structs.replace(rule, path=path), entry)

    def _take(self, rule: Rule, entry: Entry) -> None:
        numbers = [self._numbers.setdefault(atom, len(self._numbers)) for atom in entry.atoms]
        for each in entry.variants:
            node = renumbered(each.node, numbers)
            self._variants.append(
                Variant.of(len(self._rules), each.channels, each.providers, each.codes, node, each.datasets)
            )
        self._rules.append(rule)

    def ruleset(self) -> Ruleset:
        return Ruleset(tuple(self._rules), tuple(self._numbers), tuple(self._variants), tuple(self._rejections))
