from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from sentinel.errors import InputError
from sentinel.pki.verify.reading import read
from tests.pki.verify.chains import a_list, a_server, an_answer, an_authority

if TYPE_CHECKING:
    from pathlib import Path

ROOT = an_authority()
LEAF = a_server(ROOT)


def pem(label: str, der: bytes) -> bytes:
    import base64

    return f"-----BEGIN {label}-----\n".encode() + base64.encodebytes(der) + f"-----END {label}-----\n".encode()


def test_a_file_with_several_certificates_gives_them_in_order_with_their_lines(tmp_path: Path) -> None:
    file = tmp_path / "chain.pem"
    file.write_bytes(b"# the chain\n" + LEAF.pem + b"\n" + ROOT.pem)
    found = read([file]).certificates
    line = LEAF.pem.count(b"\n") + 3
    assert [(LEAF.der, f"{file}:2"), (ROOT.der, f"{file}:{line}")] == [(each.der, each.place) for each in found]


def test_what_a_file_holds_is_told_by_its_bytes(tmp_path: Path) -> None:
    bundle = pkcs7.serialize_certificates([LEAF.certificate, ROOT.certificate], Encoding.DER)
    for number, content in enumerate([LEAF.der, a_list(ROOT), an_answer(LEAF), bundle, pem("X509 CRL", a_list(ROOT))]):
        (tmp_path / f"{number}.der").write_bytes(content)
    found = read([tmp_path])
    assert [LEAF.der, LEAF.der, ROOT.der] == sorted(
        (each.der for each in found.certificates), key=[LEAF.der, ROOT.der].index
    )
    assert 2 == len(found.lists)
    assert 1 == len(found.answers)


def test_a_folder_gives_its_certificates_and_never_its_keys(tmp_path: Path) -> None:
    (tmp_path / "gốc.crt").write_bytes(ROOT.der)
    (tmp_path / "gốc.key").write_bytes(b"-----BEGIN PRIVATE KEY-----\nnot read\n-----END PRIVATE KEY-----\n")
    assert [ROOT.der] == [each.der for each in read([tmp_path]).certificates]


def test_a_private_key_beside_a_certificate_in_one_file_is_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "both.pem"
    file.write_bytes(b"-----BEGIN PRIVATE KEY-----\n!!\n-----END PRIVATE KEY-----\n" + LEAF.pem)
    assert [LEAF.der] == [each.der for each in read([file]).certificates]


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        (b"", "", "no certificate, revocation list"),
        (b"\x00\x01", "", "no certificate, revocation list"),
        (b"0\x03\x02\x01\x01", "", "no certificate, revocation list"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "", "no certificate, revocation list"),
        (b"\n\n" + pem("CERTIFICATE", LEAF.der[:-9]), ":3", "not a certificate"),
        (b"-----BEGIN CERTIFICATE-----\n&&&&\n-----END CERTIFICATE-----\n", ":1", "not base64"),
        (pem("X509 CRL", LEAF.der), ":1", "not a revocation list"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_place(tmp_path: Path, content: bytes, line: str, message: str) -> None:
    file = tmp_path / "hỏng.pem"
    file.write_bytes(content)
    with pytest.raises(InputError, match=message) as caught:
        read([file])
    assert f"{file}{line}" == caught.value.place
    assert caught.value.hint


def test_a_path_that_is_not_there_and_a_folder_with_nothing_are_named(tmp_path: Path) -> None:
    for path, message in ((tmp_path / "none.pem", "cannot be read"), (tmp_path, "no certificate lies in this folder")):
        with pytest.raises(InputError, match=message) as caught:
            read([path])
        assert str(path) == caught.value.place
