"""`sentinel rules`: the rules that a scan would run, and what is wrong with each."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from sentinel import content
from sentinel.cli.main import main
from tests.folders import work_in

if TYPE_CHECKING:
    from pathlib import Path

    Capture = pytest.CaptureFixture[str]

GOOD = """title: Evil ran
id: 0f0a9e70-46f4-4b72-9a4d-1d3a4e6f0001
status: test
level: high
logsource: {product: windows, category: process_creation}
detection:
    a:
        CommandLine|contains: evil
    condition: a
"""
BAD = GOOD.replace("contains", "containz").replace("0001", "0002").replace("Evil ran", "Bad \\x1b[31m")
OTHER = GOOD.replace("product: windows, category: process_creation", "product: opencanary").replace("0001", "0003")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    work_in(tmp_path, monkeypatch, 120)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "good.yml").write_text(GOOD)
    return tmp_path


def test_every_shipped_rule_is_listed(capfd: Capture) -> None:
    assert 0 == main(["rules", "list", "--json"])
    listed = json.loads(capfd.readouterr().out)
    files = {str(path) for path in (content.detections() / "sigma").rglob("*.yml")}
    assert files == {rule["path"] for rule in listed}
    assert {"shipped"} == {rule["origin"] for rule in listed}


def test_your_own_rules_are_told_apart(here: Path, capfd: Capture) -> None:
    (here / "sentinel.toml").write_text('rules = ["mine"]\n')
    assert 0 == main(["rules", "list", "--rule", "evil ran"])
    row = capfd.readouterr().out.splitlines()[1]
    assert ["high", "Evil", "ran", "windows", "process_creation", "test", "yours"] == row.split()[:7]


def test_rules_are_filtered_as_a_scan_filters_them(capfd: Capture) -> None:
    assert 0 == main(["rules", "list", "mine", "--level", "critical"])
    assert "1 rule runs, none is faulty\n" == capfd.readouterr().out
    assert 2 == main(["rules", "list", "mine", "--level", "grave"])


def test_a_faulty_rule_is_named_with_line_reason_and_hint(here: Path, capfd: Capture) -> None:
    (here / "mine" / "bad.yml").write_text(BAD)
    (here / "mine" / "other.yml").write_text(OTHER)
    assert 1 == main(["rules", "check", "mine"])
    out = capfd.readouterr().out
    assert "mine/bad.yml:8: " in out
    assert "  hint: did you mean 'contains'?\n" in out
    assert "mine/other.yml:" in out
    assert out.endswith("1 rule runs, 1 is faulty, 1 is passed over\n")


def test_a_rule_for_logs_that_are_not_read_is_no_fault(here: Path, capfd: Capture) -> None:
    (here / "mine" / "other.yml").write_text(OTHER)
    assert 0 == main(["rules", "check", "mine", "--json"])
    (rejected,) = json.loads(capfd.readouterr().out)["rejections"]
    assert ("mine/other.yml", False) == (rejected["path"], rejected["fault"])


def test_rules_are_counted_by_log_source(capfd: Capture) -> None:
    assert 0 == main(["rules", "check", "mine"])
    assert ["windows", "process_creation", "1", "windows"] == capfd.readouterr().out.splitlines()[1].split()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["nowhere"], "error: nowhere: rules cannot be read"), (["empty"], "error: empty: no rule is found here")],
)
def test_where_there_is_no_rule_it_is_said(arguments: list[str], message: str, here: Path, capfd: Capture) -> None:
    (here / "empty").mkdir()
    assert 2 == main(["rules", "check", *arguments])
    assert capfd.readouterr().err.startswith(message)
