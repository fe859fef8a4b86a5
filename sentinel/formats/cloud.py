"""Records of cloud services and of Kubernetes: AWS, Azure and Entra, Okta, Microsoft 365, Google, GitHub, Bitbucket.

Native names are those of the record, dotted. Azure writes the same event in three ways (diagnostic settings, Graph, Log
Analytics): beside its own names each event answers to those of Graph, which begin with a small letter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from sentinel.formats.schema import Schema, dotted
from sentinel.language import later
from sentinel.model.batch import EventKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    Record = Mapping[str, Any]
    Read = tuple[EventKind, dict[str, Any]]

CLOUDTRAIL: Final = EventKind("aws.cloudtrail")
ACTIVITY: Final = EventKind("azure.activitylogs")
AUDIT: Final = EventKind("azure.auditlogs")
SIGNIN: Final = EventKind("azure.signinlogs")
RISK: Final = EventKind("azure.riskdetection")
PIM: Final = EventKind("azure.pim")
OKTA: Final = EventKind("okta.system")
M365: Final = EventKind("m365.audit")
KUBERNETES: Final = EventKind("kubernetes.audit")
GCP: Final = EventKind("gcp.audit")
WORKSPACE: Final = EventKind("google_workspace.reports")
GITHUB: Final = EventKind("github.audit")
BITBUCKET: Final = EventKind("bitbucket.audit")


def _has(*names: str) -> Any:  # noqa: ANN401 - a predicate
    wanted = frozenset(names)
    return lambda record: wanted <= record.keys()


def _as_json(flat: dict[str, Any], record: Record, *names: str) -> None:
    """Keep whole objects as JSON under their own name too: rules look for texts anywhere in them."""
    for name in names:
        if isinstance(record.get(name), dict | list) and record[name]:
            flat[name] = msgspec.json.encode(record[name]).decode()


def _read_cloudtrail(record: dict[str, Any]) -> Read:
    flat = dotted(record)
    _as_json(flat, record, "requestParameters", "responseElements")
    # What has no error has succeeded; the record itself says nothing then.
    flat.setdefault("status", "failure" if record.get("errorCode") else "success")
    return CLOUDTRAIL, flat


_AZURE: Final[Mapping[str, EventKind]] = {
    "administrative": ACTIVITY,
    "alert": ACTIVITY,
    "autoscale": ACTIVITY,
    "policy": ACTIVITY,
    "recommendation": ACTIVITY,
    "resourcehealth": ACTIVITY,
    "security": ACTIVITY,
    "servicehealth": ACTIVITY,
    "auditlogs": AUDIT,
    "signinlogs": SIGNIN,
    "noninteractiveusersigninlogs": SIGNIN,
    "serviceprincipalsigninlogs": SIGNIN,
    "managedidentitysigninlogs": SIGNIN,
    "riskyusers": RISK,
    "userriskevents": RISK,
    "serviceprincipalriskevents": RISK,
}
_LOG_ANALYTICS: Final[Mapping[str, EventKind]] = {
    "azureactivity": ACTIVITY,
    "auditlogs": AUDIT,
    "signinlogs": SIGNIN,
    "aadnoninteractiveusersigninlogs": SIGNIN,
    "aaduserriskevents": RISK,
    "aadriskyusers": RISK,
}


def _azure_kind(record: Record) -> EventKind | None:
    """Tell which of Azure's logs a record is of; None where it is none of them."""
    category = record.get("category")
    kind = _AZURE.get(category.lower()) if isinstance(category, str) else None
    if kind is not None and "operationName" in record and ("time" in record or "resourceId" in record):
        return kind
    if isinstance(table := record.get("Type"), str) and "TimeGenerated" in record:
        return _LOG_ANALYTICS.get(table.lower())
    return next((kind for names, kind in _GRAPH if names <= record.keys()), None)


_GRAPH: Final[tuple[tuple[frozenset[str], EventKind], ...]] = (
    (frozenset({"riskEventType", "activityDateTime"}), RISK),
    (frozenset({"createdDateTime", "appId", "status", "userPrincipalName"}), SIGNIN),
    (frozenset({"activityDisplayName", "activityDateTime"}), AUDIT),
    (frozenset({"TimeGenerated", "OperationName", "LoggedByService"}), AUDIT),
    (frozenset({"TimeGenerated", "ResultType", "UserPrincipalName"}), SIGNIN),
    (frozenset({"TimeGenerated", "OperationNameValue", "CategoryValue"}), ACTIVITY),
    (frozenset({"eventTimestamp", "operationName", "resourceProviderName"}), ACTIVITY),
    (frozenset({"alertType", "securityAlertType"}), PIM),
)


def _small(name: str) -> str:
    return ".".join(part[:1].lower() + part[1:] for part in name.split("."))


# What diagnostic settings call a field, and the names of it in Log Analytics and the REST interface.
_AZURE_NAMES: Final = {
    "operationName": ("operationName.value", "operationNameValue"),
    "time": ("timeGenerated", "eventTimestamp"),
}


def _read_azure(record: dict[str, Any]) -> Read:
    kind = _azure_kind(record)
    if kind is None:
        raise KeyError
    flat = dotted(record)
    for name in [*flat]:
        canonical = _small(name)
        inner = canonical.removeprefix("properties.")
        flat.setdefault(inner, flat[name])
        flat.setdefault(canonical, flat[name])
    _as_json(flat, record.get("properties") or record, "targetResources", "TargetResources")
    for name, others in _AZURE_NAMES.items():
        flat.setdefault(name, next((flat[other] for other in others if other in flat), None))
    if "status.errorCode" in flat:
        flat.setdefault("resultType", flat["status.errorCode"])
    if kind is SIGNIN and "resultType" in flat:
        flat.setdefault("status", "Success" if str(flat["resultType"]) == "0" else "Failure")
    return kind, flat


