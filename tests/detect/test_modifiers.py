"""Every modifier of Sigma 2 but those of correlation: what it hits, what it leaves."""

from __future__ import annotations

import base64

import pytest

from tests.detect.builders import Case, each, event, hits, values_hit

UNC, DRIVE = r"\\server\share", r"C:\Windows\System32"

TEXT = [
    Case("text is equal whatever its case", "{F: AbC}", ["abc", "ABC"], ["abcd", "xabc", "", None]),
    Case("contains finds text anywhere", "{F|contains: b}", ["b", "abc", "ab", "bc", "B"], ["", "ac", None]),
    Case("startswith asks for the beginning", "{F|startswith: ab}", ["ab", "abc", "ABx"], ["xab", "a", ""]),
    Case("endswith asks for the end", "{F|endswith: ab}", ["ab", "cab", "xAB"], ["abx", "b", ""]),
    Case("of a list any value serves", "{F|contains: [one, two]}", ["one", "xtwo"], ["three"]),
    Case("all asks for every value", "{F|contains|all: [a, b]}", ["ab", "b-a"], ["a", "b", "c"]),
    Case("cased heeds case", "{F|cased: AbC}", ["AbC"], ["abc", "ABC"]),
    Case("cased contains heeds case", "{F|contains|cased: bC}", ["AbCd"], ["abcd"]),
    Case("cased startswith heeds case", "{F|startswith|cased: Ab}", ["Abc"], ["abc", "xAb"]),
    Case("cased endswith heeds case", "{F|endswith|cased: bC}", ["AbC"], ["abc", "bCx"]),
    Case("cased wildcards heed case", "{F|cased: 'A*C'}", ["AC", "AxxC"], ["ac", "AxxCx"]),
    Case("neq turns a question round", "{F|neq: a}", ["b", ""], ["a", "A"]),
    Case("neq of several values leaves each of them", "{F|neq: [a, b]}", ["c"], ["a", "b"]),
]
WILDCARDS = [
    Case("an asterisk stands for any text", "{F: 'a*c'}", ["ac", "abc", "a\nc", "A**C"], ["abcd", "xac"]),
    Case("a question mark stands for one character", "{F: 'a?c'}", ["abc", "aễc", "a\nc"], ["ac", "abbc"]),
    Case("question marks count", "{F: '??'}", ["ab", "ễễ"], ["a", "abc", ""]),
    Case("an asterisk alone asks only for the field", "{F: '*'}", ["x", "", "a\nb"], [None]),
    Case("a question mark alone asks for one character", "{F: '?'}", ["x"], ["", "xy", None]),
    Case("wildcards stand within contains", "{F|contains: 'a*c?e'}", ["xabcdex", "acde"], ["ace", "edcba"]),
    Case("wildcards stand within startswith", "{F|startswith: 'a?c'}", ["abc", "abcd"], ["xabc", "ac"]),
    Case("wildcards stand within endswith", "{F|endswith: 'a?c'}", ["abc", "xabc"], ["abcx", "ac"]),
    Case("wildcards stand within all", "{F|contains|all: ['a?c', 'x*z']}", ["abc xyz"], ["abc", "ac xz"]),
    Case("an outer question mark counts", "{F|contains: '?b'}", ["ab", "abc"], ["b", "bc"]),
    Case("an escaped asterisk is an asterisk", r"{F: 'a\*c'}", ["a*c"], ["abc", r"a\*c"]),
    Case("an escaped question mark is one", r"{F|contains: 'a\?c'}", ["xa?cx"], ["abc"]),
    Case("a backslash before a letter is itself", r"{F: 'C:\Windows\System32'}", [DRIVE], ["C:WindowsSystem32"]),
    Case("an escaped backslash is one", r"{F: 'a\\b'}", [r"a\b"], [r"a\\b"]),
    Case("four backslashes are two", r"{F: '\\\\server\share'}", [UNC], [r"\server\share"]),
    Case("an escaped backslash leaves the wildcard one", r"{F: 'a\\*'}", ["a\\", r"a\b"], ["a*", "a"]),
    Case("three backslashes escape the asterisk too", r"{F: 'a\\\*'}", [r"a\*"], [r"a\b", "a*"]),
    Case("a backslash at the end is itself", "{F|endswith: 'a\\'}", ["a\\", "xA\\"], ["a"]),
    Case("signs of regular expressions are text", "{F: 'a.b+(c)[d]^$|{e}*'}", ["a.b+(c)[d]^$|{e}x"], ["aXb+(c)"]),
    Case("line breaks and tabs are text in globs", '{F: "a\\n\\t b*z"}', ["a\n\t bz"], ["a b z"]),
]
ENCODED = [
    Case("base64 asks for the whole text", "{F|base64: foobar}", ["Zm9vYmFy"], ["foobar", "xZm9vYmFy"]),
    Case("base64 within contains", "{F|base64|contains: foobar}", ["-e Zm9vYmFy="], ["foobar"]),
    Case(
        "base64offset finds the text at each offset",
        "{F|base64offset|contains: secret}",
        [base64.b64encode(b"x" * shift + b"secret" + b"xyz").decode() for shift in range(6)],
        ["secret", base64.b64encode(b"secre").decode()],
    ),
    *(
        Case(
            f"{name} then base64offset finds that encoding",
            f"{{F|{name}|base64offset|contains: run}}",
            [base64.b64encode(b"xx" + "run".encode(codec) + b"xx").decode()],
            [base64.b64encode(b"xxrunxx").decode()],
        )
        for name, codec in [("wide", "utf-16le"), ("utf16le", "utf-16le"), ("utf16be", "utf-16be"), ("utf16", "utf-16")]
    ),
    Case("wide puts a zero behind each letter", "{F|wide|contains: ab}", ["xa\0b\0"], ["ab", "\0a\0"]),
    Case(
        "windash takes any dash for a flag's",
        "{F|windash|contains: ' -f '}",
        ["x -f y", "x /f y", "x –f y", "x —f y", "x ―f y", "X /F Y"],
        ["x f y", "x +f y", "x --f y"],
    ),
    Case(
        "windash leaves dashes within words",
        "{F|windash|contains|all: ['-no-exit', /c]}",
        ["/no-exit -c", "-no-exit /c"],
        ["/no/exit -c", "-no-exit c"],
    ),
]
REGEX = [
    Case("a regular expression is found anywhere", "{F|re: 'b+c'}", ["abbc", "bc"], ["ac", "ABBC"]),
    Case("a regular expression heeds case", "{F|re: Abc}", ["xAbc"], ["abc"]),
    Case("i ignores case", "{F|re|i: Abc}", ["abc", "xABC"], ["ab"]),
    Case("i ignores case outside ASCII", "{F|re|i: 'ĐỖ'}", ["đỗ", "Đỗ"], ["do"]),
    Case("anchors hold at the text's ends", "{F|re: '^b$'}", ["b"], ["a\nb", "b\nc", "ab"]),
    Case("m lets anchors hold at lines", "{F|re|m: '^b$'}", ["b", "a\nb", "b\nc"], ["ab"]),
    Case("a dot is no line break", "{F|re: 'a.c'}", ["abc"], ["a\nc"]),
    Case("s lets a dot be a line break", "{F|re|s: 'a.c'}", ["abc", "a\nc"], ["ac"]),
    Case("flags go together", "{F|re|i|m|s: '^A.C$'}", ["x\na\nc\ny"], ["x a\nc"]),
    Case("flags may stand in the pattern", "{F|re: '(?i)abc'}", ["ABC"], ["ab"]),
    Case("alternatives each serve", "{F|re: 'abc|xyz'}", ["abc", "xyz"], ["ab", "yz"]),
    Case("alternatives in groups", "{F|re: 'x(abc|def)?y'}", ["xy", "xabcy"], ["xaby"]),
    Case("optional letters may miss", "{F|re: 'colou?r'}", ["color", "colour"], ["colr"]),
    Case("counted letters", "{F|re: 'ab{2}c'}", ["abbc"], ["abc", "abbbc"]),
    Case("counted groups may be empty", "{F|re: 'x(abc){0,2}y'}", ["xy", "xabcabcy"], ["xaby"]),
    Case("classes with brackets inside", "{F|re: 'a[])x]b[^]y]c'}", ["a]bzc", "axbzc"], ["a]b]c", "ab"]),
    Case("classes of words", r"{F|re: '^\w+\s\d+$'}", ["abc 123"], ["abc-123", "abc  x"]),
    Case("escaped signs", r"{F|re: '\(\)\[\]\\\.'}", ["()[]\\."], ["()[]\\x"]),
    Case("a pattern without any literal", "{F|re: '^.{3}$'}", ["abc"], ["ab", "abcd", ""]),
    Case("a pattern that fits the empty text", "{F|re: '^$'}", [""], ["a", None]),
    Case("letters told by number", r"{F|re: '\x41BC'}", ["ABC"], ["abc", "x41"]),
    Case("all asks for every pattern", "{F|re|all: ['^a', 'b$']}", ["ab", "a-b"], ["a", "b"]),
]
ADDRESSES = [
    Case("a network of IPv4", "{F|cidr: 192.0.2.0/24}", ["192.0.2.1", "192.0.2.255"], ["192.0.3.1", "-", "x", ""]),
    Case("one address", "{F|cidr: 192.0.2.7/32}", ["192.0.2.7"], ["192.0.2.8"]),
    Case("every address of IPv4", "{F|cidr: 0.0.0.0/0}", ["192.0.2.1"], ["2001:db8::1", "a"]),
    Case(
        "an address mapped into IPv6",
        "{F|cidr: 192.0.2.0/24}",
        ["::ffff:192.0.2.1", "::FFFF:c000:201"],
        ["::192.0.2.1"],
    ),
    Case("the network of mapped addresses", "{F|cidr: '::ffff:0:0/96'}", ["::ffff:192.0.2.1"], ["2001:db8::1"]),
    Case(
        "a network of IPv6",
        "{F|cidr: '2001:db8::/32'}",
        ["2001:db8::1", "2001:0DB8:0:0::1", "[2001:db8::1]", "2001:db8::1%eth0"],
        ["2001:db9::1", "192.0.2.1"],
    ),
    Case("any of several networks", "{F|cidr: [10.0.0.0/8, 'fe80::/10']}", ["10.9.8.7", "fe80::1"], ["11.0.0.1"]),
]
NUMBERS = [
    Case("lt is less than", "{F|lt: 5}", ["4", 4, "-1", "4.9", "0x4"], ["5", "6", "0x5", "", "x", None]),
    Case("lte is at most", "{F|lte: 5}", ["5", 5, "4", "0x5"], ["5.1", "6"]),
    Case("gt is more than", "{F|gt: 5}", ["6", 6, "5.1", "0x6", "1e3"], ["5", "4", "0x5", "nan", "inf"]),
    Case("gte is at least", "{F|gte: 5}", ["5", 5.0, "0x10"], ["4.9", "4"]),
    Case("a bound with a fraction", "{F|gt: 0.5}", ["0.6", 0.75], ["0.5", "0.4"]),
    Case("numbers beyond the doubles", "{F|gt: 9007199254740992}", ["9007199254740993"], ["9007199254740992"]),
    Case("enormous numbers", "{F|gt: 5}", ["0x" + "f" * 400, "9" * 400], ["-" + "9" * 400]),
    Case("only plain digits are numbers", "{F|gt: 5}", [" 10 "], ["1_000", "0x_ff", "10a", "0x", "ten", "١٠"]),
]
PRESENCE = [
    Case("exists yes asks for the field", "{F|exists: true}", ["x", "", 0, False], [None]),
    Case("exists no asks for its absence", "{F|exists: false}", [None], ["x", ""]),
]
TIMES = [
    Case("minute", "{F|minute: 5}", ["2026-11-20T10:05:59Z"], ["2026-11-20T10:06:00Z", "5", ""]),
    Case("hour", "{F|hour: 22}", ["2026-11-20T22:05:00.1234567Z", "2026-11-20 22:00:00"], ["2026-11-20T10:22:00Z"]),
    Case("day", "{F|day: 20}", ["2026-11-20T10:05:00Z"], ["2026-11-02T20:20:20Z"]),
    Case(
        "week, of ISO 8601", "{F|week: 53}", ["2026-12-31T00:00:00Z", "2027-01-03T00:00:00Z"], ["2027-01-04T00:00:00Z"]
    ),
    Case("month", "{F|month: 11}", ["2026-11-20T10:05:00Z"], ["2026-10-11T11:11:11Z"]),
    Case("year", "{F|year: 2026}", ["2026-11-20T10:05:00Z"], ["2025-11-20T20:26:00Z", "2026", "x"]),
]


