"""Profiles: those shipped, those of one's own, and what is told about broken ones."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel import content
from sentinel.errors import InputError, SentinelError
from sentinel.estate.check import CODE
from sentinel.pki.certificates.names import ATTRIBUTES
from sentinel.pki.certificates.purposes import PURPOSES
from sentinel.pki.profiles.load import lines_of, load, read
from sentinel.pki.profiles.schema import FIELDS, rows

if TYPE_CHECKING:
    from sentinel.pki.certificates.profile import Profile

ROOT = Path(__file__).resolve().parents[3]
SHIPPED = [
    "cross-certificate",
    "device",
    "issuing-authority",
    "log-shipper",
    "ocsp-responder",
    "root",
    "rule-pack",
    "soc-official",
    "timestamping",
    "tls-client",
    "tls-server",
]
LEAST = """\
name = "Máy chủ"

[subject]
common_name = "{common_name}"

[validity]
default = "90d"
longest = "398d"

[keys]
kinds = ["p-256"]

[usage]
keys = ["digital_signature"]
purposes = ["client_auth"]
"""


def told(folder: Path, text: str, name: str = "mine.toml") -> list[tuple[str, str]]:
    """Give what is told about a profile, as line and message, each with its hint."""
    (folder / name).write_text(text, encoding="utf-8")
    faults: list[SentinelError] = []
    assert not load([folder], faults=faults) or not faults
    return [(fault.place.removeprefix(str(folder) + "/"), f"{fault.message} | {fault.hint}") for fault in faults]


def made(folder: Path, text: str) -> Profile:
    (folder / "mine.toml").write_text(text, encoding="utf-8")
    return load([folder])["mine"]


def test_the_shipped_profiles_are_sound() -> None:
    assert SHIPPED == sorted(load([content.profiles()]))


def test_the_least_profile_is_enough(tmp_path: Path) -> None:
    profile = made(tmp_path, LEAST)
    assert ("mine", "Máy chủ", "Máy chủ", None) == (profile.id, profile.name, profile.name_en, profile.authority)
    assert (90 * 86_400, 398 * 86_400, 3600) == (profile.validity, profile.longest, profile.backdate)
    assert {"common_name": True} == profile.fields
    assert (PURPOSES["client_auth"].oid,) == profile.purposes


def test_a_profile_of_ones_own_goes_before_the_one_shipped(tmp_path: Path) -> None:
    (tmp_path / "tls-server.toml").write_text(LEAST, encoding="utf-8")
    found = load([tmp_path, content.profiles()])
    assert SHIPPED == sorted(found)
    assert f"{tmp_path}/tls-server.toml:1" == found["tls-server"].place


def test_a_broken_profile_of_ones_own_does_not_give_way_to_the_one_shipped(tmp_path: Path) -> None:
    (tmp_path / "tls-server.toml").write_text("name = 1", encoding="utf-8")
    faults: list[SentinelError] = []
    found = load([tmp_path, content.profiles()], faults=faults)
    assert "tls-server" not in found
    assert faults


def test_without_a_list_for_faults_the_first_is_raised(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(LEAST.replace("90d", "90 days"), encoding="utf-8")
    with pytest.raises(InputError, match=r"mine\.toml:7: 'validity\.default' must be a span of time"):
        load([tmp_path])


def test_fields_of_subjects_are_told_with_whether_they_must_be_there() -> None:
    expected = {"province": False, "organization": True}
    assert expected == dict(load([content.profiles()])["tls-server"].fields)


@pytest.mark.parametrize(
    ("before", "after", "line", "message"),
    [
        ("[keys]\nkinds", "[keys]\nkind", 11, "unknown key 'keys.kind' | did you mean 'kinds'?"),
        ("[usage]", "[usages]", 13, "unknown key 'usages' | did you mean 'usage'?"),
        ("common_name =", "comon_name =", 4, "unknown key 'subject.comon_name' | did you mean 'common_name'?"),
        ('"p-256"', '"p-265"', 11, "'keys.kinds' 'p-265' is none of its words | did you mean 'p-256'?"),
        ('"client_auth"', '"client_aut"', 15, "none of its words, nor an OID | did you mean 'client_auth'?"),
        ('"client_auth"', '"3.1.2"', 15, "'3.1.2' is none of its words"),
        ("90d", "399d", 7, "at most 'validity.longest'"),
        ('"90d"', "90", 7, "'validity.default' must be a span of time such as 12h, 90d or 52w | How long"),
        ('"{common_name}"', '"{common_name"', 4, "holds a brace that belongs to no field"),
        ('"{common_name}"', '"{Tên}"', 4, "holds a brace that belongs to no field"),
        ('"Máy chủ"', '""', 1, "'name' is empty"),
        ('"Máy chủ"', r'"a\u202Eb"', 1, "'name' holds a control character"),
        ('name = "Máy chủ"\n', "", 1, "'name' is missing | What people call"),
        ("[subject]", "policies = []\npolicies = []\n[subject]", 4, "not TOML"),
        ("[keys]", '[names]\nkinds = ["dns"]\n[keys]', 11, "'names.kinds' and 'names.most' go together"),
        ("[keys]", '[names]\nkinds = ["dns"]\nleast = 2\nmost = 1\n[keys]', 12, "'names.least' is more than"),
        ("[keys]", "[keys]\nrsa_least = 1024", 11, "must be a whole number, 2048 to 16384 | The fewest bits"),
        ("[keys]", "[keys]\nrsa_least = 8192", 11, "'keys.rsa_least' is more than 'keys.rsa_most'"),
        ("[keys]", "[keys]\nrsa_least = true", 11, "must be a whole number"),
        ('["digital_signature"]', '["crl_sign", "digital_signature"]', 14, "crl_sign is for authorities alone"),
        ('["digital_signature"]', '["key_encipherment"]', 14, "none of its kinds of keys can do | rsa"),
        ('["digital_signature"]', '["digital_signature", "encipher_only"]', 14, "go with key_agreement"),
        ('["digital_signature"]', '["content_commitment"]', 15, "client_auth needs one of these in 'usage.keys'"),
        ('["client_auth"]', '["time_stamping", "client_auth"]', 15, "time_stamping must be the only purpose"),
        ('["client_auth"]', '["time_stamping"]', 15, "time_stamping must be critical | critical = true"),
        ('["client_auth"]', "[]", 15, "would be good for anything"),
        ('["client_auth"]', '["client_auth", "client_auth"]', 15, "names 'client_auth' twice"),
        ('["client_auth"]', '["2.5.29.37.0"]', 15, "must not be any purpose"),
        ("[usage]", "[revocation]\nno_check = true\n[usage]", 14, "is for OCSP responders"),
        ("[usage]", "[revocation]\nshards = 0\n[usage]", 14, "must be a whole number, 1 to 4096"),
        ("[usage]", "[authority]\n[usage]", 15, "an authority needs key_cert_sign"),
        ("[subject]", 'policies = ["1.40.1"]\n[subject]', 3, "'1.40.1' is no OID"),
        ("[subject]", 'agency_codes = "["\n[subject]', 3, "'agency_codes' is no regular expression"),
        ('[validity]\ndefault = "90d"\nlongest = "398d"\n', "", 1, "'validity.default' is missing"),
        ('common_name = "{common_name}"', 'common_name = "' + "x" * 65 + '"', 4, "has 65 characters, and may have 64"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, before: str, after: str, line: int, message: str) -> None:
    assert before in LEAST
    found = told(tmp_path, LEAST.replace(before, after, 1))
    places = [place for place, text in found if message in text]
    assert [f"mine.toml:{line}"] == places, found


def test_a_table_that_is_a_value_is_told(tmp_path: Path) -> None:
    text = 'usage = ["client_auth"]\n' + LEAST.partition("[usage]")[0]
    assert ("mine.toml:1", "'usage' must be a table | [usage]") == told(tmp_path, text)[0]


def test_everything_wrong_is_told_at_once(tmp_path: Path) -> None:
    found = told(tmp_path, LEAST.replace("90d", "x").replace("p-256", "y").replace("client_auth", "z"))
    assert ["mine.toml:7", "mine.toml:11", "mine.toml:15"] == [place for place, _message in found]


def test_a_file_whose_name_is_no_name_is_told(tmp_path: Path) -> None:
    ((place, message),) = told(tmp_path, LEAST, "Máy chủ.toml")
    assert ("Máy chủ.toml", True) == (place, "'Máy chủ' is no name of a profile" in message)


def test_a_file_that_is_not_utf_8_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_bytes(b'name = "x"\nname_en = "\xff"\n')
    with pytest.raises(InputError, match=r"mine\.toml:2: is not UTF-8"):
        load([tmp_path])


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no profiles can be read here"):
        load([tmp_path / "nowhere"])


def test_texts_are_kept_in_the_form_nfc(tmp_path: Path) -> None:
    assert "Sở" == made(tmp_path, LEAST.replace("Máy chủ", "So\u031b\u0309")).name


@pytest.mark.parametrize("code", ["H49.61.05", "000.00.00.H49", "G90"])
def test_codes_of_agencies_may_stand_in_either_order(code: str) -> None:
    load([content.profiles()])["tls-server"].check_agency(code)


def test_the_pattern_of_codes_is_that_of_the_profile_or_else_of_the_settings(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(LEAST, encoding="utf-8")
    assert CODE.pattern == load([tmp_path])["mine"].codes
    assert "X[0-9]" == load([tmp_path], codes="X[0-9]")["mine"].codes
    own = LEAST.replace("[subject]", 'agency_codes = "Y"\n[subject]')
    (tmp_path / "mine.toml").write_text(own, encoding="utf-8")
    assert "Y" == load([tmp_path], codes="X[0-9]")["mine"].codes
    with pytest.raises(InputError, match="'H49' is no identifier code"):
        load([tmp_path])["mine"].check_agency("H49")


def test_lines_are_those_of_the_fields_own_table() -> None:
    assert {"names": 1, "names.kinds": 2, "keys": 3, "keys.kinds": 4} == lines_of("[names]\nkinds=1\n[keys]\nkinds=2")


@given(st.text())
def test_any_text_is_read_or_told(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    faults: list[SentinelError] = []
    assert (read(path, faults) is None) == bool(faults)


@given(
    st.sampled_from(sorted(FIELDS)), st.sampled_from(["1", "true", '"x"', "[]", "[1]", '["x"]', "{}", "1.5", "[[]]"])
)
def test_any_value_of_a_field_is_read_or_told(tmp_path_factory: pytest.TempPathFactory, name: str, value: str) -> None:
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_text(f"{name} = {value}\n", encoding="utf-8")
    faults: list[SentinelError] = []
    assert read(path, faults) is None
    assert faults


def test_every_attribute_of_names_is_a_field() -> None:
    assert list(ATTRIBUTES) == [name.partition(".")[2] for name in FIELDS if name.startswith("subject.")]


def test_the_reference_names_every_field_as_the_code_does() -> None:
    page = (ROOT / "docs/reference/profiles.md").read_text(encoding="utf-8").splitlines()
    lines = [f"| {' | '.join(cells)} |".replace("|  |", "| |") for cells in rows()]
    assert lines == [line for line in page if line in lines]
    written = [line for line in page if line.startswith("| `") and line.count("|") == 5]
    assert lines == written


def test_the_reference_names_every_shipped_profile() -> None:
    page = (ROOT / "docs/reference/profiles.md").read_text(encoding="utf-8")
    named = [profile for profile in SHIPPED if f"[`{profile}`](../../pki/profiles/{profile}.toml)" in page]
    assert SHIPPED == named
