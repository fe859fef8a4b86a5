"""The datasets: which channel belongs to which.

A dataset groups events that share a layout and a normalising table: `windows.sysmon`, `web.access`. Windows sources
are told apart by their channel; the provider decides only where a record names no channel. A channel that the table
does not know still has a dataset of its own, made from its name, so that no event is without one.
"""

from __future__ import annotations

import re
from functools import lru_cache
from zlib import crc32

from sentinel.model.dataset import Dataset
from sentinel.model.datasets_audit import AUDIT
from sentinel.model.datasets_cloud import CLOUD
from sentinel.model.datasets_database import DATABASE
from sentinel.model.datasets_dns import DNS
from sentinel.model.datasets_linux import LINUX
from sentinel.model.datasets_network import NETWORK
from sentinel.model.datasets_tables import TABLES
from sentinel.model.datasets_web import WEB

UNKNOWN = "windows.unknown"
_LONGEST_SLUG = 64


_MS = "microsoft-windows-"

WINDOWS_LOGS: tuple[Dataset, ...] = (
    Dataset("windows.security", "Security audit", ("security",), (f"{_MS}security-auditing",)),
    Dataset("windows.system", "System", ("system",), ("service control manager",)),
    Dataset("windows.application", "Application", ("application",)),
    Dataset("windows.sysmon", "Sysmon", (f"{_MS}sysmon/operational",), (f"{_MS}sysmon",)),
    Dataset("windows.powershell", "Windows PowerShell, classic log", ("windows powershell",), ("powershell",)),
    Dataset(
        "windows.powershell_operational",
        "PowerShell operational log: modules and script blocks",
        (f"{_MS}powershell/operational", "powershellcore/operational"),
        (f"{_MS}powershell", "powershellcore"),
    ),
    Dataset(
        "windows.defender",
        "Microsoft Defender Antivirus",
        (f"{_MS}windows defender/operational",),
        (f"{_MS}windows defender",),
    ),
    Dataset(
        "windows.task_scheduler",
        "Task Scheduler",
        (f"{_MS}taskscheduler/operational",),
        (f"{_MS}taskscheduler",),
    ),
    Dataset(
        "windows.wmi_activity",
        "WMI activity",
        (f"{_MS}wmi-activity/operational",),
        (f"{_MS}wmi-activity",),
    ),
    Dataset(
        "windows.applocker",
        "AppLocker",
        (
            f"{_MS}applocker/exe and dll",
            f"{_MS}applocker/msi and script",
            f"{_MS}applocker/packaged app-deployment",
            f"{_MS}applocker/packaged app-execution",
        ),
        (f"{_MS}applocker",),
    ),
    Dataset(
        "windows.rdp_local_session",
        "Remote Desktop: sessions on this host",
        (f"{_MS}terminalservices-localsessionmanager/operational",),
        (f"{_MS}terminalservices-localsessionmanager",),
    ),
    Dataset(
        "windows.rdp_remote_connection",
        "Remote Desktop: connections from elsewhere",
        (f"{_MS}terminalservices-remoteconnectionmanager/operational",),
        (f"{_MS}terminalservices-remoteconnectionmanager",),
    ),
    Dataset(
        "windows.rdp_core",
        "Remote Desktop: protocol core",
        (f"{_MS}remotedesktopservices-rdpcorets/operational",),
        (f"{_MS}remotedesktopservices-rdpcorets",),
    ),
    Dataset(
        "windows.rdp_client",
        "Remote Desktop: connections to elsewhere",
        (f"{_MS}terminalservices-rdpclient/operational",),
        (f"{_MS}terminalservices-clientactivexcore",),
    ),
    Dataset("windows.bits", "Background transfers (BITS)", (f"{_MS}bits-client/operational",), (f"{_MS}bits-client",)),
    Dataset(
        "windows.firewall",
        "Windows Firewall with advanced security",
        (f"{_MS}windows firewall with advanced security/firewall",),
        (f"{_MS}windows firewall with advanced security",),
    ),
    Dataset("windows.ntlm", "NTLM audit", (f"{_MS}ntlm/operational",), (f"{_MS}ntlm",)),
    Dataset("windows.dns_server", "DNS server", ("dns server",), (f"{_MS}dns-server-service",)),
    Dataset("windows.dns_server_audit", "DNS server audit", (f"{_MS}dns-server/audit",)),
    Dataset("windows.dns_server_analytical", "DNS server analytical log", (f"{_MS}dns-server/analytical",)),
    Dataset(
        "windows.dns_client",
        "DNS client",
        (f"{_MS}dns client events/operational", f"{_MS}dns-client/operational"),
        (f"{_MS}dns-client",),
    ),
    Dataset("windows.dhcp_server", "DHCP server", (f"{_MS}dhcp-server/operational",), (f"{_MS}dhcp-server",)),
    Dataset(
        "windows.code_integrity",
        "Code integrity",
        (f"{_MS}codeintegrity/operational",),
        (f"{_MS}codeintegrity",),
    ),
    Dataset(
        "windows.driver_frameworks",
        "User-mode driver framework: attached devices",
        (f"{_MS}driverframeworks-usermode/operational",),
        (f"{_MS}driverframeworks-usermode",),
    ),
    Dataset(
        "windows.smb_client",
        "SMB client",
        (f"{_MS}smbclient/security", f"{_MS}smbclient/connectivity", f"{_MS}smbclient/operational"),
        (f"{_MS}smbclient",),
    ),
    Dataset(
        "windows.smb_server",
        "SMB server",
        (f"{_MS}smbserver/security", f"{_MS}smbserver/connectivity", f"{_MS}smbserver/operational"),
        (f"{_MS}smbserver",),
    ),
    Dataset(
        "windows.print_service",
        "Print service",
        (f"{_MS}printservice/admin", f"{_MS}printservice/operational"),
        (f"{_MS}printservice",),
    ),
    Dataset("windows.winrm", "Windows Remote Management", (f"{_MS}winrm/operational",), (f"{_MS}winrm",)),
    Dataset("windows.capi2", "Cryptography API", (f"{_MS}capi2/operational",), (f"{_MS}capi2",)),
    Dataset(
        "windows.certificate_services_client",
        "Certificate client: life of the system's certificates",
        (f"{_MS}certificateservicesclient-lifecycle-system/operational",),
    ),
    Dataset("windows.lsa_server", "Local Security Authority", (f"{_MS}lsa/operational",)),
    Dataset("windows.ldap_client", "LDAP client, debug log", (f"{_MS}ldap-client/debug",), (f"{_MS}ldap-client",)),
    Dataset(
        "windows.security_mitigations",
        "Exploit protection",
        (f"{_MS}security-mitigations/kernel mode", f"{_MS}security-mitigations/user mode"),
        (f"{_MS}security-mitigations",),
    ),
    Dataset("windows.shell_core", "Shell: run keys and sign-in", (f"{_MS}shell-core/operational",)),
    Dataset("windows.openssh", "OpenSSH for Windows", ("openssh/operational",), ("openssh",)),
    Dataset("windows.bitlocker", "BitLocker", (f"{_MS}bitlocker/bitlocker management",)),
    Dataset("windows.vhdmp", "Mounted disk images", (f"{_MS}vhdmp/operational",)),
    Dataset("windows.appx_deployment", "App package deployment", (f"{_MS}appxdeploymentserver/operational",)),
    Dataset("windows.appx_packaging", "App package signing", (f"{_MS}appxpackaging/operational",)),
    Dataset("windows.appmodel_runtime", "App containers", (f"{_MS}appmodel-runtime/admin",)),
    Dataset("windows.diagnosis_scripted", "Scripted diagnosis", (f"{_MS}diagnosis-scripted/operational",)),
    Dataset("windows.exchange_management", "Exchange management", ("msexchange management",)),
    Dataset("windows.servicebus_client", "Service Bus client", ("microsoft-servicebus-client",)),
    Dataset(UNKNOWN, "Windows events that name no channel"),
)

