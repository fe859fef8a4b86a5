"""A token of SoftHSM, made anew for each run of the tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from functools import lru_cache
from pathlib import Path

import pytest

from sentinel.pki.signing.tokens import TokenPlace

PIN = b"7351-9024"
LABEL = "Sở Y tế"
_MODULES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
)


@lru_cache(maxsize=1)
def module() -> str:
    """Give the module with one token in it; skip the test where SoftHSM is not there."""
    path = next((path for path in _MODULES if Path(path).exists()), "")
    tool = shutil.which("softhsm2-util")
    if not path or not tool:
        pytest.skip("SoftHSM is not there (apt-get install softhsm2)")
    folder = Path(tempfile.mkdtemp(prefix="softhsm-"))
    (folder / "tokens").mkdir()
    settings = folder / "softhsm2.conf"
    settings.write_text(f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\nlog.level = ERROR\n")
    # The module reads it when it is first used, and whoever we start does, too.
    os.environ["SOFTHSM2_CONF"] = str(settings)
    arguments = ["--init-token", "--free", "--label", LABEL, "--so-pin", PIN.decode(), "--pin", PIN.decode()]
    subprocess.run([tool, *arguments], check=True, capture_output=True)
    return path


def a_place(label: str) -> TokenPlace:
    """Give a place for a key in the token."""
    return TokenPlace(module(), LABEL, label)
