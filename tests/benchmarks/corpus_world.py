"""Agencies, hosts, users and names: what the events of the generated corpus are about."""

from __future__ import annotations

import bisect
import hashlib
import itertools
import random
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

Item = TypeVar("Item")

PROVINCES: Final = {
    "ha-noi": "thành phố Hà Nội", "hue": "thành phố Huế", "hai-phong": "thành phố Hải Phòng",
    "da-nang": "thành phố Đà Nẵng", "can-tho": "thành phố Cần Thơ", "ho-chi-minh": "thành phố Hồ Chí Minh",
    "an-giang": "tỉnh An Giang", "bac-ninh": "tỉnh Bắc Ninh", "ca-mau": "tỉnh Cà Mau", "cao-bang": "tỉnh Cao Bằng",
    "dak-lak": "tỉnh Đắk Lắk", "dien-bien": "tỉnh Điện Biên", "dong-nai": "tỉnh Đồng Nai",
    "dong-thap": "tỉnh Đồng Tháp", "gia-lai": "tỉnh Gia Lai", "ha-tinh": "tỉnh Hà Tĩnh", "hung-yen": "tỉnh Hưng Yên",
    "khanh-hoa": "tỉnh Khánh Hòa", "lai-chau": "tỉnh Lai Châu", "lam-dong": "tỉnh Lâm Đồng",
    "lang-son": "tỉnh Lạng Sơn", "lao-cai": "tỉnh Lào Cai", "nghe-an": "tỉnh Nghệ An", "ninh-binh": "tỉnh Ninh Bình",
    "phu-tho": "tỉnh Phú Thọ", "quang-ngai": "tỉnh Quảng Ngãi", "quang-ninh": "tỉnh Quảng Ninh",
    "quang-tri": "tỉnh Quảng Trị", "son-la": "tỉnh Sơn La", "tay-ninh": "tỉnh Tây Ninh",
    "thai-nguyen": "tỉnh Thái Nguyên", "thanh-hoa": "tỉnh Thanh Hóa", "tuyen-quang": "tỉnh Tuyên Quang",
    "vinh-long": "tỉnh Vĩnh Long",
}  # fmt: skip
PLATFORMS: Final = ("portal", "identity", "exchange", "population", "land", "mail", "reports", "archive")
_FAMILY_NAMES: Final = (
    "Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Phan", "Vũ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương", "Lý",
)  # fmt: skip
_GIVEN_NAMES: Final = (
    "An", "Bình", "Cường", "Dũng", "Giang", "Hạnh", "Hiếu", "Khánh", "Linh", "Minh", "Ngọc", "Phúc", "Quỳnh",
    "Thảo", "Tuấn", "Yến",
)  # fmt: skip
WORDS: Final = (
    "account", "alert", "archive", "asset", "audit", "batch", "board", "bridge", "cache", "census", "chart",
    "client", "cloud", "court", "daily", "deed", "depot", "desk", "draft", "edge", "field", "file", "filter",
    "forest", "form", "front", "gate", "grant", "graph", "guide", "health", "index", "inbox", "intake", "ledger",
    "letter", "market", "mirror", "notice", "office", "order", "panel", "parcel", "patch", "permit", "phone",
    "pilot", "plan", "plot", "proxy", "query", "queue", "record", "relay", "report", "route", "scan", "school",
    "score", "seal", "search", "secure", "series", "share", "sheet", "signal", "stamp", "status", "stock", "store",
    "survey", "table", "task", "tax", "ticket", "time", "token", "trade", "transit", "update", "vault", "view",
    "water", "zone",
)  # fmt: skip
BASE64: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


class Skewed(Generic[Item]):
    """Draws items of which the first come often and the last hardly ever: the k-th as often as 1/k to a power."""

    def __init__(self, items: list[Item], power: float = 1.0) -> None:
        """Weigh the items in their order."""
        self._items = items
        self._weights = list(itertools.accumulate((rank + 1) ** -power for rank in range(len(items))))

    def draw(self, dice: random.Random) -> Item:
        """Draw one."""
        return self._items[bisect.bisect(self._weights, dice.random() * self._weights[-1])]


@dataclass(frozen=True, slots=True)
class Host:
    """A computer of an agency."""

    name: str
    id: str
    address: str
    mac: str
    agency: str
    agency_name: str
    province: str
    platform: str
    is_windows: bool
    system: str
    version: str
    users: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Program:
    """A program of Windows, and what its version resource and hashes say."""

    path: str
    name: str
    company: str
    description: str
    version: str
    md5: str
    sha256: str
    imphash: str


