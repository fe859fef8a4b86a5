"""Every form of a query gives the tree that the reference promises."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel.errors import InputError
from sentinel.store.query.parse import parse
from sentinel.store.query.shown import shown
from sentinel.store.query.tree import (
    And,
    Contains,
    Equals,
    Everything,
    Exists,
    Like,
    Matches,
    Node,
    Not,
    Or,
    Query,
    Range,
    Within,
)
from tests.store.strategies import queries

A, B, C = Contains("", "a"), Contains("", "b"), Contains("", "c")
PATH = "process.executable"

TREES: dict[str, Node] = {
    # everything
    "": Everything(),
    " \t\n": Everything(),
    "*": Everything(),
    "*:*": Everything(),
    "_exists_:*": Everything(),
    # terms of fields
    "user.name:an": Equals("user.name", "an"),
    "user.name : an": Equals("user.name", "an"),
    'user.name:"Nguyễn Văn An"': Equals("user.name", "Nguyễn Văn An"),
    'user.name:""': Equals("user.name", ""),
    'user.name:"*"': Equals("user.name", "*"),
    "user.name:*": Exists("user.name"),
    "user.name:**": Exists("user.name"),
    "_exists_:user.name": Exists("user.name"),
    '_exists_:(a or "b c")': Or((Exists("a"), Exists("b c"))),
    "user.name:not": Equals("user.name", "not"),
    "user.name: not an": Not(Equals("user.name", "an")),
    "process.*:cmd.exe": Equals("process.*", "cmd.exe"),
    "*:an": Equals("*", "an"),
    r"odd\ name\:x:y": Equals("odd name:x", "y"),
    "user.name:-5": Equals("user.name", "-5"),
    "user.name:a=b": Equals("user.name", "a=b"),
    # long texts
    "message:failed": Contains("message", "failed"),
    "message:fail*": Like("message", "*fail*"),
    "message:/fail.*/": Matches("message", "fail.*"),
    # lists
    "user.name:(a or b)": Or((Equals("user.name", "a"), Equals("user.name", "b"))),
    "user.name:(a -b)": And((Equals("user.name", "a"), Not(Equals("user.name", "b")))),
    "user.name:(not a*)": Not(Like("user.name", "a*")),
    "source.ip:(::1 or 10.0.0.0/8)": Or((Equals("source.ip", "::1"), Within("source.ip", ip_network("10.0.0.0/8")))),
    "source.port:(>=10 and <20)": And(
        (Range("source.port", "10", None), Range("source.port", None, "20", high_included=False))
    ),
    # ranges
    "source.port:[10 TO 20]": Range("source.port", "10", "20"),
    "source.port:{10 to 20]": Range("source.port", "10", "20", low_included=False),
    "source.port:[10 TO 20}": Range("source.port", "10", "20", high_included=False),
    "source.port:{* TO 20}": Range("source.port", None, "20", high_included=False),
    "source.port:[-5 TO *]": Range("source.port", "-5", None),
    "source.port:[* TO *]": Exists("source.port"),
    "source.port >= 10": Range("source.port", "10", None),
    "source.port>10": Range("source.port", "10", None, low_included=False),
    "source.port:<=10": Range("source.port", None, "10"),
    "source.port < -10": Range("source.port", None, "-10", high_included=False),
    'user.name:["a b" TO c]': Range("user.name", "a b", "c"),
    "@timestamp:>=now-24h": Range("@timestamp", "now-24h", None),
    "@timestamp:[2026-11-20T10:14:03+07:00 TO now/d}": Range(
        "@timestamp", "2026-11-20T10:14:03+07:00", "now/d", high_included=False
    ),
    "@timestamp:2026-11-20": Equals("@timestamp", "2026-11-20"),
    # addresses
    "source.ip:10.0.0.0/8": Within("source.ip", ip_network("10.0.0.0/8")),
    "source.ip:10.1.2.3/8": Within("source.ip", ip_network("10.0.0.0/8")),
    "source.ip:2001:db8::/32": Within("source.ip", ip_network("2001:db8::/32")),
    "source.ip:::ffff:10.0.0.0/104": Within("source.ip", ip_network("10.0.0.0/8")),
    "source.ip:2001:db8::1": Equals("source.ip", "2001:db8::1"),
    'source.ip:"10.0.0.0/8"': Equals("source.ip", "10.0.0.0/8"),
    "10.0.0.0/8": Within("", ip_network("10.0.0.0/8")),
    "::1": Contains("", "::1"),
    # patterns and expressions
    "user.name:a*b?c": Like("user.name", "a*b?c"),
    r"user.name:a\*b*": Like("user.name", r"a\*b*"),
    r"user.name:a\*b": Equals("user.name", "a*b"),
    "user.name:/ad(min|m) x/": Matches("user.name", "ad(min|m) x"),
    r"url.path:/a\/b/": Matches("url.path", "a/b"),
    r"user.name:/\d+\\x/": Matches("user.name", r"\d+\\x"),
    # paths
    "file.path:/etc/passwd": Equals("file.path", "/etc/passwd"),
    "file.path:/etc/*": Like("file.path", "/etc/*"),
    "url.path:/": Equals("url.path", "/"),
    r"process.executable:C:\Windows\cmd.exe": Equals(PATH, r"C:\Windows\cmd.exe"),
    r"process.executable:C:\Windows\*": Like(PATH, r"C:\\Windows\\*"),
    r"process.executable:C:\\Windows\\*": Like(PATH, r"C:\\Windows\\*"),
    r"process.executable:C\:\\Windows\\cmd.exe": Equals(PATH, r"C:\Windows\cmd.exe"),
    r"process.executable:C\:\Windows\cmd.exe": Equals(PATH, r"C:\Windows\cmd.exe"),
    r"process.executable:*\cmd.exe": Like(PATH, r"*\\cmd.exe"),
    r"process.executable:\\server\share\*": Like(PATH, r"\\\\server\\share\\*"),
    "process.executable:C:\\Windows\\": Equals(PATH, "C:\\Windows\\"),
    r"process.executable:C:\PROGRA~1": Equals(PATH, r"C:\PROGRA~1"),
    r'process.executable:"C:\Program Files (x86)\a.exe"': Equals(PATH, r"C:\Program Files (x86)\a.exe"),
    r'process.executable:"C:\\Windows\\"': Equals(PATH, "C:\\Windows\\"),
    r'process.executable:"C:\Windows\\"': Equals(PATH, "C:\\Windows\\"),
    r'process.executable:"\\server\share"': Equals(PATH, r"\\server\share"),
    r'process.command_line:"C:\a.exe \"x y\""': Contains("process.command_line", r'C:\a.exe "x y"'),
    r"C:\Windows\*": Like("", r"*C:\\Windows\\*"),
    # free text
    "a": A,
    '"a b"': Contains("", "a b"),
    "fail*": Like("", "*fail*"),
    "/fail.*/": Matches("", "fail.*"),
    "10:15": Contains("", "10:15"),
    "https://a.example/b?c=*": Like("", "*https://a.example/b?c=*"),
    "00:1a:2b:3c:4d:5e": Contains("", "00:1a:2b:3c:4d:5e"),
    "10.0.0.1:443": Contains("", "10.0.0.1:443"),
    "{0A000000-1111-2222-3333-444444444444}": Contains("", "{0A000000-1111-2222-3333-444444444444}"),
    "--decode": Contains("", "--decode"),
    "e\u0302\u0301": Contains("", "ế"),
    # logic
    "a b": And((A, B)),
    "a and b AND c && a": And((A, B, C, A)),
    "a or b OR c || a": Or((A, B, C, A)),
    "a b or c": Or((And((A, B)), C)),
    "a or b c": Or((A, And((B, C)))),
    "(a or b) c": And((Or((A, B)), C)),
    "(a (b c))": And((A, B, C)),
    "not a b": And((Not(A), B)),
    "NOT (a b)": Not(And((A, B))),
    "!a": Not(A),
    "-a +b": And((Not(A), B)),
    "not -a": Not(Not(A)),
    "a or not b": Or((A, Not(B))),
    "andy or notary": Or((Contains("", "andy"), Contains("", "notary"))),
    '"and"': Contains("", "and"),
    "and:x": Equals("and", "x"),
}

# Query → column, and what the message says.
WRONG: dict[str, tuple[int, str]] = {
    "a and": (6, "a term is missing after 'and'"),
    "a and or b": (7, "a term is missing after 'and'"),
    "or b": (1, "a term is missing before 'or'"),
    "a (or b)": (4, "a term is missing before 'or'"),
    "not": (4, "a term is missing after 'not'"),
    "user.name:": (11, "a value is missing after ':'"),
    "user.name: and x": (12, "a value is missing after ':'"),
    "source.port >": (14, "a value is missing after '>'"),
    "source.port > (1 or 2)": (15, "a value is missing after '>'"),
    "> 5": (1, "nothing stands before '>' to compare"),
    ":x": (1, "the name of a field is missing before ':'"),
    "a = b": (3, "'=' compares nothing"),
    "a == b": (3, "'==' compares nothing"),
    "(a": (1, "'(' is never closed"),
    "(a or (b)": (1, "'(' is never closed"),
    "a)": (2, "')' closes nothing"),
    "a ]": (3, "']' closes nothing"),
    "()": (2, "nothing stands in these parentheses"),
    "user.name:()": (12, "nothing stands in these parentheses"),
    'a "b c': (3, "the quotes are never closed"),
    'user.name:"a"b': (14, "a space is missing here"),
    "f(x)": (2, "a space is missing here"),
    "source.port:[1 TO": (13, "'[' is never closed"),
    "source.port:[1 2]": (16, "this is no range"),
    "source.port:[1 TO]": (18, "this is no range"),
    "source.port:[1 TO (2)]": (19, "'(' cannot stand in a range"),
    "source.port:[1* TO 2]": (14, "a bound has no wildcards"),
    "source.port:>*": (14, "a bound has no wildcards"),
    "[1 TO 2]": (1, "a range is of a field"),
    "source.port:>1.5": (14, "'1.5' is no whole number, as source.port is"),
    "source.ip:>10": (12, "'10' is no address, as source.ip is"),
    "@timestamp:>=yesterday": (14, "'yesterday' is no time, as @timestamp is"),
    "@timestamp:[2026-13-01 TO now]": (13, "'2026-13-01' is no time, as @timestamp is"),
    "file.code_signature.valid:>true": (27, "file.code_signature.valid is true or false and has no range"),
    "source.ip:10.0.0.0/33": (11, "'10.0.0.0/33' is no network"),
    "source.ip:2001:db8::/129": (11, "'2001:db8::/129' is no network"),
    "user.name:/(/": (11, "this is no regular expression: missing ): ("),
    "user.name:/a)(b/": (11, "this is no regular expression: unexpected ): a)(b"),
    "user.name:/(?=a)/": (11, "this is no regular expression: invalid perl operator: (?="),
    "a^2": (2, "likeness (~) and weight (^) are not supported: events either match or do not"),
    "b a~": (4, "likeness (~) and weight (^) are not supported: events either match or do not"),
    '"a b"~3': (6, "likeness (~) and weight (^) are not supported: events either match or do not"),
    "(a b)^2": (6, "likeness (~) and weight (^) are not supported: events either match or do not"),
    r"x C:\Program\ Files": (13, r"'\ ' in a Windows path can be read two ways"),
    "_exists_:>a": (10, "behind _exists_: stands the name of a field"),
    "ế ế and": (8, "a term is missing after 'and'"),
    "e\u0302\u0301 and": (8, "a term is missing after 'and'"),
    "a \ud800": (3, "this is no character of Unicode"),
}


@pytest.mark.parametrize("text", TREES)
def test_a_query_is_read_as_it_is_meant(text: str) -> None:
    assert Query(TREES[text]) == parse(text)


@pytest.mark.parametrize("text", TREES)
def test_the_spelling_shown_reads_back(text: str) -> None:
    assert Query(TREES[text]) == parse(shown(Query(TREES[text])))


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong_is_said_with_its_column(text: str) -> None:
    column, message = WRONG[text]
    with pytest.raises(InputError) as caught:
        parse(text)
    assert (f"column {column}", message) == (caught.value.place, caught.value.message.split("\n")[0])


def test_a_caret_stands_below_what_is_wrong() -> None:
    with pytest.raises(InputError) as caught:
        parse("user.name:an or")
    lines = ["column 16: a term is missing after 'or'", "  user.name:an or", "                 ^"]
    assert lines == str(caught.value).split("\n")


def test_the_caret_counts_no_marks_and_a_long_query_is_cut() -> None:
    with pytest.raises(InputError) as caught:
        parse("x" * 100 + " e\u0302\u0301\x1b and")
    _message, shown_query, caret = caught.value.message.split("\n")
    assert ("  " + "x" * 41 + " e\u0302\u0301· and", "  " + " " * 48 + "^") == (shown_query, caret)


def test_no_character_of_a_query_breaks_the_lines_of_an_error() -> None:
    with pytest.raises(InputError) as caught:
        parse('a\n\r\u2028b "c\nd')
    assert 3 == len(str(caught.value).splitlines())


@given(queries)
def test_every_tree_is_spelled_so_that_it_reads_back(query: Query) -> None:
    assert query == parse(shown(query), accents=query.accents)


_PARTS = [
    *'()[]{}"\\/:<>=+-!~^*?& |.a1é\u0302',
    " TO ",
    " and ",
    " or ",
    " not ",
    "f:",
    "@timestamp:",
    "10.0.0.0/8",
    "::",
    "C:\\",
]


@given(st.one_of(st.text(), st.lists(st.sampled_from(_PARTS), max_size=12).map("".join)), st.booleans())
def test_any_text_is_read_or_refused_with_a_column(text: str, accents: bool) -> None:
    query: Query | None = None
    column = 1
    try:
        query = parse(text, accents=accents)
    except InputError as error:
        column = int(error.place.removeprefix("column "))
    assert 1 <= column <= len(text) + 1
    assert query is None or query == parse(shown(query), accents=accents)


HUGE = {
    "parentheses": "(" * 10_000 + "a" + ")" * 10_000,
    "negations": "not " * 10_000 + "a",
    "signs": "-+" * 5_000 + "a",
    "words": "a " * (1 << 19),
    "one word": "a" * (1 << 20),
    "many words": "a " * 20_000,
    "brackets": "[" * 10_000,
    "quotes": '"\\' * 100_000,
}


@pytest.mark.parametrize("text", HUGE.values(), ids=HUGE)
def test_what_is_too_long_or_too_deep_is_refused_soon(text: str) -> None:
    begin = time.process_time()
    with pytest.raises(InputError):
        parse(text)
    assert time.process_time() - begin < 3


def test_a_list_of_thousands_of_hashes_is_read() -> None:
    hashes = [f"{number:064x}" for number in range(5_000)]
    root = parse(f"file.hash.sha256:({' or '.join(hashes)})").root
    assert Or(tuple(Equals("file.hash.sha256", each) for each in hashes)) == root


def test_threads_read_queries_at_once() -> None:
    texts = [text for text in TREES if text] * 5
    with ThreadPoolExecutor(4) as pool:
        assert [Query(TREES[text]) for text in texts] == list(pool.map(parse, texts))
