"""Names that people would take for another's are seen; names of one's own and Vietnamese letters are not in the way."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel.pki.requests import names
from sentinel.pki.requests.lookalike import Registered, label_fault, skeleton
from tests.pki.requests.policies import ESTATE, some_agencies

if TYPE_CHECKING:
    from pathlib import Path

OWN = "h49.gov.example"


def found(folder: Path, label: str, code: str = "H49", own: str = OWN) -> list[tuple[str, bool]]:
    registered = Registered.of(ESTATE, some_agencies(folder))
    host = names.dns_of(f"{label}.{own}")
    return [(each.told, each.is_refused) for each in registered.likenesses(host, code, own)]


@pytest.mark.parametrize(
    "label",
    ["dịchvụcông", "d1chvucong", "dichvuc0ng", "dlchvucong", "đichvucong", "clichvucong", "dıchvucong"],
)
def test_a_label_that_reads_as_the_portals_is_refused(tmp_path: Path, label: str) -> None:
    shown = names.shown(names.dns_of(f"{label}.{OWN}")).partition(".")[0]
    told = f"the label '{shown}' looks like that of dichvucong.gov.example of platform 'portal'"
    assert [(told, True)] == [each for each in found(tmp_path, label) if "looks like" in each[0]]


def test_the_same_label_below_an_own_domain_is_nobodys(tmp_path: Path) -> None:
    assert [] == found(tmp_path, "dichvucong")


@pytest.mark.parametrize("label", ["tân-phú", "cổng", "đơn-vị", "ủy-ban", "www", "portal02", "hộinghị", "thưviện"])
def test_vietnamese_letters_and_neighbours_are_not_in_the_way(tmp_path: Path, label: str) -> None:
    assert [] == found(tmp_path, label)


def test_marks_do_not_make_another_of_a_registered_label(tmp_path: Path) -> None:
    told = "the label 'tầnphú' looks like that of tanphu.h50.gov.example of agency H50"
    assert [(told, True)] == found(tmp_path, "tầnphú")
    assert [] == found(tmp_path, "tầnphú", "H50", "h50.gov.example")


@pytest.mark.parametrize("label", ["dichvuong", "dichvuucong", "dichvukong", "dicvhucong", "dich-vucong"])
def test_one_edit_from_a_platform_is_a_warning(tmp_path: Path, label: str) -> None:
    told = f"the label '{label}' is one letter off that of dichvucong.gov.example of platform 'portal'"
    assert [(told, False)] == found(tmp_path, label)


def test_two_edits_are_chance(tmp_path: Path) -> None:
    assert [] == found(tmp_path, "dikvuong")


def test_the_owner_of_a_platform_may_come_near_it(tmp_path: Path) -> None:
    assert [] == found(tmp_path, "dichvukong", "G90", "g90.gov.example")


def test_the_very_name_of_a_platform_is_a_warning_to_others(tmp_path: Path) -> None:
    told = "it is a name of platform 'portal', which belongs to G90"
    assert [(told, False)] == found(tmp_path, "web07", "H49.12", "sotnmt.gov.example")
    assert [] == found(tmp_path, "web07", "G90", "sotnmt.gov.example")


def test_a_whole_domain_that_reads_as_anothers_is_refused(tmp_path: Path) -> None:
    registered = Registered.of(ESTATE, some_agencies(tmp_path))
    likenesses = registered.likenesses("www.d1chvucong.gov.example", "H49", "")
    assert "'d1chvucong.gov.example' looks like dichvucong.gov.example of platform 'portal'" == likenesses[0].told


@pytest.mark.parametrize(
    ("label", "message"),
    [
        ("pоrtal", "'pоrtal' mixes letters of several scripts: Cyrillic, Latin"),
        ("πortal", "'πortal' mixes letters of several scripts: Greek, Latin"),
        ("хоа", "'хоа' reads as Latin letters, and is of others"),
        ("門戸", ""),
        ("дом", ""),
        ("ưu-đãi", ""),
        ("xn--prtal-fbb", ""),
    ],
)
def test_letters_of_several_scripts_do_not_mix(label: str, message: str) -> None:
    assert message == label_fault(label)


def test_a_label_is_judged_by_its_letters_however_it_is_written() -> None:
    assert label_fault("pоrtal") == label_fault(names.dns_of("pоrtal.example").partition(".")[0])


@given(st.text(st.characters(codec="ascii", categories=["Ll"]), min_size=1, max_size=20), st.data())
def test_marks_never_change_what_a_name_reads_as(text: str, data: st.DataObject) -> None:
    marked = "".join(each + data.draw(st.sampled_from(["", "\u0301", "\u0323", "\u031b"])) for each in text)
    assert skeleton(text) == skeleton(unicodedata.normalize("NFC", marked))