@dataclass(slots=True)
class World:
    """Everything that is drawn from, the same for the same seed."""

    seed: int
    hosts: Skewed[Host] = field(init=False)
    windows: Skewed[Host] = field(init=False)
    servers: Skewed[Host] = field(init=False)
    strangers: Skewed[str] = field(init=False)
    names: Skewed[tuple[str, str]] = field(init=False)
    programs: Skewed[Program] = field(init=False)
    parents: Skewed[Program] = field(init=False)
    paths: Skewed[str] = field(init=False)
    agents: Skewed[str] = field(init=False)

    def __post_init__(self) -> None:
        """Make it all."""
        dice = random.Random(self.seed)  # noqa: S311 - a corpus, no secret
        hosts = [_host(dice, number) for number in range(4000)]
        dice.shuffle(hosts)
        self.hosts = Skewed(hosts, 0.7)
        self.windows = Skewed([host for host in hosts if host.is_windows], 0.7)
        self.servers = Skewed([host for host in hosts if not host.is_windows], 0.9)
        self.strangers = Skewed([_stranger(dice) for _number in range(120_000)], 0.95)
        domains = [_domain(dice) for _number in range(30_000)]
        self.names = Skewed([(f"{dice.choice(WORDS)}{dice.randrange(60)}.{each}", each) for each in domains * 2], 1.0)
        programs = [_program(dice, number) for number in range(900)]
        self.programs, self.parents = Skewed(programs, 1.1), Skewed(programs[:120], 1.3)
        self.paths = Skewed([_path(dice) for _number in range(4000)], 1.0)
        self.agents = Skewed([_agent(dice) for _number in range(400)], 0.9)


def _digest(*parts: object) -> bytes:
    return hashlib.blake2b(repr(parts).encode(), digest_size=32).digest()


def _host(dice: random.Random, number: int) -> Host:
    slug = dice.choice(list(PROVINCES))
    is_windows = number % 10 < 6
    kind, area = ("ws" if is_windows else "srv"), list(PROVINCES).index(slug)
    users = tuple(
        (f"{slug}.{dice.randrange(20_000):05d}", f"{dice.choice(_FAMILY_NAMES)} {dice.choice(_GIVEN_NAMES)}")
        for _user in range(4)
    )
    return Host(
        name=f"{slug}-{kind}{number:05d}",
        id=_digest("host", number).hex()[:32],
        address=f"10.{area}.{number // 250}.{number % 250 + 1}",
        mac="-".join(f"{dice.randrange(256):02X}" for _part in range(6)),
        agency=f"H{area + 1:02d}.{dice.randrange(1, 100):02d}",
        agency_name=f"Ủy ban nhân dân {PROVINCES[slug]}",
        province=slug,
        platform=dice.choice(PLATFORMS),
        is_windows=is_windows,
        system=dice.choice(("Windows 11 Enterprise", "Windows Server 2022") if is_windows else ("Debian", "Ubuntu")),
        version=f"10.0.{dice.choice((19045, 22631, 20348))}" if is_windows else dice.choice(("12", "24.04")),
        users=users,
    )


def _stranger(dice: random.Random) -> str:
    network = dice.choice((1, 14, 27, 42, 58, 103, 113, 115, 118, 123, 171, 185, 203, 210))
    return f"{network}.{dice.randrange(256)}.{dice.randrange(256)}.{dice.randrange(1, 255)}"


def _domain(dice: random.Random) -> str:
    number = dice.randrange(1000) if dice.random() < 0.4 else ""
    return f"{dice.choice(WORDS)}-{dice.choice(WORDS)}{number}.{dice.choice(('example', 'vn.example', 'test'))}"


def _program(dice: random.Random, number: int) -> Program:
    known = ("svchost.exe", "powershell.exe", "cmd.exe", "msedge.exe", "rundll32.exe", "explorer.exe", "lsass.exe")
    name = known[number] if number < len(known) else f"{dice.choice(WORDS)}{dice.choice(WORDS)}.exe"
    folders = ("C:\\Windows\\System32", "C:\\Program Files", "C:\\ProgramData", "C:\\Users\\Public")
    folder = folders[0] if number < len(known) else dice.choice(folders)
    digest = _digest("program", number)
    return Program(
        path=f"{folder}\\{name}",
        name=name,
        company=dice.choice(("Microsoft Corporation", "Contoso", "Fabrikam", "-")),
        description=f"{dice.choice(WORDS)} {dice.choice(WORDS)}",
        version=f"{dice.randrange(20)}.{dice.randrange(10)}.{dice.randrange(30_000)}",
        md5=digest[:16].hex(),
        sha256=digest.hex(),
        imphash=digest[16:].hex().upper(),
    )


def _path(dice: random.Random) -> str:
    roots = ("api/v1", "api/v2", "forms", "static", "login", "portal")
    return f"/{dice.choice(roots)}/{dice.choice(WORDS)}/{dice.choice(WORDS)}"


def _agent(dice: random.Random) -> str:
    if dice.random() < 0.1:
        return dice.choice(("curl/8.5.0", "python-requests/2.32.3", "Go-http-client/1.1"))
    systems = ("Windows NT 10.0; Win64; x64", "X11; Linux x86_64", "Macintosh; Intel Mac OS X 10_15_7")
    engine = "AppleWebKit/537.36 (KHTML, like Gecko)"
    return f"Mozilla/5.0 ({dice.choice(systems)}) {engine} Chrome/{dice.randrange(100, 145)}.0.0.0 Safari/537.36"
