"""A small world for the tests of this room: agencies, a platform, profiles, and what each may ask for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sentinel.model.estate import Agency, Contact, Estate, Platform, Reach, Tier
from sentinel.pki.profiles.load import load as load_profiles
from sentinel.pki.requests import agencies
from sentinel.pki.requests.check import Policy

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sentinel.pki.requests.rights import Agencies

PROFILES = load_profiles([Path(__file__).resolve().parents[3] / "pki" / "profiles"])

ESTATE = Estate(
    platforms=(
        Platform(
            "portal", "Cổng Dịch vụ công", 4, owner="G90",
            reach=Reach(hosts=("portal01.gov.example", "portal*", "web07.sotnmt.gov.example"),
                        domains=("dichvucong.gov.example",)),
        ),
    ),
    agencies=(
        Agency("G90", "Cơ quan chủ quản", Tier.CENTRAL),
        Agency("H49", "Ủy ban nhân dân tỉnh", Tier.PROVINCE, "91", reach=Reach(hosts=("dns01.h49.gov.example",))),
        Agency("H49.12", "Sở Tài nguyên và Môi trường", Tier.PROVINCE, "91", parent="H49",
               reach=Reach(domains=("sotnmt.gov.example",)), contact=Contact(email="truc@h49.gov.example")),
        Agency("000.05.61.H49", "Ủy ban nhân dân xã An Phú", Tier.COMMUNE, "91", "30337", parent="H49",
               reach=Reach(hosts=("www.anphu.h49.gov.example", "pc*.anphu.h49.gov.example"))),
        Agency("H50", "Ủy ban nhân dân tỉnh khác", Tier.PROVINCE, "92",
               reach=Reach(domains=("tanphu.h50.gov.example",))),
    ),
)  # fmt: skip

RIGHTS = """\
[[agency]]
code = "G90"
domains = ["dichvucong.gov.example"]
profiles = ["tls-server"]

[[agency]]
code = "H49"
domains = ["h49.gov.example"]
networks = ["10.49.0.0/16", "2001:db8:49::/48"]
mail = ["h49.gov.example"]
profiles = ["tls-server", "tls-client", "device", "soc-official"]

[[agency]]
code = "H49.12"
domains = ["sotnmt.gov.example"]
wildcards = true
requesters = ["lan.nguyễn"]

[[agency]]
code = "H49.61.07"
domains = ["vinhhau.h49.gov.example"]
networks = ["10.49.61.7"]

[[agency]]
code = "H50"
domains = ["h50.gov.example"]
mail = ["truc@gov.example"]
profiles = ["tls-server"]
"""


def some_agencies(folder: Path, text: str = RIGHTS) -> Agencies:
    (folder / "agencies.toml").write_text(text, encoding="utf-8")
    found, faults = agencies.load([folder], PROFILES)
    assert [] == faults
    return found


def a_policy(folder: Path, requester: str = "minh") -> Policy:
    return Policy.of(ESTATE, PROFILES, some_agencies(folder), requester)


def told(faults: Iterable[Exception]) -> list[str]:
    return [str(fault) for fault in faults]
