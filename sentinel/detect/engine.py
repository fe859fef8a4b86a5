"""Evaluates a rule set on batches: rules against distinct values, not against events.

For each kind of event the rules are partially evaluated once, on what the kind fixes (channel, provider, event code):
most rules drop out, and the fields of the rest are what readers need to supply. A batch's columns are encoded as
distinct values, all atoms of a field are answered in one pass over them, and only the rules that an answered atom
could make true are evaluated, as boolean algebra over rows.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pyarrow as pa

from sentinel.detect.columns import Column, encode, encode_sparse
from sentinel.detect.formula import KindPlan, Planner
from sentinel.detect.literals import required_literal
from sentinel.detect.match import FieldMatcher
from sentinel.detect.plan import KEYWORD, VariantIndex, atoms_of
from sentinel.detect.watch import Watch
from sentinel.model.batch import WINDOWS, column_of
from sentinel.model.datasets import dataset_of, decoded_fields

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    import numpy.typing as npt

    from sentinel.detect.plan import Atom, Node, Ruleset, Variant
    from sentinel.model.batch import EventBatch, EventKind

    Rows: TypeAlias = npt.NDArray[np.bool_] | bool


_MOST_PLANS = 16384
"""Kinds are told apart by what records say of themselves; no input decides how many plans are kept."""


class Engine:
    """A rule set, ready for batches."""

    def __init__(self, ruleset: Ruleset, values_of: Callable[[EventBatch, int], list[str]]) -> None:
        """Index the rules; `values_of` gives all texts of a row's event, for keywords without a field."""
        self.ruleset = ruleset
        self._values_of = values_of
        self._variants = VariantIndex(ruleset.variants)
        self._atoms_by_field: dict[str, dict[int, Atom]] = defaultdict(dict)
        for number, atom in enumerate(ruleset.atoms):
            self._atoms_by_field[atom.field][number] = atom
        self._datasets = _datasets(ruleset.variants)
        anywhere = [each.node for each in ruleset.variants if not (each.channels or each.datasets)]
        everywhere = frozenset[int]().union(*map(atoms_of, anywhere))
        self._keywords = self._atoms_by_field[KEYWORD]
        self._everywhere = everywhere & self._keywords.keys()
        self._watch = Watch(self._keywords[number] for number in sorted(self._everywhere))
        self._matchers: dict[str, FieldMatcher] = {}
        self._planner = Planner(ruleset.atoms, self._matcher)
        self._plans: dict[EventKind, KindPlan] = {}
        self._kind_watches: dict[EventKind, Watch] = {}
        self.seen: dict[EventKind, set[str]] = {}
        """The fields, of those that rules ask for, that had a value in any event of a kind."""

    def wanted(self, kind: EventKind) -> tuple[str, ...] | None:
        """Name the native fields that the rules ask of a kind; None where no rule looks at it."""
        plan = self.plan(kind)
        return plan.fields if plan.rules else None

    def needs_whole(self, kind: EventKind) -> bool:
        """Tell whether rules for this kind look for keywords that readers do not watch for."""
        if not kind.is_windows:
            return self.plan(kind).has_keywords
        return not self._keywords_of(kind) <= self._everywhere

    def keywords(self, kind: EventKind) -> tuple[str, ...]:
        """Give texts of which one stands in every event of a kind that a rule could hit by a keyword, in any case.

        "" among them means that any event may be hit.
        """
        return tuple({required_literal(self._keywords[number]) for number in self._keywords_of(kind)})

    def asks(self, dataset: str) -> bool:
        """Tell whether any rule looks at a dataset, or at some events of it."""
        return dataset in self._datasets or (WINDOWS in self._datasets and dataset.startswith(WINDOWS))

    def touched(self, records: Sequence[bytes], joined: bytes = b"") -> list[int]:
        """Give the indices of the raw records that may hold a keyword of a rule for any log."""
        return self._watch.touched(records, joined)

    def plan(self, kind: EventKind) -> KindPlan:
        """Give the rules that can hit events of a kind, partially evaluated."""
        plan = self._plans.get(kind)
        if plan is None:
            if len(self._plans) >= _MOST_PLANS:
                self._plans.clear()
                self._kind_watches.clear()
            plan = self._plans[kind] = self._planner.plan(kind, self._variants.admitting(kind))
            if len(self.seen) < _MOST_PLANS:
                self.seen.setdefault(kind, set())
        return plan

    def _matcher(self, field: str) -> FieldMatcher:
        matcher = self._matchers.get(field)
        if matcher is None:
            matcher = self._matchers[field] = FieldMatcher(self._atoms_by_field[field])
        return matcher

    def hits(self, batch: EventBatch) -> Iterator[tuple[int, list[int]]]:
        """Give, for every rule that hits events of the batch, the rule's number and the rows, rising."""
        plan = self.plan(batch.kind)
        evaluation = _Evaluation(plan, self.ruleset.atoms, len(batch))
        seen = self.seen.get(batch.kind, set())
        names = frozenset(batch.columns.schema.names)
        for field in plan.fields:
            name = column_of(field, batch.kind.dataset)
            column = encode(batch.columns.column(name)) if name in names else Column.absent(len(batch))
            if len(column.values):
                seen.add(field)
            evaluation.answer(field, column, self._matcher(field))
        if plan.has_keywords:
            self._answer_keywords(batch, evaluation)
        by_rule: dict[int, npt.NDArray[np.bool_]] = {}
        for rule, hit in evaluation.run():
            by_rule[rule] = by_rule[rule] | hit if rule in by_rule else hit
        for rule, hit in by_rule.items():
            yield rule, np.flatnonzero(hit).tolist()

    def _answer_keywords(self, batch: EventBatch, evaluation: _Evaluation) -> None:
        matcher = self._matcher(KEYWORD)
        if batch.raws:
            rows = self._rows_with_keywords(batch)
            if rows:
                texts = [self._values_of(batch, row) for row in rows]
                evaluation.answer(KEYWORD, encode_sparse(rows, texts, len(batch)), matcher)
            return
        watch = self._watch_of(batch.kind) if batch.searched else self._watch
        for name in batch.searched:
            column = encode(batch.columns.column(name))
            touched = watch.touched_values(column.values)
            if len(touched):
                evaluation.answer_keywords(column, matcher, touched)

    def _rows_with_keywords(self, batch: EventBatch) -> list[int]:
        """Give the rows that may hold a keyword of a rule for this kind.

        Readers of Windows events watch for the keywords of rules that look everywhere. Those of rules for one channel,
        of which there are few events, and those for other datasets are looked for here.
        """
        watch = self._watch_of(batch.kind)
        if batch.kind.is_windows and watch is self._watch:
            return batch.watched
        return watch.touched(_raws_and_decoded(batch))

    def _watch_of(self, kind: EventKind) -> Watch:
        """Give what watches for the keywords of the rules for a kind, or for more."""
        asked = self._keywords_of(kind)
        if kind.is_windows and asked <= self._everywhere:
            return self._watch
        watch = self._kind_watches.get(kind)
        if watch is None:
            watch = self._kind_watches[kind] = Watch(self._keywords[number] for number in sorted(asked))
        return watch

    def _keywords_of(self, kind: EventKind) -> frozenset[int]:
        return self.plan(kind).atoms & self._keywords.keys()


