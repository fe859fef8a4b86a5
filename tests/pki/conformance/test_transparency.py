"""Go's own packages for transparency logs accept our checkpoints and proofs, and refuse what we refuse."""

from __future__ import annotations

import os
import subprocess
import tempfile
from functools import cache
from hashlib import sha256
from pathlib import Path

import pytest

from sentinel.ledger.checkpoint import verifier
from sentinel.ledger.merkle import leaf_hash
from sentinel.ledger.proofs import Consistency, Inclusion, prove_consistency, prove_inclusion
from tests.ledger.a_ledger import AUDITOR, a_checkpoint, a_ledger
from tests.pki.conformance import golang

SOURCE = Path(__file__).with_name("transparency")
VKEY = verifier("an.lê", AUDITOR.public)
ROWS = a_ledger(7)
DIGESTS = [digest for _entry, digest in ROWS.entries]
COUNT = len(DIGESTS)
HEADS = [a_checkpoint(ROWS, size) for size in range(COUNT + 1)]
BUILD = Path(__file__).resolve().parents[3] / "build" / "go"
_LONGEST = 300
"""Seconds that it may take to be built."""


@cache
def program() -> Path:
    """Give the program, built once; skips the test where it is not built yet and cannot be."""
    digest = sha256((SOURCE / "main.go").read_bytes()).hexdigest()[:12]
    path = BUILD / f"transparency-{digest}"
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="sentinel-go-") as folder:
        places = {each: str(Path(folder, each)) for each in ("GOPATH", "GOCACHE", "GOMODCACHE")}
        environ = {**os.environ, **places, "GOTOOLCHAIN": "local", "GOFLAGS": "-modcacherw", "CGO_ENABLED": "0"}
        beside = path.with_name(f"{path.name}.{os.getpid()}")
        command = [str(golang.root() / "bin" / "go"), "build", "-o", str(beside), "."]
        made = subprocess.run(
            command, env=environ, cwd=SOURCE, capture_output=True, text=True, check=False, timeout=_LONGEST
        )
    if made.returncode:
        pytest.skip(f"Go's packages for logs are not there: {made.stderr.strip()[-200:]}")
    return beside.replace(path)


def judged(folder: Path, proof: Consistency | Inclusion, third: str | bytes) -> str:
    """Give what Go says of a proof, "" where it refuses it."""
    (folder / "proof").write_bytes(proof.content())
    if isinstance(third, bytes):
        (folder / "earlier").write_bytes(third)
        third = str(folder / "earlier")
    command = [str(program()), VKEY, str(folder / "proof"), third]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    return ran.stdout.strip()


@pytest.mark.parametrize("earlier", range(1, COUNT, 4))
def test_go_sees_that_the_ledger_only_grew(earlier: int, tmp_path: Path) -> None:
    for size in range(earlier, COUNT + 1, 3):
        proof = prove_consistency(DIGESTS, HEADS[earlier], HEADS[size])
        assert f"consistency {earlier} {size}" == judged(tmp_path, proof, HEADS[earlier].note())
        if proof.path:
            other = Consistency(earlier, (leaf_hash(b"another"), *proof.path[1:]), proof.checkpoint)
            assert "" == judged(tmp_path, other, HEADS[earlier].note())


@pytest.mark.parametrize("size", range(2, COUNT + 1, 6))
def test_go_sees_that_an_entry_is_there(size: int, tmp_path: Path) -> None:
    for number in range(1, size + 1, 3):
        proof = prove_inclusion(DIGESTS, number, HEADS[size], b"{}")
        assert f"inclusion {number - 1} {size}" == judged(tmp_path, proof, DIGESTS[number - 1].hex())
        assert "" == judged(tmp_path, proof, DIGESTS[number - 2].hex())
