"""Datasets of network sensors: Zeek and Suricata."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sentinel.model.dataset import Dataset
from sentinel.model.datasets_suricata import SURICATA
from sentinel.model.datasets_zeek import CONNECTIONS
from sentinel.model.datasets_zeek_files import FILES
from sentinel.model.datasets_zeek_findings import FINDINGS
from sentinel.model.datasets_zeek_services import SERVICES
from sentinel.model.zeek_log import CITES

if TYPE_CHECKING:
    from sentinel.model.zeek_log import ZeekLog

ZEEK_LOGS: Final[tuple[ZeekLog, ...]] = (*CONNECTIONS, *SERVICES, *FILES, *FINDINGS)
_OTHER: Final = Dataset("zeek.unknown", "Zeek: records that name no log, and are of none that Zeek ships", cites=CITES)

NETWORK: Final[tuple[Dataset, ...]] = (*(each.dataset() for each in ZEEK_LOGS), _OTHER, *SURICATA)
