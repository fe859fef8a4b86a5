"""Log sources of cloud services and Kubernetes.

Rules write Azure's fields in every way that Azure does; the reader gives each event Graph's names (`formats.cloud`),
and these tables lead there.
"""

from __future__ import annotations

from typing import Final

from sentinel.detect.sigma.sources.base import Source

_AZURE: Final = {
    "ActivityDisplayName": "activityDisplayName",
    "AuthenticationRequirement": "authenticationRequirement",
    "Category": "category",
    "CategoryValue": "categoryValue",
    "ClientApp": "clientAppUsed",
    "ConsentContext.IsAdminConsent": "consentContext.isAdminConsent",
    "DeviceDetail.deviceId": "deviceDetail.deviceId",
    "DeviceDetail.isCompliant": "deviceDetail.isCompliant",
    "DeviceDetail.trusttype": "deviceDetail.trustType",
    "Initiatedby": "initiatedBy.user.userPrincipalName",
    "InitiatedBy": "initiatedBy.user.userPrincipalName",
    "LoggedByService": "loggedByService",
    "NetworkLocationDetails": "networkLocationDetails",
    "OperationName": "operationName",
    "OperationNameValue": "operationNameValue",
    "ResourceDisplayName": "resourceDisplayName",
    "ResourceId": "resourceId",
    "ResourceProviderValue": "resourceProviderValue",
    "ResultDescription": "resultDescription",
    "Resultdescription": "resultDescription",
    "ResultType": "resultType",
    "RiskState": "riskState",
    "Status": "status",
    "Target": "targetResources.userPrincipalName",
    "TargetResources": "targetResources",
    "TargetResources.ModifiedProperties.DisplayName": "targetResources.modifiedProperties.displayName",
    "TargetResources.ModifiedProperties.NewValue": "targetResources.modifiedProperties.newValue",
    "TargetResources.modifiedProperties": "targetResources.modifiedProperties.newValue",
    "TargetResources.modifiedProperties.newValue": "targetResources.modifiedProperties.newValue",
    "Username": "userPrincipalName",
    "failure_status_reason": "status.failureReason",
    "properties.result": "result",
    "properties.targetResources": "targetResources",
}
_AUDIT: Final = {
    **_AZURE,
    "properties.message": "activityDisplayName",
    "ActivityType": "activityDisplayName",
    "activityType": "activityDisplayName",
    "OperationName": "activityDisplayName",
}
_SIGNIN: Final = {**_AZURE, "properties.message": "authenticationProtocol"}
_ACTIVITY: Final = {**_AZURE, "properties.message": "operationName"}
_GCP: Final = {
    "gcp.audit.method_name": "protoPayload.methodName",
    "data.protoPayload.serviceName": "protoPayload.serviceName",
    "data.protoPayload.methodName": "protoPayload.methodName",
    "data.protoPayload.logName": "logName",
    "data.protoPayload.resource.type": "resource.type",
    "data.protoPayload.authorizationInfo.permission": "protoPayload.authorizationInfo.permission",
    "data.protoPayload.authorizationInfo.granted": "protoPayload.authorizationInfo.granted",
    "protoPayload.Servicename": "protoPayload.serviceName",
    "eventService": "protoPayload.serviceName",
    "eventName": "protoPayload.metadata.event.eventName",
}

CLOUD: Final[tuple[Source, ...]] = (
    Source(("aws.cloudtrail",), product="aws", service="cloudtrail"),
    Source(("azure.activitylogs",), product="azure", service="activitylogs", fields=_ACTIVITY),
    # Rules for audited changes of roles and policies are written against both logs.
    Source(("azure.auditlogs",), product="azure", service="auditlogs", fields=_AUDIT),
    Source(("azure.signinlogs",), product="azure", service="signinlogs", fields=_SIGNIN),
    Source(("azure.riskdetection",), product="azure", service="riskdetection", fields=_AZURE),
    Source(("azure.pim",), product="azure", service="pim", fields={**_AZURE, "riskEventType": "alertType"}),
    Source(("okta.system",), product="okta", service="okta"),
    *(
        Source(("m365.audit",), product="m365", service=service)
        for service in ("audit", "exchange", "threat_detection", "threat_management")
    ),
    Source(
        ("kubernetes.audit",),
        product="kubernetes",
        category="application",
        service="audit",
        fields={"apiGroup": "objectRef.apiGroup"},
    ),
    Source(("gcp.audit",), product="gcp", service="gcp.audit", fields=_GCP),
    *(
        row
        for service in ("google_workspace.admin", "google_workspace.login")
        for row in (
            Source(("gcp.audit",), product="gcp", service=service, fields=_GCP),
            Source(
                ("google_workspace.reports",),
                product="gcp",
                service=service,
                fields={
                    "protoPayload.serviceName": "eventService",
                    "protoPayload.metadata.event.eventName": "eventName",
                },
            ),
        )
    ),
    Source(("github.audit",), product="github", service="audit"),
    Source(("bitbucket.audit",), product="bitbucket", service="audit"),
)
