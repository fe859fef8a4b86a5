"""Security events about accounts and groups."""

from __future__ import annotations

from sentinel.normalise.convert import common_name, host_of, sid
from sentinel.normalise.lines import program, who
from sentinel.normalise.mapping import Event, Map

_IAM = ("iam",)
_TARGET = who("Target", "user.target")
_GROUP = (
    Map("group.id", "TargetSid", sid),
    Map("group.name", "TargetUserName"),
    Map("group.domain", "TargetDomainName"),
)
_MEMBER = (*_GROUP, Map("user.target.id", "MemberSid", sid), Map("user.target.name", "MemberName", common_name))
_RENAMED = (
    Map("user.target.id", "TargetSid", sid),
    Map("user.target.name", "OldTargetUserName"),
    Map("user.target.domain", "TargetDomainName"),
)

# Code, action, type of change: all are category iam, act on an account and succeed.
_ACCOUNTS = (
    ("4720", "added-user-account", "creation"),
    ("4722", "enabled-user-account", "change"),
    ("4724", "reset-password", "change"),
    ("4725", "disabled-user-account", "change"),
    ("4726", "deleted-user-account", "deletion"),
    ("4738", "modified-user-account", "change"),
    ("4741", "added-computer-account", "creation"),
    ("4742", "changed-computer-account", "change"),
    ("4743", "deleted-computer-account", "deletion"),
    ("4765", "added-sid-history", "change"),
    ("4767", "unlocked-user-account", "change"),
)

# As above, of groups: global 4727–4737, local 4731–4735, universal 4754–4758.
_GROUPS = (
    ("4727", "added-group-account", "creation"),
    ("4730", "deleted-group-account", "deletion"),
    ("4731", "added-group-account", "creation"),
    ("4734", "deleted-group-account", "deletion"),
    ("4735", "modified-group-account", "change"),
    ("4737", "modified-group-account", "change"),
    ("4754", "added-group-account", "creation"),
    ("4755", "modified-group-account", "change"),
    ("4758", "deleted-group-account", "deletion"),
)
_MEMBERS = (
    ("4728", "added-member-to-group"),
    ("4729", "removed-member-from-group"),
    ("4732", "added-member-to-group"),
    ("4733", "removed-member-from-group"),
    ("4756", "added-member-to-group"),
    ("4757", "removed-member-from-group"),
)

EVENTS: tuple[Event, ...] = (
    *(Event(code, action, _IAM, ("user", change), "success", maps=_TARGET) for code, action, change in _ACCOUNTS),
    *(Event(code, action, _IAM, ("group", change), "success", maps=_GROUP) for code, action, change in _GROUPS),
    *(Event(code, action, _IAM, ("group", "change"), "success", maps=_MEMBER) for code, action in _MEMBERS),
    # An attempt, so its outcome is in the keywords.
    Event("4723", "changed-password", _IAM, ("user", "change"), maps=_TARGET),
    Event(
        "4740",
        "locked-out-user-account",
        _IAM,
        ("user", "change"),
        "success",
        # The field that is called a domain holds the computer that the attempts came from.
        maps=(
            Map("user.target.id", "TargetSid", sid),
            Map("user.target.name", "TargetUserName"),
            Map("source.domain", "TargetDomainName", host_of),
        ),
    ),
    Event("4781", "renamed-user-account", _IAM, ("user", "change"), "success", maps=_RENAMED),
    Event(
        "4798",
        "group-membership-enumerated",
        _IAM,
        ("user", "info"),
        "success",
        maps=(*_TARGET, *program("CallerProcessName", pid="CallerProcessId")),
    ),
    Event(
        "4799",
        "user-member-enumerated",
        _IAM,
        ("group", "info"),
        "success",
        maps=(*_GROUP, *program("CallerProcessName", pid="CallerProcessId")),
    ),
)