_ALERTS_OF_M365: Final = frozenset({"SecurityComplianceCenter", "SecurityMonitoringEntityReducer"})


def _read_m365(record: dict[str, Any]) -> Read:
    flat = dotted(record)
    alert = record.get("Name") if record.get("Workload") in _ALERTS_OF_M365 else None
    flat["eventSource"], flat["eventName"] = record.get("Workload"), alert or record.get("Operation")
    # An alert is raised or not; any other record that says nothing of its result may be of either.
    result = str(record.get("ResultStatus") or ("Succeeded" if alert else "")).lower()
    if result:
        flat["status"] = "success" if result in {"success", "succeeded", "true", "partiallysucceeded"} else result
    _as_json(flat, record, "Parameters", "ExtendedProperties", "ModifiedProperties")
    return M365, flat


def _read_kubernetes(record: dict[str, Any]) -> Read:
    flat = dotted(record)
    for name, source in _KUBERNETES_NAMES:
        found = [
            value for field, value in flat.items() if field.endswith(source) and field.startswith("requestObject.")
        ]
        if found:
            flat[name] = [each for value in found for each in (value if isinstance(value, list) else [value])]
    return KUBERNETES, flat


_KUBERNETES_NAMES: Final = (
    (("hostPath", ".volumes.hostPath.path")),
    ("capabilities", ".securityContext.capabilities.add"),
)


def _is_kubernetes(record: Record) -> bool:
    return str(record.get("apiVersion", "")).startswith("audit.k8s.io/") and "auditID" in record


def _read_gcp(record: dict[str, Any]) -> Read:
    inner = record.get("data") if "protoPayload" not in record else record
    if not isinstance(inner, dict):
        raise TypeError
    flat = dotted(inner)
    for setting in _parameters(inner):
        flat.setdefault(str(setting.get("name", "")).lower(), setting.get("value"))
    return GCP, flat


def _parameters(record: Record) -> list[dict[str, Any]]:
    """Give the parameters of an event of Workspace that came through Cloud Logging."""
    metadata = record["protoPayload"].get("metadata")
    events = metadata.get("event", []) if isinstance(metadata, dict) else []
    each = [event for event in events if isinstance(event, dict)] if isinstance(events, list) else []
    return [one for event in each for one in event.get("parameter", []) if isinstance(one, dict) and one.get("name")]


def _is_gcp(record: Record) -> bool:
    inner = record if "protoPayload" in record else record.get("data")
    return isinstance(inner, dict) and isinstance(inner.get("protoPayload"), dict) and "logName" in inner


def _read_workspace(record: dict[str, Any]) -> Read:
    flat = dotted(record)
    flat["eventService"] = f"{record['id'].get('applicationName')}.googleapis.com"
    flat["eventName"] = flat.get("events.name")
    for event in record["events"]:
        for parameter in event.get("parameters", []):
            value = parameter.get("value", parameter.get("multiValue", parameter.get("boolValue")))
            flat.setdefault(str(parameter["name"]).lower(), value)
    return WORKSPACE, flat


def _is_workspace(record: Record) -> bool:
    return record.get("kind") == "admin#reports#activity" and isinstance(record.get("events"), list)


def _is_github(record: Record) -> bool:
    action = record.get("action")
    return (
        isinstance(action, str)
        and "." in action
        and "actor" in record
        and (
            "_document_id" in record
            or ("@timestamp" in record and ("org" in record or "user" in record or "repo" in record))
        )
    )


def _is_bitbucket(record: Record) -> bool:
    return isinstance(record.get("auditType"), dict) and "category" in record["auditType"]


CLOUD: Final[tuple[Schema, ...]] = (
    Schema(
        "cloudtrail",
        "AWS CloudTrail",
        _has("eventVersion", "eventSource", "eventName", "awsRegion"),
        _read_cloudtrail,
        (b'"eventVersion"', b'"awsRegion"'),
    ),
    Schema("kubernetes", later("Kubernetes audit"), _is_kubernetes, _read_kubernetes, (b'"audit.k8s.io',)),
    Schema(
        "okta",
        "Okta System Log",
        _has("eventType", "published", "actor", "uuid"),
        lambda record: (OKTA, dotted(record)),
        (b'"published"',),
    ),
    Schema(
        "m365",
        later("Microsoft 365 audit log"),
        _has("CreationTime", "Operation", "Workload"),
        _read_m365,
        (b'"CreationTime"',),
    ),
    Schema("gcp", later("Google Cloud audit log"), _is_gcp, _read_gcp, (b'"protoPayload"',)),
    Schema(
        "google_workspace",
        later("Google Workspace reports"),
        _is_workspace,
        _read_workspace,
        (b"admin#reports#activity",),
    ),
    Schema(
        "bitbucket",
        later("Bitbucket audit log"),
        _is_bitbucket,
        lambda record: (BITBUCKET, dotted(record)),
        (b'"auditType"',),
    ),
    Schema(
        "github", later("GitHub audit log"), _is_github, lambda record: (GITHUB, dotted(record)), (b'"_document_id"',)
    ),
    Schema(
        "azure",
        later("Azure and Entra logs"),
        lambda record: _azure_kind(record) is not None,
        _read_azure,
        (b'"operationName"', b'"TimeGenerated"', b'"activityDateTime"', b'"userPrincipalName"'),
    ),
)
