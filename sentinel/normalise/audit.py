"""The Linux audit system and Sysmon for Linux, to ECS.

Codes are system calls and types of records, in lower case; actions are named as Elastic's Auditd integration does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sentinel.normalise import windows_sysmon
from sentinel.normalise.convert import MISFIT, Named, Value, after, integer, ip, lookup, text
from sentinel.normalise.lines import file_in, peer, program
from sentinel.normalise.mapping import CARRIERS, SEPARATOR, Event, Family, Map
from sentinel.normalise.times import nanoseconds, read_bsd

if TYPE_CHECKING:
    from sentinel.normalise.times import Clock

_NONE: Final = frozenset({"?", "(null)", "(none)", "unset", "4294967295", "-1", "unknown"})
_outcome = lookup(
    "audit_outcome",
    "success or failure, of the words and numbers that the kernel and programs use.",
    {
        **dict.fromkeys(("yes", "success", "1", "granted", "allowed", "audit"), "success"),
        **dict.fromkeys(("no", "failed", "fail", "0", "denied"), "failure"),
    },
)
_decision = lookup(
    "decision", "allowed or denied, as SELinux or AppArmor decided.", {"denied": "denied", "granted": "allowed"}
)


def _known(value: str) -> Value:
    return None if value in _NONE else value


def _name(value: str) -> Value:
    """Give a name; a number is none."""
    return None if value in _NONE or value.isdecimal() or value.startswith("unknown(") else value


def _last(value: str) -> Value:
    return value.rpartition(SEPARATOR)[2]


def _host(value: str) -> Value:
    return None if value in _NONE or ip(value) is not MISFIT else value


known = Named("known", "As it is; none for `?`, `(null)`, `(none)`, `unset` and 4294967295.", _known)
named = Named("named", "Name of an account; none where only its number is known.", _name)
last_path = Named("last_path", "Path of the last PATH record, which is the object of the call.", _last)
remote_host = Named("remote_host", "Host name; none for an address or `?`.", _host)
_address = after(known, ip)

_LOGIN = (
    Map("user.name", "acct", named),
    Map("user.name", "ID", named),
    Map("user.id", "id", known),
)
_ACCOUNT = (
    Map("user.target.name", "acct", named),
    Map("user.target.name", "ID", named),
    Map("user.target.id", "id", known),
)
_GROUP = (Map("group.name", "acct", named), Map("group.name", "grp", named), Map("group.id", "id", known))
_FILE = tuple(
    Map(each.target, source, convert, every=every)
    for each in file_in("name")
    for source, convert, every in (
        ("target_filename", each.convert, False),
        ("name", last_path if each.convert is text else after(last_path, each.convert), True),
    )
)
_TO = peer("saddr_ip", "saddr_port", "destination")
_FROM = peer("saddr_ip", "saddr_port")
_COMMAND = (Map("process.command_line", "cmd"),)
_UNIT = (Map("service.name", "unit"),)
_DECIDED = (
    Map("event.type", "seresult", _decision),
    Map("event.type", "apparmor", _decision),
    Map("event.outcome", "seresult", _outcome),
    Map("event.outcome", "apparmor", _outcome),
    Map("file.path", "path"),
    Map("file.path", "name", last_path, every=True),
)

# Codes; action; categories; types; lines of their own.
_ROWS: Final[tuple[tuple[str, str, str, str, tuple[Map, ...]], ...]] = (
    ("execve execveat", "executed", "process", "start", ()),
    ("clone fork vfork", "forked", "process", "start", ()),
    ("exit exit_group", "ended-process", "process", "end", ()),
    ("kill tkill tgkill", "killed-pid", "process", "end", ()),
    ("ptrace process_vm_writev", "ptraced", "process", "access", ()),
    ("connect", "connected-to", "network", "connection start", _TO),
    ("accept accept4", "accepted-connection-from", "network", "connection start", _FROM),
    ("bind", "bound-socket", "network", "start", _TO),
    ("listen", "listen-for-connections", "network", "start", ()),
    ("sendto", "sent-to", "network", "connection", _TO),
    ("recvfrom", "received-from", "network", "connection", _FROM),
    ("socket", "created-socket", "network", "info", ()),
    ("open openat openat2 open_by_handle_at creat", "opened-file", "file", "access", _FILE),
    ("truncate", "changed-file", "file", "change", _FILE),
    ("rename renameat renameat2", "renamed", "file", "change", _FILE),
    ("unlink unlinkat rmdir", "deleted", "file", "deletion", _FILE),
    ("link linkat symlink symlinkat", "linked", "file", "creation", _FILE),
    ("mkdir mkdirat mknod mknodat", "created", "file", "creation", _FILE),
    ("chmod fchmod fchmodat", "changed-file-permissions-of", "file", "change", _FILE),
    ("chown fchown fchownat lchown", "changed-file-ownership-of", "file", "change", _FILE),
    (
        "setxattr lsetxattr fsetxattr removexattr lremovexattr fremovexattr",
        "changed-file-attributes-of",
        "file",
        "change",
        _FILE,
    ),
    ("mount", "mounted", "file", "creation", _FILE),
    ("umount umount2", "unmounted", "file", "deletion", _FILE),
    ("init_module finit_module", "loaded-kernel-module", "driver", "start", ()),
    ("delete_module", "unloaded-kernel-module", "driver", "end", ()),
    ("kexec_load kexec_file_load", "loaded-kernel", "host configuration", "change", ()),
    ("bpf", "called-bpf", "process", "info", ()),
    ("memfd_create", "created-anonymous-file", "file", "creation", ()),
    ("setuid setgid setreuid setregid setresuid setresgid", "changed-identity-of", "process", "change", ()),
    ("unshare setns chroot pivot_root personality", "changed-surroundings-of", "process", "change", ()),
    ("sethostname setdomainname", "changed-system-name", "host configuration", "change", ()),
    ("settimeofday clock_settime adjtimex", "changed-system-time", "host configuration", "change", ()),
    ("swapon swapoff", "changed-swap", "host configuration", "change", ()),
    ("sysinfo uname syslog", "asked-system", "host", "info", ()),
    ("user_login", "logged-in", "authentication session", "start", _LOGIN),
    ("user_logout", "logged-out", "session", "end", _LOGIN),
    ("user_auth", "authenticated", "authentication", "info", _LOGIN),
    ("user_acct", "was-authorized", "authentication", "info", _LOGIN),
    ("grp_auth", "authenticated-to-group", "authentication", "info", _GROUP),
    ("cred_acq", "acquired-credentials", "authentication", "info", _LOGIN),
    ("cred_disp", "disposed-credentials", "authentication", "info", _LOGIN),
    ("cred_refr", "refreshed-credentials", "authentication", "info", _LOGIN),
    ("user_start", "started-session", "session", "start", _LOGIN),
    ("user_end", "ended-session", "session", "end", _LOGIN),
    ("user_err", "had-authentication-error", "authentication", "info", _LOGIN),
    ("login", "changed-login-id-to", "authentication session", "start", ()),
    ("user_cmd", "ran-command", "process", "start", _COMMAND),
    ("user_tty tty", "typed", "process", "info", ()),
    ("add_user", "added-user-account", "iam", "user creation", _ACCOUNT),
    ("del_user", "deleted-user-account", "iam", "user deletion", _ACCOUNT),
    ("user_mgmt", "modified-user-account", "iam", "user change", _ACCOUNT),
    ("user_chauthtok", "changed-password", "iam", "user change", _ACCOUNT),
    ("acct_lock", "locked-account", "iam", "user change", _ACCOUNT),
    ("acct_unlock", "unlocked-account", "iam", "user change", _ACCOUNT),
    ("add_group", "added-group-account-to", "iam", "group creation", _GROUP),
    ("del_group", "deleted-group-account-from", "iam", "group deletion", _GROUP),
    ("grp_mgmt grp_chauthtok", "modified-group-account", "iam", "group change", _GROUP),
    ("role_assign user_role_change", "assigned-user-role-to", "iam", "user change", _ACCOUNT),
    ("role_remove", "removed-user-role-from", "iam", "user change", _ACCOUNT),
    ("service_start", "started-service", "process", "start", _UNIT),
    ("service_stop", "stopped-service", "process", "end", _UNIT),
    ("system_boot", "booted-system", "host", "start", ()),
    ("system_shutdown", "shutdown-system", "host", "end", ()),
    ("system_runlevel", "changed-to-runlevel", "host", "change", ()),
    ("config_change feature_change", "changed-audit-configuration", "configuration", "change", ()),
    ("usys_config", "changed-configuration", "configuration", "change", ()),
    ("daemon_start", "started-audit", "process", "start", ()),
    ("daemon_end", "shutdown-audit", "process", "end", ()),
    ("daemon_abort daemon_err", "aborted-auditd-startup", "process", "end", ()),
    ("daemon_config", "changed-auditd-configuration", "configuration", "change", ()),
    ("avc user_avc", "violated-security-policy", "process", "info", _DECIDED),
    ("apparmor_denied", "violated-apparmor-policy", "process", "denied", _DECIDED),
    ("mac_status", "changed-selinux-enforcement", "configuration", "change", ()),
    ("mac_policy_load user_mac_policy_load", "loaded-selinux-policy", "configuration", "access", ()),
    ("mac_config_change", "changed-selinux-boolean", "configuration", "change", ()),
    ("netfilter_cfg", "loaded-firewall-rule-to", "configuration", "change", ()),
    ("kern_module", "loaded-kernel-module", "driver", "start", ()),
    ("seccomp", "violated-seccomp-policy", "process", "denied", ()),
    ("anom_abend", "crashed-program", "process", "end error", ()),
    ("anom_promiscuous", "changed-promiscuous-mode-on-device", "network", "change", ()),
    ("anom_link anom_creat", "used-suspicious-link", "file", "access", _FILE),
    ("anom_login_failures", "failed-log-in-too-many-times-to", "authentication", "start", _LOGIN),
    ("anom_login_time", "attempted-log-in-during-unusual-hour-to", "authentication", "start", _LOGIN),
    ("anom_login_sessions", "opened-too-many-sessions-to", "authentication", "start", _LOGIN),
    ("anom_login_location", "attempted-log-in-from-unusual-place-to", "authentication", "start", _LOGIN),
    ("anom_login_root", "attempted-root-log-in", "authentication", "start", _LOGIN),
    ("anom_root_trans", "attempted-to-become-root", "process", "change", ()),
    ("anom_add_acct", "added-unusual-account", "iam", "user creation", _ACCOUNT),
    ("anom_del_acct", "deleted-unusual-account", "iam", "user deletion", _ACCOUNT),
    ("anom_mod_acct", "changed-unusual-account", "iam", "user change", _ACCOUNT),
    ("anom_exec anom_mk_exec", "executed-unusual-program", "process", "start", ()),
    ("software_update", "package-updated", "package", "info", ()),
    ("crypto_session crypto_login crypto_logout", "negotiated-crypto", "process", "info", ()),
    ("crypto_key_user", "negotiated-crypto-key", "process", "info", ()),
    ("virt_control", "changed-virtual-machine", "host", "change", ()),
    ("user", "sent-message", "process", "info", ()),
)


def read_audit(value: str, clock: Clock) -> int | None:
    """Read seconds since 1970; of a record that tells no time, that of the header of syslog."""
    time = nanoseconds(value)
    return read_bsd(value, clock) if time is None else time


AUDITD = Family(
    "linux.auditd",
    maps=(
        Map("event.sequence", "serial", integer),
        Map("event.outcome", "success", _outcome),
        Map("event.outcome", "res", _outcome),
        Map("event.outcome", "result", _outcome),
        Map("host.name", "node"),
        Map("user.id", "uid", known),
        Map("user.name", "user_name", named),
        Map("user.effective.id", "euid", known),
        Map("user.effective.name", "EUID", named),
        Map("group.id", "gid", known),
        Map("group.name", "GID", named),
        Map("process.command_line", "command_line"),
        Map("process.name", "comm"),
        *program("exe", pid="pid"),
        Map("process.parent.pid", "ppid", integer),
        Map("process.working_directory", "cwd"),
        Map("process.tty.name", "tty", known),
        Map("process.tty.name", "terminal", known),
        Map("process.session_id", "ses", known),
        Map("source.ip", "addr", _address),
        Map("source.domain", "hostname", remote_host),
        Map("rule.name", "key", known),
    ),
    events=tuple(
        Event(code, action, tuple(category.split()), tuple(kind.split()), maps=maps)
        for codes, action, category, kind, maps in _ROWS
        for code in codes.split()
    ),
    time="time",
    read_time=read_audit,
    hosts=("node", *CARRIERS),
    users=("acct", "AUID", "user_name"),
    telling=("command_line", "cmd", "target_filename", "saddr_ip", "saddr_port", "op", "exe", "res"),
)

# Sysmon for Linux has the events and fields of Windows' Sysmon that Linux has a counterpart of.
_SYSMON_CODES: Final = frozenset({"1", "3", "4", "5", "9", "11", "16", "23", "255"})
SYSMON = Family(
    "linux.sysmon",
    maps=(
        Map("event.provider", "Provider_Name"),
        Map("event.sequence", "EventRecordID", integer),
        Map("event.code", "EventID"),
        Map("host.name", "Computer"),
        Map("user.name", "User"),
        Map("rule.name", "RuleName"),
        *program("Image", pid="ProcessId", entity="ProcessGuid"),
    ),
    events=tuple(event for event in windows_sysmon.FAMILY.events if event.code in _SYSMON_CODES),
    hosts=("Computer", *CARRIERS),
    users=("User",),
    telling=windows_sysmon.FAMILY.telling,
)

FAMILIES: Final[tuple[Family, ...]] = (AUDITD, SYSMON)
