"""Files with keys: what is read, what is refused, what is never overwritten."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from sentinel.crypto.key_files import passphrase_bytes, read_passphrase, read_private, read_public, write_private
from sentinel.crypto.keys import PassphraseNeeded, PrivateKey
from sentinel.errors import InputError

PASSPHRASE = "một hai ba bốn năm".encode()


def a_secret(path: Path, content: bytes, mode: int = 0o600) -> Path:
    path.write_bytes(content)
    path.chmod(mode)
    return path


def a_key(path: Path) -> tuple[Path, PrivateKey]:
    key = PrivateKey.new()
    write_private(path, key, PASSPHRASE)
    return path, key


def test_a_key_is_written_for_its_owner_alone_and_read_again(tmp_path: Path) -> None:
    path, key = a_key(tmp_path / "khoá của Lan.pem")
    assert 0o600 == stat.S_IMODE(path.stat().st_mode)
    assert key.public == read_private(path, lambda: PASSPHRASE).public


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is not installed")
def test_the_passphrase_is_asked_for_only_where_it_is_needed(tmp_path: Path) -> None:
    path, _key = a_key(tmp_path / "lan.pem")
    with pytest.raises(PassphraseNeeded):
        read_private(path)
    plain = tmp_path / "plain"
    subprocess.run(
        [shutil.which("ssh-keygen") or "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(plain)], check=True
    )
    public = read_private(plain, lambda: pytest.fail("asked")).public
    assert public == read_public(Path(f"{plain}.pub"))


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    path, key = a_key(tmp_path / "lan.pem")
    with pytest.raises(InputError, match="never overwritten"):
        a_key(path)
    assert key.public == read_private(path, lambda: PASSPHRASE).public


def test_where_a_key_cannot_be_written_nothing_is_left(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        a_key(tmp_path / "none" / "lan.pem")
    with pytest.raises(InputError, match="too short"):
        write_private(tmp_path / "lan.pem", PrivateKey.new(), b"short")
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize("mode", [0o604, 0o644, 0o660, 0o602, 0o777])
def test_a_key_that_others_can_read_or_change_is_refused(tmp_path: Path, mode: int) -> None:
    path, _key = a_key(tmp_path / "lan.pem")
    path.chmod(mode)
    with pytest.raises(InputError, match=f"mode {mode:o}") as caught:
        read_private(path, lambda: pytest.fail("asked"))
    assert str(path) == caught.value.place
    assert "chmod 600" in caught.value.hint


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    for read in (read_private, read_public, read_passphrase):
        with pytest.raises(InputError, match="cannot be read: No such file") as caught:
            read(tmp_path / "none")
        assert str(tmp_path / "none") == caught.value.place
        with pytest.raises(InputError, match="cannot be read: Is a directory"):
            read(tmp_path)


def test_a_passphrase_is_the_first_line_however_its_letters_are_composed(tmp_path: Path) -> None:
    composed = a_secret(tmp_path / "composed", "bốn năm\nmore".encode())
    apart = a_secret(tmp_path / "apart", b"bo\xcc\x82\xcc\x81n na\xcc\x86m\r\n")
    assert "bốn năm".encode() == read_passphrase(composed) == read_passphrase(apart) == passphrase_bytes("bốn năm")


def test_a_passphrase_may_come_through_a_pipe() -> None:
    reading, writing = os.pipe()
    os.write(writing, b"through a pipe\n")
    os.close(writing)
    try:
        assert b"through a pipe" == read_passphrase(Path(f"/dev/fd/{reading}"))
    finally:
        os.close(reading)


@pytest.mark.parametrize("content", [b"", b"\nsecond"])
def test_a_file_without_a_passphrase_is_told(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(InputError, match="no passphrase on its first line"):
        read_passphrase(a_secret(tmp_path / "empty", content))


def test_a_passphrase_that_others_can_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="others may read"):
        read_passphrase(a_secret(tmp_path / "open", b"x", 0o644))
