"""Content: found in a checkout and in an installed wheel."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from sentinel import content

ROOT = Path(__file__).resolve().parents[1]


def rules_under(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.yml"))


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder into which the wheel is installed: a wheel without extensions is installed by unpacking it."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("plan02_sentinel-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def run(installed: Path, *arguments: str) -> str:
    environ = {**os.environ, "PYTHONPATH": str(installed), "SENTINEL_LANG": "vi"}
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=installed, env=environ, check=True, capture_output=True, encoding="utf-8").stdout


def test_a_checkout_has_its_content_at_the_top() -> None:
    assert ROOT / "detections" == content.detections()
    assert rules_under(ROOT / "detections")


def test_your_rules_come_before_those_shipped() -> None:
    assert (Path("mine"), ROOT / "detections" / "sigma") == content.rule_folders([Path("mine")])


def test_an_installed_wheel_carries_every_shipped_rule(installed: Path) -> None:
    there = Path(run(installed, "-c", "from sentinel import content; print(content.detections())").strip())
    assert installed / "sentinel" / "_content" / "detections" == there
    assert rules_under(ROOT / "detections") == rules_under(there)


def test_an_installed_wheel_speaks_vietnamese(installed: Path) -> None:
    assert "Hiện phiên bản." in run(installed, "-m", "sentinel", "--help")
