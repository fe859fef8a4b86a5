"""The keys of a signer's home: what is read, what is refused with its line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sentinel.errors import InputError, Refused
from sentinel.pki.model import Algorithm
from sentinel.pki.signing import home
from sentinel.pki.signing.opening import secrets_of, wanted
from sentinel.pki.signing.tokens import TokenPlace
from tests.pki.signing.a_signer import SECOND, an_entry

if TYPE_CHECKING:
    from pathlib import Path

    from sentinel.pki.signing.home import KeyEntry

PLACE = TokenPlace("/usr/lib/softhsm/libsofthsm2.so", 'thẻ "1"', "khoá\\2026")
KEY = """\
[[key]]
name = "issuing"
issuer = "issuing"
algorithm = "ecdsa-p256-sha256"
subject = "MA8xDTALBgNVBAMMBFRlc3Q="
file = "issuing.pem"
"""


def test_what_is_registered_is_read_as_it_was(tmp_path: Path) -> None:
    entries = (
        an_entry(name="gốc", issuer="root", signs=("crl",)),
        an_entry(Algorithm.RSA_PSS_SHA256, name="tài-liệu", at=PLACE, retired=1_795_150_800 * SECOND),
    )
    for entry in entries:
        home.add(tmp_path / "signer", entry)
    assert entries == home.entries(tmp_path / "signer")
    assert 0o700 == (tmp_path / "signer").stat().st_mode & 0o777


def test_a_name_is_given_once(tmp_path: Path) -> None:
    home.add(tmp_path, an_entry())
    with pytest.raises(InputError, match="there is a key 'issuing-2026' already"):
        home.add(tmp_path, an_entry(issuer="another"))


def test_a_home_without_keys_has_none(tmp_path: Path) -> None:
    assert () == home.entries(tmp_path)


@pytest.mark.parametrize(
    ("line", "change", "told"),
    [
        (1, ("issuing.pem", "../issuing.pem"), "must name a file beside"),
        (1, ("file =", "module ="), "has 'file', or 'module'"),
        (1, ('file = "issuing.pem"\n', ""), "has 'file', or 'module'"),
        (1, ("ecdsa-p256-sha256", "ecdsa-p256-md5"), "unknown algorithm"),
        (1, ("MA8x", "MB8x"), "base64 of a name's DER"),
        (1, ("MA8x", "--"), "base64 of a name's DER"),
        (1, ("file =", "passphrase ="), "unknown name 'passphrase'"),
        (1, ('name = "issuing"', "name = 7"), "'name' must be a text"),
        (1, ('name = "issuing"', 'name = "../x"'), "cannot be a name"),
        (1, ("file =", "retired = 2026-01-01\nfile ="), "not a time with its offset"),
        (1, ("file =", "signs = []\nfile ="), "'signs' must be a list"),
        (1, ("file =", 'signs = ["mail"]\nfile ='), "'signs' must be a list"),
        (3, ("issuer =", "issuer"), "not TOML"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, line: int, change: tuple[str, str], told: str) -> None:
    assert change[0] in KEY
    (tmp_path / home.KEYS).write_text(KEY.replace(*change), encoding="utf-8")
    with pytest.raises(InputError, match=told) as caught:
        home.entries(tmp_path)
    assert f"{tmp_path / home.KEYS}:{line}" == caught.value.place


def test_a_name_that_stands_twice_is_told(tmp_path: Path) -> None:
    (tmp_path / home.KEYS).write_text(KEY + KEY, encoding="utf-8")
    with pytest.raises(InputError, match="'issuing' stands here twice"):
        home.entries(tmp_path)


def test_one_signer_at_a_time_has_a_home(tmp_path: Path) -> None:
    with home.alone(tmp_path), pytest.raises(Refused, match="another signer runs here"), home.alone(tmp_path):
        pass
    with home.alone(tmp_path):
        pass


def test_a_home_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "signer.lock").mkdir()
    with pytest.raises(InputError, match="cannot be written"), home.alone(tmp_path):
        pass


def test_only_the_keys_that_are_wanted_are_unlocked_and_a_token_once(tmp_path: Path) -> None:
    for name in ("one", "two", "three"):
        home.add(tmp_path, an_entry(name=name, at=PLACE if name != "two" else "two.pem"))
    asked: list[str] = []

    def unlock(entry: KeyEntry) -> bytes:
        asked.append(entry.name)
        return entry.name.encode()

    assert {"two": b"two"} == secrets_of(wanted(tmp_path, ["two"]), unlock)
    assert {"one": b"one", "two": b"two", "three": b"one"} == secrets_of(wanted(tmp_path, ()), unlock)
    assert ["two", "one", "two"] == asked
    with pytest.raises(InputError, match="there is no key 'four'") as caught:
        wanted(tmp_path, ["four"])
    assert "keys: one, two, three" == caught.value.hint
