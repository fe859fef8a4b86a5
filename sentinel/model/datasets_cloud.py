"""Datasets of cloud services and Kubernetes.

Their fields are the record's own, dotted; named here are those that log sources, tables and people ask for most.
"""

from __future__ import annotations

from typing import Final

from sentinel.model.dataset import Dataset

_AZURE: Final = (
    ("operationName", "Operation"),
    ("category", "Category of the log"),
    ("resultType", "Result; of sign-ins the error code, 0 for success"),
    ("resultDescription", "What the result means"),
    ("callerIpAddress", "Address of the caller"),
    ("identity", "Who, in words"),
    ("correlationId", "Identity shared by what belongs together"),
)
_REFERENCE = "https://learn.microsoft.com/azure/azure-monitor/reference/tables/"

CLOUD: Final[tuple[Dataset, ...]] = (
    Dataset(
        "aws.cloudtrail",
        "AWS CloudTrail",
        fields=(
            ("eventTime", "When the request was finished, UTC"),
            ("eventSource", "Service that was asked"),
            ("eventName", "Action that was asked for"),
            ("awsRegion", "Region"),
            ("sourceIPAddress", "Address, or service, that asked"),
            ("userAgent", "Agent that asked"),
            ("errorCode", "Error, where there was one"),
            ("errorMessage", "Error in words"),
            ("userIdentity.type", "Kind of identity: Root, IAMUser, AssumedRole, …"),
            ("userIdentity.arn", "Who asked"),
            ("userIdentity.userName", "Name of who asked"),
            ("requestParameters", "Everything that was asked for, as JSON; each part is a field too"),
            ("responseElements", "Everything that was answered, as JSON; each part is a field too"),
            ("status", "success or failure, from whether there is an error"),
        ),
        open=True,
        cites="https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html",
    ),
    Dataset("azure.activitylogs", "Azure activity log", fields=_AZURE, open=True, cites=f"{_REFERENCE}azureactivity"),
    Dataset(
        "azure.auditlogs",
        "Entra audit log",
        fields=(
            *_AZURE,
            ("activityDisplayName", "What was done"),
            ("loggedByService", "Service that logged"),
            ("targetResources", "What was acted upon, as JSON; each part is a field too"),
        ),
        open=True,
        cites=f"{_REFERENCE}auditlogs",
    ),
    Dataset(
        "azure.signinlogs",
        "Entra sign-ins",
        fields=(
            *_AZURE,
            ("userPrincipalName", "Who signed in"),
            ("ipAddress", "Address they signed in from"),
            ("appDisplayName", "Application they signed in to"),
            ("clientAppUsed", "Client"),
            ("conditionalAccessStatus", "What conditional access said"),
            ("authenticationRequirement", "How many factors were asked for"),
            ("status", "Success or Failure, from the result type"),
        ),
        open=True,
        cites=f"{_REFERENCE}signinlogs",
    ),
    Dataset(
        "azure.riskdetection",
        "Entra ID Protection: risk detections",
        fields=(
            ("riskEventType", "What was detected"),
            ("riskLevel", "Level of the risk"),
            ("riskState", "State"),
            ("userPrincipalName", "Whose account"),
            ("ipAddress", "Address"),
            ("activityDateTime", "When"),
        ),
        open=True,
        cites="https://learn.microsoft.com/graph/api/resources/riskdetection",
    ),
    Dataset(
        "azure.pim",
        "Entra privileged identity management: alerts",
        fields=(("alertType", "Kind of alert"), ("riskEventType", "What was detected"), ("createdDateTime", "When")),
        open=True,
        cites="https://learn.microsoft.com/graph/api/resources/unifiedrolemanagementalert",
    ),
    Dataset(
        "okta.system",
        "Okta System Log",
        fields=(
            ("published", "When"),
            ("eventType", "What happened"),
            ("displayMessage", "The same in words"),
            ("actor.alternateId", "Who"),
            ("client.ipAddress", "Address of the client"),
            ("outcome.result", "SUCCESS, FAILURE, …"),
            ("outcome.reason", "Why"),
            ("target.displayName", "What was acted upon"),
        ),
        open=True,
        cites="https://developer.okta.com/docs/reference/api/system-log/",
    ),
    Dataset(
        "m365.audit",
        "Microsoft 365 audit log",
        fields=(
            ("CreationTime", "When, UTC"),
            ("Operation", "What was done"),
            ("Workload", "Service"),
            ("UserId", "Who"),
            ("ClientIP", "Address of the client"),
            ("ObjectId", "What was acted upon"),
            ("ResultStatus", "Result"),
            ("eventSource", "Workload, by the name that alerts use"),
            ("eventName", "Name of the alert, or the operation"),
            ("status", "Result, in one word"),
        ),
        open=True,
        cites="https://learn.microsoft.com/office/office-365-management-api/office-365-management-activity-api-schema",
    ),
    Dataset(
        "kubernetes.audit",
        "Kubernetes audit",
        fields=(
            ("requestReceivedTimestamp", "When the request came"),
            ("verb", "What was asked for"),
            ("requestURI", "Path"),
            ("user.username", "Who asked"),
            ("sourceIPs", "From where"),
            ("userAgent", "Agent that asked"),
            ("objectRef.resource", "Kind of object"),
            ("objectRef.name", "Name of the object"),
            ("objectRef.namespace", "Namespace"),
            ("responseStatus.code", "Status"),
            ("hostPath", "Paths of the host that are mounted"),
            ("capabilities", "Capabilities that are added"),
        ),
        open=True,
        cites="https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/",
    ),
    Dataset(
        "gcp.audit",
        "Google Cloud audit log",
        fields=(
            ("timestamp", "When"),
            ("logName", "Which log"),
            ("protoPayload.serviceName", "Service"),
            ("protoPayload.methodName", "Method"),
            ("protoPayload.authenticationInfo.principalEmail", "Who"),
            ("protoPayload.requestMetadata.callerIp", "From where"),
        ),
        open=True,
        cites="https://cloud.google.com/logging/docs/audit/understanding-audit-logs",
    ),
    Dataset(
        "google_workspace.reports",
        "Google Workspace reports",
        fields=(
            ("id.time", "When"),
            ("eventService", "Application"),
            ("eventName", "Event"),
            ("actor.email", "Who"),
            ("ipAddress", "From where"),
        ),
        open=True,
        cites="https://developers.google.com/admin-sdk/reports/reference/rest/v1/activities",
    ),
    Dataset(
        "github.audit",
        "GitHub audit log",
        fields=(
            ("@timestamp", "When, in milliseconds"),
            ("action", "What was done"),
            ("actor", "Who"),
            ("org", "Organisation"),
            ("repo", "Repository"),
            ("actor_ip", "From where"),
        ),
        open=True,
        cites="https://docs.github.com/en/enterprise-cloud@latest/admin/monitoring-activity-in-your-enterprise",
    ),
    Dataset(
        "bitbucket.audit",
        "Bitbucket audit log",
        fields=(
            ("timestamp", "When"),
            ("auditType.category", "Category"),
            ("auditType.action", "What was done"),
            ("author.name", "Who"),
            ("source", "From where"),
        ),
        open=True,
        cites="https://confluence.atlassian.com/bitbucketserver/audit-log-events-776640423.html",
    ),
)