def _datasets(variants: Iterable[Variant]) -> frozenset[str]:
    """Name the datasets that variants look at; WINDOWS stands for all of Windows."""
    named: set[str] = set()
    for each in variants:
        named.update(each.datasets or (map(dataset_of, each.channels) if each.channels else (WINDOWS,)))
    return frozenset(named)


def _raws_and_decoded(batch: EventBatch) -> list[bytes]:
    """Give the raw records, each with those texts of the event behind it that stand in it in another form only."""
    names = decoded_fields(batch.kind.dataset)
    if not names or batch.records is None:
        return batch.raws
    raws = list(batch.raws)
    for name in names:
        for row, record in enumerate(batch.records):
            value = record.get(name)
            if type(value) is list:
                value = "\n".join(text for text in value if type(text) is str)
            if type(value) is str and (text := value.encode("utf-8", "surrogatepass")) not in raws[row]:
                raws[row] += b"\n" + text
    return raws


class _Evaluation:
    """One batch's answers, and the rules evaluated on them."""

    def __init__(self, plan: KindPlan, atoms: tuple[Atom, ...], size: int) -> None:
        self._plan = plan
        self._atoms = atoms
        self._size = size
        self._columns: dict[str, Column] = {}
        self._found: dict[int, tuple[Column, npt.NDArray[np.intp]]] = {}
        self._rows: dict[int, Rows] = {}
        self._answered: set[int] = set()

    def answer(self, field: str, column: Column, matcher: FieldMatcher) -> None:
        """Answer all atoms of a field."""
        self._columns[field] = column
        if len(column.values):
            found = matcher.match(column.values, self._plan.atoms, ascii_only=column.ascii_only)
            self._found |= {number: (column, codes) for number, codes in found.items()}
        for number, op in self._plan.presence.get(field, ()):
            rows = column.null if op == "null" else ~column.null
            self._rows[number] = rows if rows.any() else False

    def answer_keywords(self, column: Column, matcher: FieldMatcher, touched: npt.NDArray[np.intp]) -> None:
        """Answer all atoms without a field on one column of the event; of its values only the touched can matter."""
        values = column.values.take(pa.array(touched))
        found = matcher.match(values, self._plan.atoms, ascii_only=column.ascii_only)
        for number, codes in found.items():
            rows = column.rows_with(touched[codes])
            before = self._rows.get(number, False)
            self._rows[number] = rows if before is False else before | rows

    def run(self) -> Iterator[tuple[int, npt.NDArray[np.bool_]]]:
        """Give the rules that hit, by number, with their rows."""
        prompted = set(self._plan.unprompted)
        self._answered = self._found.keys() | {number for number, rows in self._rows.items() if rows is not False}
        for number in self._answered:
            prompted.update(self._plan.prompts.get(number, ()))
        for index in sorted(prompted):
            rule, node = self._plan.rules[index]
            rows = self._evaluate(node)
            if rows is True:
                yield rule, np.ones(self._size, np.bool_)
            elif rows is not False and rows.any():
                yield rule, rows

    def _evaluate(self, node: Node) -> Rows:
        if isinstance(node, bool):
            return node
        if isinstance(node, int):
            return self._atom(node)
        return _ALGEBRA[node[0]](self, node)

    def _atom(self, number: int) -> Rows:
        rows = self._rows.get(number)
        if rows is None:
            found = self._found.get(number)
            if found is not None:
                rows = found[0].rows_with(found[1])
            elif self._atoms[number].op == "fieldref":
                rows = self._compared(self._atoms[number])
            else:
                rows = False
            self._rows[number] = rows
        return rows

    def _compared(self, atom: Atom) -> Rows:
        """Compare two fields row by row, ignoring case."""
        other, relation = atom.value
        compare = _RELATIONS[relation]
        pairs = zip(self._columns[atom.field].texts(), self._columns[other].texts(), strict=True)
        rows = np.fromiter(
            (any(compare(one.lower(), two.lower()) for one in left for two in right) for left, right in pairs),
            np.bool_,
            self._size,
        )
        return rows if rows.any() else False

    def _all(self, node: Node) -> Rows:
        rows: Rows = True
        for each in node[1:]:
            found = self._evaluate(each)
            if found is False:
                return False
            if found is not True:
                rows = found if rows is True else rows & found
                if not rows.any():
                    return False
        return rows

    def _any(self, node: Node) -> Rows:
        rows: Rows = False
        for number in node[1] & self._answered:
            found = self._atom(number)
            rows = found if rows is False else rows | found
        for each in node[2:]:
            found = self._evaluate(each)
            if found is True:
                return True
            if found is not False:
                rows = found if rows is False else rows | found
        return rows

    def _not(self, node: Node) -> Rows:
        found = self._evaluate(node[1])
        return not found if isinstance(found, bool) else ~found


_ALGEBRA = {"and": _Evaluation._all, "any": _Evaluation._any, "not": _Evaluation._not}  # noqa: SLF001 - its own table
_RELATIONS: dict[str, Callable[[str, str], bool]] = {
    "eq": str.__eq__,
    "startswith": str.startswith,
    "endswith": str.endswith,
    "contains": str.__contains__,
}