@pytest.mark.parametrize("case", each([*TEXT, *WILDCARDS, *ENCODED, *REGEX, *ADDRESSES, *NUMBERS, *PRESENCE, *TIMES]))
def test_a_modifier_hits_what_it_says(case: Case) -> None:
    assert case.hit == values_hit(case)


def test_a_missing_field_is_not_there_and_its_negation_is() -> None:
    assert [1] == hits("selection: {F|exists: false}", event(F="x"), event(G="x"))
    assert [1] == hits("selection: {F|neq: x}", event(F="x"), event(G="x"))


@pytest.mark.parametrize(
    ("modifier", "expected"),
    [
        ("fieldref", [0]),
        ("fieldref|startswith", [0, 1]),
        ("fieldref|endswith", [0, 2]),
        ("fieldref|contains", [0, 1, 2, 3]),
    ],
)
def test_fieldref_compares_two_fields_of_an_event_ignoring_case(modifier: str, expected: list[int]) -> None:
    events = [
        event(F="Abc", G="aBC"),
        event(F="abcd", G="ABC"),
        event(F="xabc", G="abc"),
        event(F="xabcd", G="abc"),
        event(F="abd", G="abc"),
        event(F="abc"),
        event(G="abc"),
        event(H="abc"),
    ]
    assert expected == hits(f"selection: {{F|{modifier}: G}}", *events)


def test_fieldref_takes_any_pair_of_values_and_its_negation_the_others() -> None:
    events = [event(F=["a", "b"], G=["x", "B"]), event(F=["a"], G="b"), event(F="a")]
    assert [0] == hits("selection: {F|fieldref: G}", *events)
    assert [1, 2] == hits("selection: {F|fieldref: G}\ncondition: not selection", *events)


def test_fieldref_reads_the_identity_of_an_event_too() -> None:
    assert [0] == hits("selection: {F|fieldref: EventID}", event(F=1), event(F=2))
    assert [0] == hits("selection: {EventID|fieldref: F}", event(F=1), event(F=2))
