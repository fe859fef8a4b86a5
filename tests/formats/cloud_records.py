"""Records of cloud services, as their documents lay them down; names and numbers are reserved ones."""

from __future__ import annotations

from typing import Any, Final

CLOUDTRAIL: Final[dict[str, Any]] = {
    "eventVersion": "1.08",
    "userIdentity": {"type": "Root", "arn": "arn:aws:iam::111122223333:root", "accountId": "111122223333"},
    "eventTime": "2026-11-20T01:02:03Z",
    "eventSource": "signin.amazonaws.com",
    "eventName": "ConsoleLogin",
    "awsRegion": "ap-southeast-1",
    "sourceIPAddress": "203.0.113.7",
    "userAgent": "Mozilla/5.0",
    "requestParameters": None,
    "responseElements": {"ConsoleLogin": "Success"},
    "additionalEventData": {"MFAUsed": "No"},
    "eventID": "7c5c8a3e-0000-4000-8000-000000000001",
}
STOPPED: Final = {
    **CLOUDTRAIL,
    "userIdentity": {"type": "IAMUser", "userName": "an"},
    "eventSource": "cloudtrail.amazonaws.com",
    "eventName": "StopLogging",
    "requestParameters": {"name": "trail-tỉnh"},
}
SIGNIN_GRAPH: Final[dict[str, Any]] = {
    "id": "66ea54eb-0000-4000-8000-000000000002",
    "createdDateTime": "2026-11-20T01:02:03Z",
    "userPrincipalName": "an@agency.gov.example",
    "appId": "1",
    "appDisplayName": "Portal",
    "ipAddress": "203.0.113.8",
    "authenticationRequirement": "singleFactorAuthentication",
    "status": {"errorCode": 50053, "failureReason": "Account is locked"},
    "deviceDetail": {"deviceId": "", "trustType": ""},
    "location": {"city": "Huế", "countryOrRegion": "VN"},
}
SIGNIN_DIAGNOSTIC: Final[dict[str, Any]] = {
    "time": "2026-11-20T01:02:03Z",
    "resourceId": "/tenants/1/providers/Microsoft.aadiam",
    "operationName": "Sign-in activity",
    "category": "SignInLogs",
    "resultType": "50053",
    "callerIpAddress": "203.0.113.8",
    "properties": {"userPrincipalName": "an@agency.gov.example", "createdDateTime": "2026-11-20T01:02:03Z"},
}
SIGNIN_ANALYTICS: Final[dict[str, Any]] = {
    "Type": "SigninLogs",
    "TimeGenerated": "2026-11-20T01:02:03Z",
    "CreatedDateTime": "2026-11-20T01:02:03Z",
    "ResultType": "50053",
    "UserPrincipalName": "an@agency.gov.example",
    "IPAddress": "203.0.113.8",
}
AUDIT: Final[dict[str, Any]] = {
    "id": "Directory_1",
    "category": "RoleManagement",
    "activityDisplayName": "Add owner to application",
    "activityDateTime": "2026-11-20T01:02:03Z",
    "loggedByService": "Core Directory",
    "initiatedBy": {"user": {"userPrincipalName": "an@agency.gov.example"}},
    "targetResources": [{"displayName": "app", "modifiedProperties": [{"displayName": "Owner", "newValue": "x"}]}],
}
ACTIVITY: Final[dict[str, Any]] = {
    "time": "2026-11-20T01:02:03Z",
    "resourceId": "/SUBSCRIPTIONS/1",
    "operationName": "MICROSOFT.NETWORK/APPLICATIONGATEWAYS/DELETE",
    "category": "Administrative",
    "resultType": "Success",
    "callerIpAddress": "203.0.113.9",
    "identity": "an",
}
ACTIVITY_ANALYTICS: Final[dict[str, Any]] = {
    "TimeGenerated": "2026-11-20T01:02:03Z",
    "OperationNameValue": "MICROSOFT.AUTHORIZATION/ROLEASSIGNMENTS/WRITE",
    "CategoryValue": "Administrative",
    "Caller": "an@agency.gov.example",
    "Type": "AzureActivity",
}
ACTIVITY_REST: Final[dict[str, Any]] = {
    "eventTimestamp": "2026-11-20T01:02:03Z",
    "operationName": {"value": "Microsoft.Authorization/roleAssignments/write", "localizedValue": "Write"},
    "resourceProviderName": {"value": "Microsoft.Authorization"},
    "caller": "an@agency.gov.example",
}
RISK: Final[dict[str, Any]] = {
    "id": "r",
    "riskEventType": "anonymizedIPAddress",
    "activityDateTime": "2026-11-20T01:02:03Z",
    "userPrincipalName": "an@agency.gov.example",
    "ipAddress": "203.0.113.10",
}
OKTA: Final[dict[str, Any]] = {
    "uuid": "u",
    "published": "2026-11-20T01:02:03.456Z",
    "eventType": "user.mfa.factor.deactivate",
    "displayMessage": "Impersonation",
    "actor": {"id": "1", "alternateId": "an@agency.gov.example", "displayName": "Nguyễn Văn An"},
    "client": {"ipAddress": "203.0.113.11", "userAgent": {"rawUserAgent": "curl"}},
    "outcome": {"result": "SUCCESS"},
    "target": [{"displayName": "one"}, {"displayName": "two"}],
}
M365: Final[dict[str, Any]] = {
    "CreationTime": "2026-11-20T01:02:03",
    "Id": "m",
    "Operation": "Disable Strong Authentication.",
    "Workload": "AzureActiveDirectory",
    "RecordType": 8,
    "UserId": "an@agency.gov.example",
    "ClientIP": "203.0.113.12",
    "ResultStatus": "Success",
}
KUBERNETES: Final[dict[str, Any]] = {
    "kind": "Event",
    "apiVersion": "audit.k8s.io/v1",
    "auditID": "k",
    "verb": "create",
    "requestURI": "/api/v1/namespaces/portal/pods",
    "user": {"username": "an", "groups": ["system:masters"]},
    "sourceIPs": ["203.0.113.13"],
    "objectRef": {"resource": "pods", "namespace": "portal", "name": "p"},
    "responseStatus": {"code": 201},
    "requestReceivedTimestamp": "2026-11-20T01:02:03.000000Z",
    "requestObject": {
        "spec": {
            "volumes": [{"name": "root", "hostPath": {"path": "/"}}],
            "containers": [{"securityContext": {"capabilities": {"add": ["SYS_ADMIN"]}}}],
        }
    },
}
GCP: Final[dict[str, Any]] = {
    "insertId": "g",
    "logName": "projects/p/logs/cloudaudit.googleapis.com%2Factivity",
    "timestamp": "2026-11-20T01:02:03Z",
    "resource": {"type": "gcs_bucket", "labels": {"project_id": "p"}},
    "protoPayload": {
        "serviceName": "storage.googleapis.com",
        "methodName": "storage.buckets.delete",
        "authenticationInfo": {"principalEmail": "an@agency.gov.example"},
        "requestMetadata": {"callerIp": "203.0.113.14"},
    },
}
WORKSPACE: Final[dict[str, Any]] = {
    "kind": "admin#reports#activity",
    "id": {"time": "2026-11-20T01:02:03.000Z", "applicationName": "admin"},
    "actor": {"email": "an@agency.gov.example"},
    "ipAddress": "203.0.113.15",
    "events": [
        {"name": "GRANT_ADMIN_PRIVILEGE", "parameters": [{"name": "USER_EMAIL", "value": "b@agency.gov.example"}]}
    ],
}
GITHUB: Final[dict[str, Any]] = {
    "@timestamp": 1795309323000,
    "_document_id": "d",
    "action": "repo.destroy",
    "actor": "an",
    "org": "agency",
    "repo": "agency/portal",
}
BITBUCKET: Final[dict[str, Any]] = {
    "timestamp": "2026-11-20T01:02:03Z",
    "auditType": {"category": "Data pipeline", "action": "Full data export triggered"},
    "author": {"id": "1", "name": "an"},
    "source": "203.0.113.16",
}
ALL: Final = {
    "aws.cloudtrail": (CLOUDTRAIL, STOPPED),
    "azure.signinlogs": (SIGNIN_GRAPH, SIGNIN_DIAGNOSTIC, SIGNIN_ANALYTICS),
    "azure.auditlogs": (AUDIT,),
    "azure.activitylogs": (ACTIVITY, ACTIVITY_ANALYTICS, ACTIVITY_REST),
    "azure.riskdetection": (RISK,),
    "okta.system": (OKTA,),
    "m365.audit": (M365,),
    "kubernetes.audit": (KUBERNETES,),
    "gcp.audit": (GCP,),
    "google_workspace.reports": (WORKSPACE,),
    "github.audit": (GITHUB,),
    "bitbucket.audit": (BITBUCKET,),
}
