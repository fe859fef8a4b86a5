"""An estate of the size of the country: an agency a commune, and ten thousand networks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from vietnam_provinces import Province, Ward

from sentinel.estate.agencies import written
from sentinel.model.estate import Agency, Contact, Network, Reach, Tier

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

AGENCIES: Final = 3_400
NETWORKS: Final = 10_000
_TEN: Final = 10 << 24
_DOCUMENTATION: Final = 0x20010DB8 << 96
_CONTACT: Final = Contact("Trực an toàn thông tin", "+00 000 000 000", "truc@gov.example")


def write(folder: Path) -> None:
    """Write an estate into a folder: `AGENCIES` of three tiers, `NETWORKS` of them and of two platforms."""
    folder.mkdir(parents=True, exist_ok=True)
    agencies = [*provinces(), *communes()]
    agencies += [_central(number) for number in range(AGENCIES - len(agencies))]
    (folder / "agencies.csv").write_bytes(written(agencies).encode())
    for platform in ("portal", "exchange"):
        networks = ", ".join(f'"198.18.{number}.0/24"' for number in range(64) if number % 2 == (platform == "portal"))
        (folder / f"{platform}.toml").write_text(
            f'id = "{platform}"\nname = "Nền tảng {platform}"\nlevel = 4\nowner = "G01"\n'
            f'hosts = ["{platform}*"]\ndomains = ["{platform}.gov.example"]\nnetworks = [{networks}]\n',
            encoding="utf-8",
        )


def provinces() -> Iterator[Agency]:
    """Give an agency a province, each with a network that holds those of its communes."""
    for number, province in enumerate(Province.iter_all(), 1):
        code = f"{province.code.value:02}"
        reach = Reach((), (f"t{code}.gov.example",), (Network(4, _TEN + (number << 18), 14),))
        yield Agency(f"H{number:02}", f"UBND {province.name}", Tier.PROVINCE, code, "", "", _CONTACT, 3, reach)


def communes() -> Iterator[Agency]:
    """Give an agency a commune: three networks, of which one is of IPv6, a domain and its computers."""
    places = {province.code: number for number, province in enumerate(Province.iter_all(), 1)}
    beneath = dict.fromkeys(places, 0)
    for number, ward in enumerate(Ward.iter_all()):
        own = beneath[ward.province_code]
        beneath[ward.province_code] += 1
        province = places[ward.province_code]
        code = f"{ward.province_code.value:02}"
        first = _TEN + (province << 18) + own * 512
        networks = Network(4, first, 24), Network(4, first + 256, 24), Network(6, _DOCUMENTATION + (number << 80), 48)
        name = ward.codename.replace("_", "-")
        reach = Reach((f"{name}-pc*.t{code}.gov.example",), (f"{name}.t{code}.gov.example",), networks)
        yield Agency(
            f"H{province:02}.{own + 1}", f"UBND {ward.name}", Tier.COMMUNE, code, f"{ward.code.value:05}",
            f"H{province:02}", _CONTACT, 2, reach,
        )  # fmt: skip


def _central(number: int) -> Agency:
    return Agency(f"G{number + 1:02}", f"Cơ quan trung ương {number + 1}", Tier.CENTRAL, contact=_CONTACT, level=3)