DATASETS: tuple[Dataset, ...] = (
    *WINDOWS_LOGS,
    *WEB,
    *LINUX,
    *AUDIT,
    *NETWORK,
    *DNS,
    *DATABASE,
    *CLOUD,
    *TABLES,
)

_BY_CHANNEL = {channel: dataset.name for dataset in DATASETS for channel in dataset.channels}
_BY_PROVIDER = {provider: dataset.name for dataset in DATASETS for provider in dataset.providers}
_DECODED = {dataset.name: dataset.decoded for dataset in DATASETS if dataset.decoded}
_TITLES = {dataset.name: dataset.title for dataset in DATASETS}


def decoded_fields(dataset: str) -> tuple[str, ...]:
    """Name the fields of a dataset whose text may stand in the record in another form."""
    return _DECODED.get(dataset, ())


@lru_cache(maxsize=4096)
def dataset_of(channel: str, provider: str = "") -> str:
    """Name the dataset of a Windows channel, in any case; without a channel, that of its provider.

    An unlisted channel gives `windows.` and its name in letters, digits and `_` (at most 64); none gives
    `windows.unknown`.
    """
    channel = channel.strip().lower()
    if not channel:
        return _BY_PROVIDER.get(provider.strip().lower(), UNKNOWN)
    return _BY_CHANNEL.get(channel) or f"windows.{_slug(channel)}"


def title_of(dataset: str) -> str:
    """Give a dataset's title for people; an unlisted one is called by its name."""
    return _TITLES.get(dataset, dataset)


def _slug(channel: str) -> str:
    slug = re.sub(r"[^a-z0-9]+", "_", channel).strip("_") or "unknown"
    if len(slug) <= _LONGEST_SLUG:
        return slug
    # Two long channels that begin alike must not share a dataset.
    return f"{slug[: _LONGEST_SLUG - 9]}_{crc32(channel.encode('utf-8', 'surrogatepass')):08x}"
