"""Names come in one form, or are told to be none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel.errors import InputError
from sentinel.pki.model import Name, NameKind
from sentinel.pki.requests import names


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Portal.GOV.example.", "dns:portal.gov.example"),
        (" dns:portal.gov.example ", "dns:portal.gov.example"),
        ("DNS:*.portal.gov.example", "dns:*.portal.gov.example"),
        ("dịchvụcông.gov.example", "dns:xn--dchvcng-x0a0689dsha.gov.example"),
        ("di\u0323chvu\u0323co\u0302ng.gov.example", "dns:xn--dchvcng-x0a0689dsha.gov.example"),
        ("DỊCHVỤCÔNG.gov.example", "dns:xn--dchvcng-x0a0689dsha.gov.example"),
        ("XN--dchvcng-x0a0689dsha.gov.example", "dns:xn--dchvcng-x0a0689dsha.gov.example"),
        ("192.0.2.17", "ip:192.0.2.17"),
        ("IP Address:2001:DB8:0:0::17", "ip:2001:db8::17"),
        ("::ffff:192.0.2.17", "ip:192.0.2.17"),
        ("Truc.Ban@Gov.example", "email:truc.ban@gov.example"),
        ("email:an@thưđiệntử.gov.example", "email:an@xn--thint-6ya62ii46m3ja.gov.example"),
        ("https://Portal.gov.example:8443/a?b", "uri:https://portal.gov.example:8443/a?b"),
        ("https://[2001:db8:0::1]/", "uri:https://[2001:db8::1]/"),
    ],
)
def test_a_name_has_one_form(text: str, expected: str) -> None:
    assert expected == str(names.read(text))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("portal", "'portal' is not a full name"),
        ("a_b.gov.example", "'a_b.gov.example' is no DNS name"),
        ("-a.gov.example", "'-a.gov.example' is no DNS name"),
        ("a..gov.example", "'a..gov.example' is no DNS name"),
        ("ab--cd.gov.example", "'ab--cd.gov.example' is no DNS name"),
        ("xn--a.gov.example", "'xn--a.gov.example' is no DNS name"),
        (f"{'a' * 64}.gov.example", "is no DNS name"),
        (f"{'abc.' * 63}example", "is no DNS name"),
        ("10.1.2.256", "'10.1.2.256' is no DNS name"),
        ("w*.gov.example", "a wildcard stands for the whole first label"),
        ("a.*.gov.example", "a wildcard stands for the whole first label"),
        ("*.*.gov.example", "a wildcard stands for the whole first label"),
        ("por\u200btal.gov.example", "U+200B (ZERO WIDTH SPACE)"),
        ("portal\u202e.gov.example", "U+202E (RIGHT-TO-LEFT OVERRIDE)"),
        ("ip:10.0.0.0/8", "'10.0.0.0/8' is no address"),
        ("ip:010.0.0.1", "'010.0.0.1' is no address"),
        ("fe80::1%eth0", "is no address"),
        ("127.0.0.1", "'127.0.0.1' is an address of no single computer"),
        ("nguyễn@gov.example", "is no mail address"),
        ("@gov.example", "is no mail address"),
        ("https://user:secret@gov.example/", "is no URI with a host"),
        ("https:///path", "is no URI with a host"),
        ("https://[::1/", "is no URI with a host"),
        ("", "an empty name"),
        ("x" * 3000, "a name of 3000 characters"),
    ],
)
def test_what_is_no_name_is_told(text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        names.read(text, "batch.csv:7")
    assert ("batch.csv:7", True) == (caught.value.place, message in caught.value.message)


@given(st.text(max_size=40), st.sampled_from(NameKind))
def test_whatever_is_read_is_read_again_as_itself(text: str, kind: NameKind) -> None:
    try:
        name = names.of(kind, text)
    except InputError:
        return
    assert name == names.of(kind, name.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("web.gov.example", True),
        ("192.0.2.1", True),
        ("2001:db8::1", True),
        ("H49.61.05", False),
        ("Nguyễn Thị Lan", False),
        ("Th.S Lan", False),
        ("an@gov.example", False),
        ("sensor", False),
    ],
)
def test_a_common_name_may_be_meant_as_a_host(text: str, expected: bool) -> None:
    assert expected == names.is_host(text)


def test_a_name_is_shown_as_people_read_it() -> None:
    name = names.read("email:an@thưđiệntử.gov.example")
    assert "thưđiệntử.gov.example" == names.shown(names.host_of(name))
    assert "gov.example" == names.host_of(Name(NameKind.DNS, "*.gov.example"))
