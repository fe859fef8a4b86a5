"""The fuzzer itself, shortly in every run and longer in the deep ones."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest

from sentinel.detect.engine import Engine
from sentinel.detect.sigma.sources import SOURCES
from sentinel.formats.registry import recognise
from sentinel.model.batch import EventKind
from sentinel.reading import texts_of
from tests.fuzz.__main__ import check, main, rules
from tests.fuzz.mutate import mutated
from tests.fuzz.seeds import RULES, SEEDS, SEVERAL

if TYPE_CHECKING:
    from pathlib import Path


def test_every_rule_of_the_fuzzer_compiles() -> None:
    assert (RULES.count(b"\n---\n"), ()) == (len(rules().rules), rules().rejections)


def test_every_dataset_that_rules_can_ask_for_is_searched() -> None:
    wanted = Engine(rules(), texts_of).wanted
    kinds = [EventKind(dataset) for source in SOURCES for dataset in source.datasets]
    assert [] == [kind.dataset for kind in kinds if not wanted(kind)]


@pytest.mark.parametrize("name", sorted(SEEDS.keys() - SEVERAL))
def test_every_seed_is_recognised_as_its_format(name: str) -> None:
    assert [name] * len(SEEDS[name]) == [getattr(recognise(data[: 1 << 16]), "name", "") for data in SEEDS[name]]


@pytest.mark.parametrize("name", sorted(SEEDS))
def test_broken_input_raises_nothing_and_takes_its_time_only(name: str, tmp_path: Path) -> None:
    random = Random(name)  # noqa: S311 - to be repeated, not to be secret
    for _run in range(15):
        check(mutated(random, random.choice(SEEDS[name]), SEEDS[name]), tmp_path / "input", random)


@pytest.mark.deep
@pytest.mark.parametrize("name", sorted(SEEDS))
def test_more_broken_input_raises_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["fuzz", "--seconds", "40", "--format", name])
    assert 0 == main()
