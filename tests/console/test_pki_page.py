from __future__ import annotations

from zoneinfo import ZoneInfo

from sentinel.console.pki_page import register_page
from sentinel.pki.register.accounts import Account, Approved
from sentinel.pki.register.file import Request, Row
from sentinel.pki.register.tables import State
from sentinel.pki.signing.approvals import Approval, What

S = 1_000_000_000
NOW = 1_790_000_000
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
ROW = Row(
    7, "agencies", "4D203E", 3, "tls-server", "H49", "<b>máy chủ</b>", "dns:a.gov.example dns:b.gov.example", NOW,
    NOW + 86_400, 0, State.REVOKED, NOW * S, "key_compromise",
)  # fmt: skip
ASKED = Request(3, "agencies", "lan", NOW * S, 1, b"", "Trục liên thông <script>", 0, State.DONE)


def page(*, emergency: bool = False) -> str:
    approval = Approval(
        What.CERTIFICATES, "agencies", b"", 1, "lan", "minh", NOW * S, NOW * S, emergency, "mất điện" * emergency
    )
    account = Account(ROW, Approved(ASKED, (approval,)), 22, "00", "hoa", "máy <mất>")
    return register_page([account], "8eb27201041c066d", NOW * S, ZONE)


def test_the_page_says_what_was_issued_to_whom_why_and_who_approved_it() -> None:
    at = "2026-09-21 21:13:20"
    stands = f"revoked; key_compromise: máy &lt;mất&gt;; {at} hoa"
    for text in ("4d203e", stands, "H49", "a.gov.example b.gov.example", f"lan, {at}", f"minh, {at}", "22"):
        assert f">{text}</td>" in page()
    assert "8eb27201041c066d" in page()


def test_what_others_wrote_is_text_and_nothing_runs() -> None:
    assert "Trục liên thông &lt;script&gt;" in page()
    assert "<script" not in page()
    assert "default-src &#x27;none&#x27;" in page()


def test_an_emergency_is_loud() -> None:
    assert "minh (EMERGENCY: mất điện), 2026" in page(emergency=True)
