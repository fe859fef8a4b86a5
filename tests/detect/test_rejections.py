"""Every rule that is not compiled is named: its file and line, its title, why not, and what to do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.detect.builders import compiled, event, found, rule

if TYPE_CHECKING:
    from sentinel.detect.plan import Rejection

GOOD = rule("selection: {F: a}", head="title: a good rule\nid: 00000000-0000-4000-8000-000000000001")
HEAD = "title: a rule\nlogsource: {product: windows}\n"
LOOK_AROUND = "look-around and back-references are not supported, since they can be made to hang"


def refused(content: str | bytes) -> Rejection:
    """Give the only rejection of a file, beside which a good rule is compiled."""
    ruleset = compiled(content, GOOD)
    assert ["a good rule"] == [each.title for each in ruleset.rules]
    assert {0: [0]} == found(ruleset, [event(F="a"), event(F="b")])
    (rejection,) = ruleset.rejections
    assert "0.yml" == rejection.path
    return rejection


def detection(selection: str, condition: str = "selection") -> str:
    """Give a rule whose selection stands on line 6, and whose condition on line 4."""
    head = "title: a rule\nlogsource: {product: windows}\ndetection:\n"
    return f"{head}    condition: {condition}\n    selection:\n        {selection}\n"


@pytest.mark.parametrize(
    ("content", "line", "reason", "hint"),
    [
        (detection("F|containz: a"), 6, "Unknown modifier 'containz'", "did you mean 'contains'?"),
        (detection("F|zzz: a"), 6, "Unknown modifier 'zzz'", ""),
        (detection("F|contains|re: a"), 3, "Regular expression modifier only applicable to unmodified values", ""),
        (detection("F|contains: 46"), 6, "Modifier SigmaContainsModifier incompatible to value type of '46'", "quotes"),
        (detection("F|contains: null"), 6, "Modifier SigmaContainsModifier incompatible to value type of 'null'", ""),
        (detection("F: 2026-11-20"), 3, "Unsupported type: <class 'datetime.date'>", "quotes"),
        (detection("F: {a: b}"), 3, "Unsupported type: <class 'dict'>", ""),
        (
            detection("F|re: 'a(?=b)'"),
            6,
            "a regular expression that RE2 cannot run: invalid perl operator: (?=",
            LOOK_AROUND,
        ),
        (
            detection("F|re: 'a(?<!b)'"),
            6,
            "a regular expression that RE2 cannot run: invalid perl operator: (?<!",
            LOOK_AROUND,
        ),
        (
            detection(r"F|re: '(a)\1'"),
            6,
            r"a regular expression that RE2 cannot run: invalid escape sequence: \1",
            LOOK_AROUND,
        ),
        (
            detection("F|re: 'a{1001}'"),
            6,
            "a regular expression that RE2 cannot run: invalid repetition size: {1001}",
            "",
        ),
        (detection("F|re: '(ab'"), 6, "Regular expression '(ab' is invalid: missing ), unterminated subpattern", ""),
        (detection("F|re: 5"), 3, "a regular expression is text", "quotes"),
        (detection("F|cidr: 10.0.0.1/8"), 6, "Invalid CIDR expression: 10.0.0.1/8 has host bits set", ""),
        (detection("F|gt: much"), 6, "Modifier SigmaGreaterThanModifier incompatible to value type of 'much'", ""),
        (detection("F|expand: '%users%'"), 6, "a placeholder without values: %users%", "write them into the rule"),
        (detection("F|re|expand: 'a%users%'"), 6, "a placeholder without values: %users%", "write them into the rule"),
        (detection("F|fieldref: 'a*'"), 3, "Field references must not contain wildcards", ""),
        (detection("F|base64: 'a*'"), 3, "Base64 encoding of strings with wildcards is not allowed", ""),
        (detection("F|exists: maybe"), 6, "Modifier SigmaExistsModifier incompatible to value type of 'maybe'", ""),
        (detection("'|exists': true"), 3, "Exists modifier must be applied to field", ""),
        (detection("- '*'"), 3, "a keyword that is in every value", "write what to look for"),
        (detection("- null"), 3, "null is no keyword", "write the field"),
        (detection("'|fieldref': G"), 3, "`fieldref` compares a field; a keyword has none", ""),
        (detection("{}"), 3, "Detection is empty", ""),
        (detection("5: a"), 3, "not a Sigma rule: 'int' object has no attribute 'split'", ""),
        (detection("F: a", "selektion"), 4, "Detection 'selektion' not defined in detections", ""),
        (detection("F: a", "selection and"), 3, "Expected", ""),
        (detection("F: a", "1 of filter_*"), 4, "the condition asks for detections of which there is none", ""),
        (
            detection("F: a", "selection | count() > 5"),
            4,
            "The pipe syntax in Sigma conditions has been deprecated",
            "",
        ),
        (detection("F: a", ""), 4, "the detection has no condition", ""),
        (detection("F: a") + "level: hihg\n", 7, "'hihg' is not a valid Sigma rule level", ""),
        (detection("F: a") + "status: done\n", 7, "'done' is not a valid Sigma rule status", ""),
        (detection("F: a") + "date: soon\n", 7, "Rule date 'soon' is invalid", ""),
        (detection("F: a") + "id: mine\n", 7, "Sigma rule identifier must be an UUID", ""),
        (detection("F: a") + "tags: attack.t1003\n", 7, "Sigma tags fields must be a list", ""),
        (detection("F: a") + "references: 5\n", 7, "Sigma rule references must be a list", ""),
        (HEAD + "detection: [1]\n", 3, "Sigma detection must be a valid YAML map", ""),
        (HEAD + "detection: {condition: a}\n", 3, "No detections defined in Sigma rule", ""),
        (detection("F: a").removeprefix("title: a rule\n"), 2, "Sigma rule must have a title", ""),
        (detection("F: a").replace("{product: windows}", "windows"), 2, "Sigma logsource must be a valid YAML map", ""),
        (detection("F: a").replace("{product: windows}", "{}"), 2, "Sigma log source can't be empty", ""),
        ("title: a rule\n", 1, "not a Sigma rule: `logsource` and `detection` are needed", ""),
        ("- 1\n- 2\n", 1, "not a Sigma rule: a mapping was expected", ""),
        ("words", 1, "not a Sigma rule: a mapping was expected", ""),
        ("", 1, "holds no rule", ""),
        ("# only a comment\n---\n...\n", 1, "holds no rule", ""),
    ],
)
def test_a_rule_that_is_wrong_is_named_with_its_line_reason_and_hint(
    content: str, line: int, reason: str, hint: str
) -> None:
    rejection = refused(content)
    assert (line, True) == (rejection.line, rejection.fault)
    assert rejection.reason.startswith(reason)
    assert hint in rejection.hint


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        ("title: a\n  bad: [", 2, "not YAML: mapping values are not allowed in this context"),
        ("title: 'open\n", 2, "not YAML: found unexpected end of stream"),
        ("title: a\ntitle: b\n", 2, "not YAML: the key 'title' stands twice"),
        (detection("F: a\n        F: b"), 7, "not YAML: the key 'F' stands twice"),
        ("a: !!python/object:os.system {}\n", 1, "not YAML: could not determine a constructor for the tag"),
        ("? [a]\n: b\n", 1, "not YAML: found unhashable key"),
        ("a: *nowhere\n", 1, "not YAML: found undefined alias"),
        (b"title: a\n\x00\x01\x02", 2, "not YAML: control characters are not allowed"),
        (b"\x7fELF\x02\x01\x01\x00", 1, "not YAML: "),
        (bytes(range(256)), 1, "not YAML: "),
        ("title: é".encode("utf-16"), 1, "not YAML: "),
    ],
)
def test_a_file_that_is_no_yaml_is_named_with_its_line(content: str | bytes, line: int, reason: str) -> None:
    rejection = refused(content)
    assert (line, True) == (rejection.line, rejection.fault)
    assert rejection.reason.startswith(reason)


def unfolding(anchor: str) -> str:
    """Give YAML whose nine lines unfold to 10**9 nodes."""
    levels = [f"l0: &{anchor}0 [{', '.join('x' * 10)}]"]
    levels += [f"l{n}: &{anchor}{n} [{', '.join([f'*{anchor}{n - 1}'] * 10)}]" for n in range(1, 9)]
    return "\n".join([*levels, f"detection: {{selection: {{F: *{anchor}8}}, condition: selection}}", HEAD])


def merging(width: int, levels: int) -> str:
    """Give YAML whose merge keys multiply by `width` on each level."""
    first = "l0: &l0 {" + ", ".join(f"k{n}: x" for n in range(10)) + "}"
    rest = [f"l{n}: &l{n} {{<<: [{', '.join([f'*l{n - 1}'] * width)}]}}" for n in range(1, levels)]
    return "\n".join([first, *rest])


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (unfolding("a"), "its YAML aliases unfold to more than a rule can hold"),
        (unfolding("-"), "its YAML aliases unfold to more than a rule can hold"),
        ("a: &a [*a]", "its YAML aliases unfold to more than a rule can hold"),
        (merging(10, 12), "a mapping with more keys than a rule can have"),
        (merging(101, 2), "more merged mappings than a rule can have"),
        ("a: &a {<<: *a}", "not a Sigma rule: `logsource` and `detection` are needed"),
        ("[" * 500_000, "nested deeper than a rule can be"),
        ("- " * 500_000, "nested deeper than a rule can be"),
        ("{a: " * 200_000, "nested deeper than a rule can be"),
        ("? " * 300_000, "nested deeper than a rule can be"),
        ("a" * (1 << 21), "larger than a rule can be: more than 1048576 bytes"),
        ("a: " + "9" * 5000, "not YAML: "),
    ],
    ids=[
        "aliases",
        "odd_aliases",
        "itself",
        "merges",
        "wide_merge",
        "merges_itself",
        "lists",
        "items",
        "maps",
        "keys",
        "large",
        "digits",
    ],
)
def test_a_file_made_to_do_harm_is_refused_at_once(content: str, reason: str) -> None:
    assert reason in refused(content).reason


def test_merge_keys_and_aliases_of_an_ordinary_rule_are_read() -> None:
    text = rule("base: &base {F: a}\nselection: {<<: *base, G: b}\ncondition: selection")
    assert {0: [0]} == found(compiled(text), [event(F="a", G="b"), event(F="a")])


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("title: c\ncorrelation: {type: event_count}\n", "correlation rules are not evaluated yet"),
        (
            "title: f\nlogsource: {product: windows}\nfilter: {rules: [], selection: {F: a}}\n",
            "Sigma filters are not applied yet",
        ),
        ("action: global\ntitle: g\n", "rule collections of Sigma 1 (`action`) are not read"),
        (
            rule("selection: {F: a}", "{product: linux, service: tea}"),
            "Sentinel reads no such log source: product: linux, service: tea",
        ),
        (
            rule("selection: {F: a}", "{product: windows, service: tea}"),
            "Sentinel reads no such log source: product: windows, service: tea",
        ),
        (rule("selection: {F: a}", "{product: opencanary}"), "Sentinel reads no such log source: product: opencanary"),
        (rule("selection: {F: a}", "{service: coffee}"), "Sentinel reads no such log source: service: coffee"),
    ],
)
def test_a_rule_for_what_sentinel_does_not_do_is_named_and_no_fault(content: str, reason: str) -> None:
    rejection = refused(content)
    assert (reason, False) == (rejection.reason, rejection.fault)


def test_of_two_rules_with_one_id_the_first_is_taken() -> None:
    head = "title: {}\nid: 00000000-0000-4000-8000-000000000002"
    ruleset = compiled(*(rule("selection: {F: a}", head=head.format(name)) for name in ["first", "second"]))
    assert ["first"] == [each.title for each in ruleset.rules]
    (rejection,) = ruleset.rejections
    assert ("1.yml", "second", "the same id as 0.yml, which is taken", False) == (
        rejection.path,
        rejection.title,
        rejection.reason,
        rejection.fault,
    )


def test_a_rule_with_the_id_of_one_that_was_refused_is_taken() -> None:
    head = "title: a rule\nid: 00000000-0000-4000-8000-000000000002"
    ruleset = compiled(rule("selection: {F|nope: a}", head=head), rule("selection: {F: a}", head=head))
    assert ["1.yml"] == [each.path for each in ruleset.rules]


def test_documents_of_one_file_stand_for_themselves() -> None:
    bad = detection("F|containz: a").replace("a rule", "bad rule")
    ruleset = compiled("---\n".join([GOOD, bad, rule("selection: {F: b}"), "title: [\n"]))
    assert ["a good rule", "a rule"] == [each.title for each in ruleset.rules]
    lines = GOOD.count("\n") + 1
    assert [(lines + 6, "bad rule")] == [(each.line, each.title) for each in ruleset.rejections][:1]
    assert ["not YAML"] == [each.reason.split(":")[0] for each in ruleset.rejections][1:]


def test_a_refused_rule_leaves_nothing_to_the_next() -> None:
    texts = [rule("a: {F: a}\nb: {G|re: 'x(?=y)'}\ncondition: [a, b]"), rule("selection: {F: b}")]
    assert {0: [1]} == found(compiled(*texts), [event(F="a"), event(F="b")])


def test_a_byte_order_mark_and_other_line_ends_are_no_fault() -> None:
    ruleset = compiled(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert (1, ()) == (len(ruleset.rules), ruleset.rejections)


def test_patterns_that_python_warns_of_are_taken_without_a_word(capfd: pytest.CaptureFixture[str]) -> None:
    ruleset = compiled(rule("selection: {F|re: '[[a]b'}"), rule("selection: {F|re: 'a(?=b)'}"))
    assert [1, 1] == [len(ruleset.rules), len(ruleset.rejections)]
    assert ("", "") == capfd.readouterr()


def test_a_reason_never_shows_an_address_in_memory() -> None:
    texts = [
        detection("F|contains: null"),
        detection("F|re: null"),
        detection("F|cidr: true"),
        detection("F|all: {a: b}"),
    ]
    reasons = [each.reason for each in compiled(*texts).rejections]
    assert [] == [reason for reason in reasons if re.search("0x[0-9a-f]{6}", reason)]
