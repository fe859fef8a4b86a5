"""A rule set cut to some of its rules, and the fields that rules ask of data in vain."""

from __future__ import annotations

from sentinel.detect.lacking import Lack, lacking
from sentinel.detect.plan import Atom, Rejection, Rule, Ruleset, Variant, selected
from sentinel.model.batch import EventKind


def a_rule(identity: str) -> Rule:
    return Rule(identity, identity, 2, "test", (), f"{identity}.yml", "")


ATOMS = (
    *(Atom(field, "eq", ("x",)) for field in ("Image", "User", "Hashes")),
    Atom("Image", "fieldref", ("ParentImage", "eq")),
)
RULES = Ruleset(
    (a_rule("a"), a_rule("b"), a_rule("c")),
    ATOMS,
    (
        Variant.of(0, ("sysmon",), (), ("1",), ["and", 0, ["not", 1]]),
        Variant.of(1, ("sysmon",), (), ("1", "5"), ["or", 2, True, 3]),
        Variant.of(2, (), (), (), 1),
        Variant.of(1, ("security",), (), ("4688",), 2),
    ),
    (Rejection("bad.yml", 1, "", "no", "", fault=True),),
)


def test_a_cut_rule_set_keeps_rules_variants_and_atoms_in_step() -> None:
    assert Ruleset(
        (a_rule("b"), a_rule("c")),
        (ATOMS[1], ATOMS[2], ATOMS[3]),
        (
            Variant.of(0, ("sysmon",), (), ("1", "5"), ["or", 1, True, 2]),
            Variant.of(1, (), (), (), 0),
            Variant.of(0, ("security",), (), ("4688",), 1),
        ),
        RULES.rejections,
    ) == selected(RULES, lambda rule: rule.id != "a")


def test_where_every_rule_is_kept_the_rule_set_is_the_same() -> None:
    assert RULES is selected(RULES, lambda _rule: True)


def test_where_no_rule_is_kept_nothing_is_left_but_the_rejections() -> None:
    assert Ruleset((), (), (), RULES.rejections) == selected(RULES, lambda _rule: False)


def test_what_is_lacking_is_counted_by_the_rules_that_ask_most_wanted_first() -> None:
    created = EventKind("windows.sysmon", "sysmon", "p", "1")
    untold = EventKind("windows.sysmon", "sysmon", "", "1")
    ended = EventKind("windows.sysmon", "sysmon", "p", "5")
    kinds = [
        (created, {"Image": True, "User": False, "Hashes": False, "ParentImage": False}),
        (untold, {"Image": False, "User": False}),
        (ended, {"Hashes": False, "User": True}),
    ]
    assert [
        Lack("windows.sysmon", "1", "User", 2),
        Lack("windows.sysmon", "1", "Hashes", 1),
        Lack("windows.sysmon", "1", "ParentImage", 1),
        Lack("windows.sysmon", "5", "Hashes", 1),
    ] == lacking(RULES, kinds)
