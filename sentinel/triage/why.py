"""Why a rule fired: the items of the rule that are true of the event, and the values that they met."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final, TypeAlias

from sentinel.detect.explain import Explainer
from sentinel.detect.plan import ANY_CHARACTER, ANY_TEXT, VariantIndex, atoms_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sentinel.detect.plan import Atom, Ruleset
    from sentinel.model.batch import EventKind

    Text: TypeAlias = str | list[str]

_WILDCARDS: Final = frozenset({ANY_TEXT, ANY_CHARACTER})


class Standing(Enum):
    """What has become of the rule since it fired."""

    SAME = "same"
    CHANGED = "changed"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Met:
    """An item of a rule that is true: what it asks (`contains whoami`) of a field, and the values it met there."""

    field: str
    asked: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Why:
    """Why a rule fired: `fields` carry the hit.

    Of a rule that is gone, or no longer hits the event, nothing is told.
    """

    standing: Standing
    path: str = ""
    fields: tuple[str, ...] = ()
    items: tuple[Met, ...] = ()


def why(ruleset: Ruleset, rule: str, kind: EventKind, event: Mapping[str, Text]) -> Why:
    """Explain a hit of the rule with this id (its path where it has none); `event` maps native names to texts."""
    number = next((place for place, each in enumerate(ruleset.rules) if rule in {each.id, each.path}), None)
    if number is None:
        return Why(Standing.GONE)
    explainer, path = Explainer(ruleset), ruleset.rules[number].path
    fields = explainer.matched_fields(number, kind, event)
    if not fields:
        return Why(Standing.CHANGED, path)
    texts = {name: [value] if isinstance(value, str) else value for name, value in event.items()}
    items = dict.fromkeys(_items(ruleset, explainer, number, kind, texts, fields))
    return Why(Standing.SAME, path, fields, tuple(items))


def _items(  # noqa: PLR0913, PLR0917 - a rule, an event, and what is known of both
    ruleset: Ruleset,
    explainer: Explainer,
    rule: int,
    kind: EventKind,
    texts: Mapping[str, list[str]],
    fields: Sequence[str],
) -> Iterator[Met]:
    own = VariantIndex(each for each in ruleset.variants if each.rule == rule)
    for variant in own.admitting(kind):
        true = explainer.answers(variant, texts)
        for number in sorted(atoms_of(variant.node) & true.keys()):
            for name in sorted(true[number] & set(fields)):
                yield Met(name, _asked(ruleset.atoms[number]), tuple(texts.get(name, ())))


def _asked(atom: Atom) -> str:
    parts = "".join(part if part in _WILDCARDS else part[1:] for part in atom.value)
    return f"{atom.op} {parts if atom.op.startswith('glob') else ' '.join(atom.value)}".strip()
