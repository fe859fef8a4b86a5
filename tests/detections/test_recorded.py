"""Which rules hit each recorded attack: the tables `recorded/*.toml`, one for each folder of the samples."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.detections.test_evidence import SAMPLES, shipped
from tests.scanning import scanned

TABLES = sorted((Path(__file__).parent / "recorded").glob("*.toml"))
EXPECTED = {
    f"{table.stem}/{sample}": titles
    for table in TABLES
    for sample, titles in tomllib.loads(table.read_text(encoding="utf-8")).items()
}


@pytest.mark.parametrize("sample", EXPECTED)
def test_a_recorded_attack_is_hit_by_the_rules_that_fit_and_no_other(sample: str) -> None:
    hit = scanned([SAMPLES / sample], shipped()).hits.get(SAMPLES / sample, {})
    assert EXPECTED[sample] == sorted(rule.title for rule in shipped().rules if rule.id in hit)


@pytest.mark.parametrize("folder", [table.stem for table in TABLES])
def test_every_recorded_attack_of_a_folder_is_in_its_table(folder: str) -> None:
    attacks = {path.name for path in (SAMPLES / folder).iterdir() if "normal" not in path.name}
    assert attacks == {Path(sample).name for sample in EXPECTED if sample.startswith(f"{folder}/")}
