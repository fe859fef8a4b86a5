"""Batches: each row is judged on its own, and taken once."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from sentinel.errors import InputError, Refused
from sentinel.pki.certificates.algorithms import KeyKind, facts
from sentinel.pki.requests import batch, from_estate, keys, making, table
from sentinel.pki.requests.batch import Batch, Taking
from tests.pki.requests.csrs import a_csr, rsa_key
from tests.pki.requests.policies import ESTATE, PROFILES, a_policy, told

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from sentinel.pki.requests.check import Policy

HEAD = "profile,agency,common_name,names,key,validity,title\n"
PASSPHRASE = b"a sentence of our own"


def taken(folder: Path, *lines: str, requester: str = "minh", done: Collection[str] = (), name: str = "") -> Batch:
    path = folder / "batch.csv"
    path.write_text(HEAD + "\n".join(lines), encoding="utf-8")
    (folder / "web.csr").write_bytes(a_csr("web.h49.gov.example", common_name="web.h49.gov.example"))
    return batch.read(path, a_policy(folder, requester), Taking(folder, name, frozenset(done)))


def faults(folder: Path, *lines: str, requester: str = "minh") -> list[str]:
    found = taken(folder, *lines, requester=requester)
    return [fault.removeprefix(f"{folder}/") for fault in told(found.faults)]


def test_names_come_from_the_request_where_the_row_has_none(tmp_path: Path) -> None:
    (found,) = taken(tmp_path, "tls-server,H49,,,web.csr,,").wanted
    assert ["dns:web.h49.gov.example"] == [str(name) for name in found.names]
    assert ("H49", "tls-server", 0) == (found.agency, found.profile, found.validity)
    assert {"organization": "Ủy ban nhân dân tỉnh", "province": "An Giang"} == dict(found.subject)


def test_names_of_the_row_go_before_those_of_the_request(tmp_path: Path) -> None:
    (found,) = taken(tmp_path, 'tls-server,H49,a.h49.gov.example,"b.h49.gov.example; 10.49.0.7",web.csr,30d,').wanted
    assert ["dns:a.h49.gov.example", "dns:b.h49.gov.example", "ip:10.49.0.7"] == [str(name) for name in found.names]
    assert 30 * 86_400 == found.validity


def test_the_estate_tells_how_a_code_is_written_and_where_it_lies(tmp_path: Path) -> None:
    (found,) = taken(tmp_path, "device,H49.61.05,pc01.anphu.h49.gov.example,,generate,,").wanted
    assert ("000.05.61.H49", b"") == (found.agency, found.public_key)
    assert {
        "organization": "Ủy ban nhân dân xã An Phú",
        "province": "An Giang",
        "locality": "Xã An Phú",
        "common_name": "pc01.anphu.h49.gov.example",
    } == dict(found.subject)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("tls-sever,H49,,,web.csr,,", "no profile is called 'tls-sever'"),
        ("tls-server,H99,,,web.csr,,", "'H99' is no agency of the estate"),
        (",H49,,,web.csr,,", "'profile' is empty"),
        ("tls-server,H49,,,,,", "'key' is empty"),
        ("tls-server,H49,,,none.csr,,", "{folder}/none.csr cannot be read: No such file or directory"),
        ("tls-server,H49,,,batch.csv,,", "{folder}/batch.csv: not a request of PKCS#10"),
        ("tls-server,H49,,,key.p12,,", "the key in {folder}/key.p12 needs a passphrase"),
        ("tls-server,H49,,web_1.h49.gov.example,web.csr,,", "'web_1.h49.gov.example' is no DNS name"),
        (
            "tls-server,H49,,web.h50.gov.example,web.csr,,",
            "dns:web.h50.gov.example: web.h50.gov.example is not of agency H49",
        ),
        ("tls-server,H50,,,web.csr,,", "dns:web.h49.gov.example: web.h49.gov.example is not of agency H50"),
        (
            "tls-server,H49,,dịchvụcông.h49.gov.example,web.csr,,",
            "dns:dịchvụcông.h49.gov.example: the label 'dịchvụcông' looks like that of",
        ),
        ("tls-server,H49,,an@h49.gov.example,web.csr,,", "email:an@h49.gov.example: profile tls-server has no names"),
        ("tls-server,H49,,*.h49.gov.example,web.csr,,", "dns:*.h49.gov.example: profile tls-server has no wildcards"),
        ("tls-server,H49,,,generate,,", "0 names; profile tls-server has 1 to 100"),
        ("tls-server,H49,,,web.csr,soon,", "'soon' is no span of time"),
        ("tls-server,H49,,,web.csr,0,", "'0' is no span of time"),
        ("tls-server,H49,,,web.csr,399,", "399 days are asked for; profile tls-server has 398 at most"),
        ("tls-server,H49,,,web.csr,,Trưởng phòng", "profile tls-server has no field 'title' of subjects"),
        ("device,H49,,web.h49.gov.example,generate,,", "profile device needs 'common_name' of the subject"),
        (
            "device,H49,pc\u200b1,web.h49.gov.example,generate,,",
            "common_name: it holds a character that cannot be seen",
        ),
        ("root,H49,,,web.csr,,", "profile root is of authorities, which requests are not for"),
        ("timestamping,H49,,,web.csr,,", "agency H49 may not ask for profile timestamping"),
        ("tls-server,H49.12,,a.sotnmt.gov.example,web.csr,,", "minh may not ask for agency H49.12"),
    ],
)
def test_what_is_wrong_with_a_row_is_told_with_its_line(tmp_path: Path, line: str, expected: str) -> None:
    (tmp_path / "key.p12").touch(0o600)
    found = faults(tmp_path, "tls-server,H49,ok.h49.gov.example,,web.csr,,", line)
    assert f"batch.csv:3: {expected.format(folder=tmp_path)}" in [
        fault[: 13 + len(expected.format(folder=tmp_path))] for fault in found
    ]


def test_rows_that_are_right_are_taken_beside_those_that_are_not(tmp_path: Path) -> None:
    found = taken(
        tmp_path, "tls-server,H49,,,web.csr,,", "tls-server,H49,,,none.csr,,", "x,y", "tls-client,H49,a,,web.csr,,"
    )
    assert (4, 2, 2) == (found.rows, len(found.wanted), len({fault.place for fault in found.faults}))


def test_only_who_is_named_may_ask(tmp_path: Path) -> None:
    line = "tls-server,H49.12,,a.sotnmt.gov.example,web.csr,,"
    assert [] == faults(tmp_path, line, requester="lan.nguyễn")


def test_weak_keys_and_wrong_kinds_are_told(tmp_path: Path) -> None:
    (tmp_path / "weak.csr").write_bytes(a_csr("web.h49.gov.example", key=rsa_key(1024)))
    (tmp_path / "p521.csr").write_bytes(a_csr("web.h49.gov.example", key=ec.generate_private_key(ec.SECP521R1())))
    found = faults(tmp_path, "tls-server,H49,,,weak.csr,,", "tls-server,H49,,,p521.csr,,")
    assert [
        f"batch.csv:2: {tmp_path}/weak.csr:1: an RSA key of 1024 bits; 2048 to 8192 are accepted",
        "batch.csv:3: a key of kind p-521; profile tls-server has others",
    ] == found


def test_agencies_do_not_share_a_key(tmp_path: Path) -> None:
    lines = ("tls-server,H49,,,web.csr,,", "tls-server,H50,,web.h50.gov.example,web.csr,,")
    assert [f"batch.csv:3: its key is that of agency H49 too ({tmp_path}/batch.csv:2)"] == faults(tmp_path, *lines)
    assert [] == faults(tmp_path, lines[0], "tls-client,H49,web.h49.gov.example,,web.csr,,")


def test_the_same_row_twice_is_told_and_a_column_tells_them_apart(tmp_path: Path) -> None:
    line = "tls-server,H49,,,web.csr,,"
    assert [f"batch.csv:3: the same as {tmp_path}/batch.csv:2"] == faults(tmp_path, line, line)
    path = tmp_path / "ids.csv"
    path.write_text("id,profile,agency,key\n1,tls-server,H49,web.csr\n2,tls-server,H49,web.csr\n", encoding="utf-8")
    assert 2 == len(batch.read(path, a_policy(tmp_path)).wanted)


def test_what_was_made_is_not_made_again(tmp_path: Path) -> None:
    lines = ("tls-server,H49,,,web.csr,,", "tls-client,H49,a.h49.gov.example,,generate,,")
    first = taken(tmp_path, *lines)
    again = taken(
        tmp_path, "device,H49,d.h49.gov.example,,generate,,", *lines, done=[each.key for each in first.wanted]
    )
    assert [each.key for each in first.wanted] == [*again.done]
    assert ["device"] == [each.profile for each in again.wanted]


def test_the_same_rows_in_a_batch_of_another_name_are_others(tmp_path: Path) -> None:
    line = "tls-server,H49,,,web.csr,,"
    keys_of = [{each.key for each in taken(tmp_path, line, name=name).wanted} for name in ("", "2026", "2027")]
    assert 3 == len(set.union(*keys_of))


def test_a_batch_of_nothing_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the table has no lines"):
        taken(tmp_path)


def test_likenesses_are_warned_of(tmp_path: Path) -> None:
    found = taken(tmp_path, "tls-server,H49,,dichvukong.h49.gov.example,web.csr,,")
    assert (1, 1, True) == (len(found.wanted), len(found.warnings), "one letter off" in str(found.warnings[0]))


def test_keys_are_made_once_and_found_again(tmp_path: Path) -> None:
    policy, folder = a_policy(tmp_path), tmp_path / "khóa"
    found = taken(tmp_path, "tls-server,H49,a.h49.gov.example,,generate,,", "tls-server,H49,,,web.csr,,")
    first = making.with_keys(found, policy, folder, lambda: PASSPHRASE)
    again = making.with_keys(found, policy, folder, lambda: PASSPHRASE)
    made = first.wanted[0]
    assert first == again
    assert ([f"{made.key}.p12"], str(folder / f"{made.key}.p12")) == (
        [each.name for each in folder.iterdir()],
        made.key_file,
    )
    assert (0o700, KeyKind.P256) == (folder.stat().st_mode & 0o777, facts(made.public_key).kind)
    assert first.wanted[1] == found.wanted[1]


def test_keys_that_cannot_be_made_here_are_faults_of_their_rows(tmp_path: Path) -> None:
    policy = a_policy(tmp_path)
    only = replace(policy.profiles["tls-server"], keys=(KeyKind.ML_DSA_65,))
    policy = replace(policy, profiles={**policy.profiles, "tls-server": only})
    found = taken(tmp_path, "tls-server,H49,a.h49.gov.example,,generate,,", "device,H49,pc.h49.gov.example,,generate,,")
    for made in (
        making.with_stand_ins(found, policy),
        making.with_keys(found, policy, tmp_path / "keys", lambda: PASSPHRASE),
    ):
        assert (["device"], [f"{tmp_path}/batch.csv:2"]) == (
            [each.profile for each in made.wanted],
            [each.place for each in made.faults],
        )


def test_a_stand_in_is_a_key_and_no_file(tmp_path: Path) -> None:
    found = taken(tmp_path, "tls-server,H49,a.h49.gov.example,,generate,,")
    (made,) = making.with_stand_ins(found, a_policy(tmp_path)).wanted
    assert (KeyKind.P256, "") == (facts(made.public_key).kind, made.key_file)


def test_a_private_key_in_place_of_a_request_is_told(tmp_path: Path) -> None:
    (tmp_path / "web.key").write_text(
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", encoding="ascii"
    )
    (told_,) = faults(tmp_path, "tls-server,H49,,a.h49.gov.example,web.key,,")
    assert "this is a private key: it stays with its owner" in told_


def test_whoever_was_there_before_keeps_their_key(tmp_path: Path) -> None:
    """The row of another agency is as wrong the second time as the first, wherever it stands."""
    lines = "tls-server,H49.12,,a.sotnmt.gov.example,web.csr,,", "tls-server,H49,,a.h49.gov.example,web.csr,,"
    first = taken(tmp_path, lines[1], requester="lan.nguyễn")
    again = taken(tmp_path, *lines, requester="lan.nguyễn", done=[each.key for each in first.wanted])
    assert ([], ["batch.csv:2: its key is that of agency H49 too"]) == (
        [*again.wanted],
        [str(each).removeprefix(f"{tmp_path}/").partition(" (")[0] for each in again.faults],
    )


def test_faults_are_told_in_the_order_of_lines(tmp_path: Path) -> None:
    found = taken(tmp_path, "tls-server,H49,,khac.example,web.csr,,", "a,b,c,d,e,f,g,h", "tls-server,Z,,,web.csr,,")
    assert ["2", "3", "4"] == [each.place.rpartition(":")[2] for each in found.faults]


def test_a_file_of_a_key_is_taken_by_its_passphrase(tmp_path: Path) -> None:
    public = keys.create(tmp_path / "may.p12", KeyKind.P256, "", PASSPHRASE, 1000)
    rows = [
        table.Row({"profile": "tls-server", "agency": "H49", "names": "a.h49.gov.example", "key": "may.p12"}, "x:1")
    ]
    (found,) = batch.of_rows(rows, a_policy(tmp_path), Taking(tmp_path, ask=lambda: PASSPHRASE)).wanted
    assert (public, str(tmp_path / "may.p12")) == (found.public_key, found.key_file)


def test_the_estate_gives_a_row_for_each_agency_and_profile(tmp_path: Path) -> None:
    policy = a_policy(tmp_path, "lan.nguyễn")
    (tmp_path / "H49.csr").write_bytes(a_csr("dns01.h49.gov.example"))
    chosen = [PROFILES[name] for name in ("tls-server", "device", "soc-official")]
    rows = list(from_estate.rows_of(ESTATE, chosen, policy, tmp_path))
    assert [
        ("tls-server", "H49", "dns01.h49.gov.example", f"{tmp_path}/H49.csr"),
        ("device", "H49", "dns01.h49.gov.example", f"{tmp_path}/H49.csr"),
        ("tls-server", "H49.12", "sotnmt.gov.example", "generate"),
        ("device", "H49.12", "sotnmt.gov.example", "generate"),
        ("soc-official", "H49.12", "truc@h49.gov.example", "generate"),
        ("tls-server", "000.05.61.H49", "www.anphu.h49.gov.example", "generate"),
        ("device", "000.05.61.H49", "www.anphu.h49.gov.example", "generate"),
        ("tls-server", "H50", "tanphu.h50.gov.example", "generate"),
    ] == [tuple(row.get(column) for column in ("profile", "agency", "names", "key")) for row in rows]
    assert ((), 8) == ((found := batch.of_rows(rows, policy, Taking())).faults, len(found.wanted))


def test_ten_thousand_rows_are_checked_quickly(tmp_path: Path) -> None:
    rows = [
        table.Row(
            {
                "profile": "tls-server",
                "agency": "H49",
                "key": "generate",
                "names": f"máy{number}.h49.gov.example w{number}.h49.gov.example 10.49.{number // 250}.{number % 250}",
            },
            f"batch.csv:{number}",
        )
        for number in range(10_000)
    ]
    policy: Policy = a_policy(tmp_path)
    began = time.process_time()
    found = batch.of_rows(rows, policy, Taking())
    # The aim is 2.5 s on a quiet machine.
    assert (10_000, True) == (len(found.wanted), time.process_time() - began < 5)


def test_a_fault_of_the_request_keeps_its_kind(tmp_path: Path) -> None:
    (tmp_path / "weak.csr").write_bytes(a_csr("web.h49.gov.example", key=rsa_key(1024)))
    assert [Refused] == [type(fault) for fault in taken(tmp_path, "tls-server,H49,,,weak.csr,,").faults]
