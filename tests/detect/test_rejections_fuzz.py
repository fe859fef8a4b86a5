"""Whatever a rule file holds, its rule is compiled or named; nothing else happens."""

from __future__ import annotations

import yaml
from hypothesis import given
from hypothesis import strategies as st

from tests.detect.builders import compiled, event, found, rule

GOOD = rule("selection: {F: a}", head="title: a good rule")
WORDS = st.sampled_from(
    [
        "selection",
        "condition",
        "F",
        "F|re",
        "F|contains|all",
        "F|cidr",
        "|all",
        "a",
        "%x%",
        "*",
        "(a",
        "1 of them",
        "and",
        "not",
        "\\",
        "10.0.0.0/8",
        "detection",
        "logsource",
        "title",
        "id",
        "level",
        "tags",
        "high",
        "windows",
        "product",
        "\0",
    ]
)
VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        WORDS,
        st.text(max_size=8),
        st.dates(),
        st.binary(max_size=4),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.one_of(WORDS, st.integers()), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(
    st.dictionaries(
        st.sampled_from(
            [
                "title",
                "id",
                "status",
                "level",
                "date",
                "tags",
                "related",
                "references",
                "falsepositives",
                "author",
                "fields",
                "scope",
                "name",
                "taxonomy",
                "license",
            ]
        ),
        VALUES,
    ),
    VALUES,
    st.dictionaries(WORDS, VALUES, max_size=4),
)
def test_whatever_stands_in_a_rule_it_is_compiled_or_named(
    attributes: dict[str, object], source: object, parts: dict[str, object]
) -> None:
    document = {
        "title": "a rule",
        "logsource": source if isinstance(source, dict) else {"product": "windows"},
        "detection": {"selection": {"F": "a"}, "condition": "selection", **parts},
        **attributes,
    }
    ruleset = compiled(yaml.safe_dump(document, allow_unicode=True), GOOD)
    assert 2 == len(ruleset.rules) + len(ruleset.rejections)
    found(ruleset, [event(F="a"), event(F=["b", 1], G=None), event()])


@given(st.data())
def test_whatever_is_done_to_a_rule_file_its_rule_is_compiled_or_named(data: st.DataObject) -> None:
    text = bytearray(
        rule("selection:\n  F|contains|all: ['a*', \"b\"]\n  G|re: '^x[y]+(z|w)?$'\n  H|cidr: 10.0.0.0/8").encode()
    )
    for _change in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(text) - 1))
        match data.draw(st.sampled_from(["flip", "cut", "double", "insert"])):
            case "flip":
                text[place] ^= 1 << data.draw(st.integers(0, 7))
            case "cut":
                del text[place : place + data.draw(st.integers(1, 8))]
            case "double":
                text[place:place] = text[place : place + 16]
            case _:
                text[place:place] = data.draw(
                    st.sampled_from([b"'", b'"', b"[", b"{", b"&a ", b"*a", b"|", b":", b"\n", b"\xff", b"? ", b"- "])
                )
        text = text or bytearray(b"x")
    ruleset = compiled(bytes(text), GOOD)
    assert 2 <= len(ruleset.rules) + len(ruleset.rejections)
    assert all(each.line >= 1 and each.reason for each in ruleset.rejections)
    found(ruleset, [event(F="a b", G="xyz", H="10.1.2.3")])
