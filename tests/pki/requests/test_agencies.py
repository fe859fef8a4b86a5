"""Who may ask for which names is said in files, and what is wrong in them is told with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from sentinel import content
from sentinel.errors import InputError
from sentinel.estate.load import load as load_estate
from sentinel.model.estate import network_of
from sentinel.pki.requests import agencies, names
from sentinel.pki.requests.check import Policy
from sentinel.pki.requests.rights import check_name
from tests.pki.requests.policies import PROFILES, some_agencies

ROOT = Path(__file__).resolve().parents[3]


def test_a_code_has_what_its_table_leaves_out_from_the_nearest_above(tmp_path: Path) -> None:
    found = some_agencies(tmp_path).rights_of("H49.12.03")
    assert found is not None
    assert ("H49.12.03", ("sotnmt.gov.example",), True) == (found.code, found.domains, found.wildcards)
    assert (("h49.gov.example",), ("lan.nguyễn",)) == (found.mail, found.requesters)


def test_codes_of_the_older_order_are_the_same(tmp_path: Path) -> None:
    found = some_agencies(tmp_path)
    assert found.rights_of("H49.61.05") == found.rights_of("000.05.61.H49")
    assert None is found.rights_of("H491")


@pytest.mark.parametrize(
    ("code", "name", "expected"),
    [
        ("H49", "web.h49.gov.example", ""),
        ("H49", "h49.gov.example", ""),
        ("H49.61.05", "anphu.h49.gov.example", ""),
        ("H49", "evilh49.gov.example", "evilh49.gov.example is not of agency H49"),
        ("H49", "h49.gov.example.evil.example", "h49.gov.example.evil.example is not of agency H49"),
        ("H49.61.05", "www.vinhhau.h49.gov.example", "it belongs to agency H49.61.07"),
        ("H49", "www.vinhhau.h49.gov.example", ""),
        ("H49.61.07", "web.h49.gov.example", "web.h49.gov.example is not of agency H49.61.07"),
        ("H49", "*.h49.gov.example", "agency H49 may not ask for wildcards"),
        ("H49.12", "*.sotnmt.gov.example", ""),
        ("H49.61.05", "10.49.61.5", ""),
        ("H49.61.05", "10.49.61.7", "it belongs to agency H49.61.07"),
        ("H49.61.05", "10.50.1.1", "10.50.1.1 is not of agency H49.61.05"),
        ("H49", "2001:db8:49::1", ""),
        ("H49", "an@h49.gov.example", ""),
        ("H49", "an@web.h49.gov.example", "an@web.h49.gov.example is not of agency H49"),
        ("H50", "Truc@gov.example", ""),
        ("H50", "an@gov.example", "an@gov.example is not of agency H50"),
        ("H49", "https://web.h49.gov.example/a", ""),
        ("H49", "https://10.49.1.1/", ""),
        ("H49", "https://[2001:db8:50::1]/", "2001:db8:50::1 is not of agency H49"),
        ("H50", "web.h49.gov.example", "web.h49.gov.example is not of agency H50"),
    ],
)
def test_a_name_belongs_to_the_longest_domain(tmp_path: Path, code: str, name: str, expected: str) -> None:
    found = some_agencies(tmp_path)
    rights = found.rights_of(code)
    assert rights is not None
    assert expected == check_name(names.read(name), rights, found)


def test_a_wildcard_does_not_cover_the_domain_of_another(tmp_path: Path) -> None:
    text = """
        [[agency]]
        code = "H49"
        domains = ["h49.gov.example"]
        wildcards = true
        [[agency]]
        code = "H49.61.07"
        domains = ["vinhhau.h49.gov.example"]
    """
    found = some_agencies(tmp_path, text)
    told = {}
    for code in ("H49", "H49.61.05"):
        rights = found.rights_of(code)
        assert rights is not None
        asked = ("*.h49.gov.example", "*.anphu.h49.gov.example")
        told[code] = [check_name(names.read(name), rights, found) for name in asked]
    assert {"H49": ["", ""], "H49.61.05": ["it covers vinhhau.h49.gov.example of agency H49.61.07", ""]} == told


def test_a_code_that_begins_with_another_is_not_below_it(tmp_path: Path) -> None:
    text = """
        [[agency]]
        code = "H49"
        domains = ["h49.gov.example"]
        [[agency]]
        code = "H491"
        domains = ["h491.h49.gov.example"]
    """
    found = some_agencies(tmp_path, text)
    rights = found.rights_of("H49")
    assert rights is not None
    assert "it belongs to agency H491" == check_name(names.read("www.h491.h49.gov.example"), rights, found)


@pytest.mark.parametrize(
    ("line", "message", "hint"),
    [
        ('domain = ["a.example"]', "unknown key 'domain'", "did you mean 'domains'?"),
        ('domains = "a.gov.example"', "domains: must be a list of texts", ""),
        ('domains = ["gov.example"]', "domains: 'gov.example' is shared by all", "name the agency's own domain"),
        ('domains = ["*.h49.gov.example"]', "domains: '*.h49.gov.example' holds what is below it", "h49.gov.example"),
        ('domains = ["example"]', "domains: 'example' is not a full name", "write it with its domain: web.gov.example"),
        ('networks = ["10.49.0.0/33"]', "networks: '10.49.0.0/33' is no network", "10.49.0.0/16"),
        ('networks = ["0.0.0.0/0"]', "networks: '0.0.0.0/0' is wider than any agency's", "10.49.0.0/16"),
        ('mail = ["an@h49_gov"]', "mail: 'h49_gov' is no DNS name", "letters, digits and hyphens"),
        ('wildcards = "yes"', "wildcards: must be true or false", ""),
        ('profiles = ["tls-sever"]', "profiles: 'tls-sever' is not known", "did you mean 'tls-server'?"),
        ('requesters = ["mihn"]', "requesters: 'mihn' is not known", "did you mean 'minh'?"),
        ("requesters = [1]", "requesters: must be a list of texts", ""),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, line: str, message: str, hint: str) -> None:
    path = tmp_path / "agencies.toml"
    path.write_text(f'# rights\n[[agency]]\ncode = "H49"\n{line}\n', encoding="utf-8")
    found, (fault,) = agencies.load([tmp_path], PROFILES, ["minh", "lan"])
    assert (f"{path}:4", {}) == (fault.place, dict(found.tables))
    assert message in fault.message
    assert hint in fault.hint


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("[[agency]]\n", "code: is missing", 1),
        ('\n[[agency]]\ncode = "49"\n', "code: '49' is no identifier code", 3),
        ('[agency]\ncode = "H49"\n', "agencies are tables that begin with [[agency]]", 1),
        ('[[agencies]]\ncode = "H49"\n', "unknown key 'agencies'", 1),
        ("[[agency]\n", "not TOML", 1),
        ('[[agency]]\ncode = "H49"\n[[agency]]\ncode = "000.00.00.H49"\n', "'H49' is described twice", 3),
    ],
)
def test_what_is_no_table_of_an_agency_is_told(tmp_path: Path, text: str, message: str, line: int) -> None:
    path = tmp_path / "agencies.toml"
    path.write_text(text, encoding="utf-8")
    _found, faults = agencies.load([tmp_path])
    assert [(f"{path}:{line}", True)] == [(fault.place, message in fault.message) for fault in faults]


def test_what_two_claim_is_told_and_is_the_first_ones(tmp_path: Path) -> None:
    table = '[[agency]]\ncode = "{code}"\ndomains = ["a.gov.example"]\nnetworks = ["10.1.0.0/16"]\n'
    (tmp_path / "agencies.toml").write_text(table.format(code="H49") + table.format(code="H50"), encoding="utf-8")
    found, faults = agencies.load([tmp_path])
    assert ["domains: a.gov.example belongs to 'H49' already", "networks: 10.1.0.0/16 belongs to 'H49' already"] == [
        fault.message for fault in faults
    ]
    owners = found.owner_of_host("a.gov.example"), found.owner_of_address("10.1.2.3")
    assert ["H49", "H49"] == [owner.code for owner in owners if owner]


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no agencies can be read here"):
        agencies.load([tmp_path / "none"])


def test_domains_with_vietnamese_letters_are_in_their_one_form(tmp_path: Path) -> None:
    text = '[[agency]]\ncode = "H49"\ndomains = ["quảngtrị.gov.example"]\nnetworks = ["10.49.1.9/16"]\n'
    found = some_agencies(tmp_path, text).rights_of("H49")
    assert found is not None
    assert (("xn--qungtr-cd8bym.gov.example",), (network_of("10.49.0.0/16"),)) == (found.domains, found.networks)


def test_the_practice_rights_fit_the_practice_estate() -> None:
    found, faults = agencies.load([ROOT / "pki" / "agencies"], PROFILES)
    policy = Policy.of(load_estate(content.practice_estate()), PROFILES, found)
    assert [] == faults
    assert [] == [code for code in policy.known if found.rights_of(code) is None]
    assert [] == [code for code in found.tables if code not in policy.known]
