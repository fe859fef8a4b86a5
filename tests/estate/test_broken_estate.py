"""Estates that are broken or very large: what is wrong is told with its line, in time that grows as they do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sentinel.errors import InputError
from sentinel.estate import agencies, platforms
from sentinel.estate.check import problems
from sentinel.estate.places import communes, communes_named, likely, province_named
from sentinel.model.estate import Estate

if TYPE_CHECKING:
    from pathlib import Path


def told(table: str) -> list[str]:
    faults: list[InputError] = []
    found = agencies.parse(table, "a.csv", faults)  # type: ignore[arg-type]
    return [str(each) for each in problems(Estate((), tuple(found), tuple(faults))) if "hosts" not in each.message]


def test_only_those_on_a_circle_are_above_themselves() -> None:
    parents = {"H10": "H11", "H11": "H12", "H12": "H11", "H13": "H10", "H14": ""}
    table = "id,name,tier,parent\n" + "".join(f"{code},a,central,{parent}\n" for code, parent in parents.items())
    assert ["a.csv:3: 'H11' is above itself", "a.csv:4: 'H12' is above itself"] == told(table)


def test_who_is_its_own_parent_is_above_itself() -> None:
    assert ["a.csv:2: 'H10' is above itself"] == told("id,name,tier,parent\nH10,a,central,H10\n")


def test_a_network_may_lie_in_that_of_any_agency_above_and_of_no_other() -> None:
    lines = [
        "H10,a,central,,10.0.0.0/8",
        "H11,b,central,H10,",
        "H12,c,central,H11,10.1.0.0/16",
        "H13,d,central,H11,10.1.2.0/24",
    ]
    table = "\n".join(["id,name,tier,parent,networks", *lines])
    assert ["a.csv:5: 10.1.2.0/24 lies in 10.1.0.0/16 of 'H12'"] == told(table)


def test_a_thousand_levels_are_told_at_once() -> None:
    lines = [
        f"H{number},a,central,H{max(number - 1, 100)},10.{number // 200}.{number % 200}.0/24"
        for number in range(100, 999)
    ]
    assert ["a.csv:2: 'H100' is above itself"] == told("\n".join(["id,name,tier,parent,networks", *lines]))


@pytest.mark.parametrize("text", ["An Nhơn", "xã  đông hưng", "PHƯỜNG TÂN AN"])
def test_a_commune_is_found_however_many_blanks_its_name_has(text: str) -> None:
    found = communes_named(" ".join(text.split()))
    assert [] != found == communes_named(text.replace(" ", "  "))


def test_places_that_a_text_names_are_found_the_longest_first() -> None:
    (commune,) = communes_named("Xã Tân Hương", "82")
    assert commune in likely("Ủy ban nhân dân xã Tân Hương", "82")
    assert [] == likely("Ủy ban nhân dân xãTân Hương", "82")
    lengths = [len(each.bare) for each in likely("Mỹ Tho Đạo Thạnh Tân Hương", "82")]
    assert sorted(lengths, reverse=True) == lengths != []


def test_every_commune_is_found_by_its_name_and_province() -> None:
    assert [] == [each for each in communes().values() if each not in communes_named(each.name, each.province)]
    assert "82" == getattr(province_named("Tỉnh Đồng Tháp"), "code", "")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("nested = " + "[" * 10_000, "nested too deep"),
        ("n = " + "1" * 5000, "too many digits"),
        ("a" + ".a" * 99 + "=1", "parts"),
    ],
)
def test_a_platform_that_no_reader_of_toml_reads_is_refused_with_its_line(
    line: str, message: str, tmp_path: Path
) -> None:
    path = tmp_path / "portal.toml"
    path.write_text(f'id = "portal"\nname = "Cổng"\n{line}\n')
    with pytest.raises(InputError, match=message) as caught:
        platforms.read(path, [])
    assert f"{path}:3" == caught.value.place
