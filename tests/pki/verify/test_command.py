"""`sentinel pki verify`, in a group of its own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import typer
from cryptography.hazmat.primitives.serialization import Encoding
from typer.testing import CliRunner

from sentinel.cli import pki_verify
from sentinel.errors import InputError
from tests.pki.verify.chains import AT, Party, a_list, a_server, an_authority
from tests.pki.verify.test_fetching import points, serving

if TYPE_CHECKING:
    from pathlib import Path

NOON = "2026-11-23T12:00:00+00:00"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with a chain: `máy chủ.pem` (and its issuer), `gốc.der`, and `lists/` with both lists."""
    root = an_authority("Gốc quốc gia")
    issuing = an_authority("Cấp", root)
    leaf = a_server(issuing, "dichvucong.gov.example")
    (tmp_path / "máy chủ.pem").write_bytes(leaf.pem + issuing.pem)
    (tmp_path / "gốc.der").write_bytes(root.der)
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "root.crl").write_bytes(a_list(root))
    (tmp_path / "lists" / "issuing.crl").write_bytes(a_list(issuing))
    (tmp_path / "revoked.crl").write_bytes(a_list(issuing, leaf))
    return tmp_path


def run(*words: object) -> tuple[int, str]:
    """Run the command; give its exit code and what it wrote."""
    app = typer.Typer()
    group = typer.Typer()
    pki_verify.register(group)
    group.command("other")(lambda: None)
    app.add_typer(group, name="pki")
    result = CliRunner().invoke(app, ["pki", "verify", *map(str, words)], standalone_mode=False, obj={})
    if result.exception is not None:
        raise result.exception
    return result.return_value or 0, result.output


def asked(folder: Path, *words: object) -> tuple[int, str]:
    return run(folder / "máy chủ.pem", "--root", folder / "gốc.der", "--at", NOON, *words)


def test_a_certificate_that_holds_ends_with_0_and_tells_what_was_checked(folder: Path) -> None:
    code, output = asked(folder, "--name", "dichvucong.gov.example", "--crl", folder / "lists", "--revocation", "all")
    assert 0 == code
    assert output.startswith("holds at 2026-11-23 19:00\n")
    assert "CN=Gốc quốc gia" in output
    assert "not revoked (crl)" in output
    assert "purpose asked for: no purpose was asked for" in output
    assert "OpenSSL) agrees" in output


def test_a_certificate_that_does_not_hold_ends_with_1_and_names_every_reason(folder: Path) -> None:
    code, output = asked(folder, "--name", "other.example", "--purpose", "tls-client", "--crl", folder / "revoked.crl")
    assert 1 == code
    assert output.startswith("does not hold at 2026-11-23 19:00\n")
    assert "is revoked: crl: key_compromise [RFC 5280, 6.1.3 (a) (3)]" in output
    assert "is not for this name: dns:other.example [RFC 9525, 6]" in output
    assert "does not allow this purpose: 1.3.6.1.5.5.7.3.1 [RFC 5280, 4.2.1.12]" in output
    assert 3 == output.count("hint: ")
    assert f"({folder}/máy chủ.pem:1)" in output


def test_programs_read_the_same_as_json(folder: Path) -> None:
    code, output = asked(folder, "--crl", folder / "revoked.crl", "--json")
    told = json.loads(output)
    assert 1 == code
    assert (False, "2026-11-23T12:00:00.000000000Z") == (told["holds"], told["at"])
    assert [("revoked", told["chain"][0]["sha256"])] == [(e["fault"], e["certificate"]) for e in told["objections"]]
    assert ["revoked", "unknown"] == [each["state"] for each in told["revocation"]]
    assert [f"{folder}/máy chủ.pem:1", f"{folder}/gốc.der"] == [told["chain"][i]["place"] for i in (0, 2)]
    assert "agrees" == told["second_opinion"]


def test_a_policy_that_is_asked_for_has_to_be_there(folder: Path) -> None:
    code, output = asked(folder, "--policy", "1.2.3.4")
    assert 1 == code
    assert "no policy that is asked for is valid along the whole chain" in output


def test_nothing_is_fetched_unless_asked_for(tmp_path: Path) -> None:
    with serving() as server:
        root = an_authority()
        leaf = a_server(root, more=[points(f"{server.url}/root.crl")])
        server.answers["/root.crl"] = a_list(root, leaf)
        write(tmp_path, leaf, root)
        words = (tmp_path / "leaf.pem", "--root", tmp_path / "root.pem", "--at", NOON)
        silent, fetching = run(*words), run(*words, "--fetch")
    assert (0, 1) == (silent[0], fetching[0])
    assert ["GET /root.crl"] == server.asked
    assert f"{server.url}/root.crl: " in fetching[1]


def write(folder: Path, leaf: Party, root: Party) -> None:
    (folder / "leaf.pem").write_bytes(leaf.certificate.public_bytes(Encoding.PEM))
    (folder / "root.pem").write_bytes(root.certificate.public_bytes(Encoding.PEM))


@pytest.mark.parametrize(
    ("words", "place"),
    [
        (("--purpose", "everything"), "--purpose"),
        (("--revocation", "some"), "--revocation"),
        (("--at", "yesterday"), "--at"),
        (("--policy", "mine"), "--policy"),
        (("--name", "a b"), "--name"),
        (("--crl", "gốc.der"), "gốc.der"),
        (("--root", "revoked.crl"), None),
        (("--intermediate", "none.pem"), "none.pem"),
    ],
)
def test_a_wrong_call_is_wrong_input_with_a_place_and_a_hint(
    folder: Path, words: tuple[str, str], place: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    if place is None:
        with pytest.raises(InputError):
            run("máy chủ.pem", *words)
        return
    with pytest.raises(InputError) as caught:
        asked(folder, *words)
    assert (place, 2) == (caught.value.place, caught.value.exit_code)


def test_a_date_means_its_last_moment_in_the_zone_that_is_set(folder: Path) -> None:
    words = (folder / "máy chủ.pem", "--root", folder / "gốc.der")
    told = json.loads(run(*words, "--at", "2026-11-23", "--json")[1])
    assert "2026-11-23T16:59:59.000000000Z" == told["at"]
    assert told["holds"]
    assert AT > 0
