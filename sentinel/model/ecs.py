"""The fields of the Elastic Common Schema we fill.

Names, types and meanings follow ECS 8 and 9; `winlog.*` and `powershell.*` follow Elastic's Windows integrations, and
`sentinel.*` is ours. Values of type `ip` are kept as canonical text, so that a column of addresses needs no type that
Parquet and Arrow lack.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from sentinel.model.ecs_network import NETWORK
from sentinel.model.field import Field, FieldType, fields, lists

if TYPE_CHECKING:
    import pyarrow as pa

VERSION = "8.17.0"

# Where values go that do not fit the type of their column: a map from the column's name to the native text.
OVERFLOW = "_overflow"
TIME_FLAG = "sentinel.time_flag"


_K, _IP, _L, _B, _D = FieldType.KEYWORD, FieldType.IP, FieldType.LONG, FieldType.BOOLEAN, FieldType.DATE
_HASHES = ("md5", "sha1", "sha256", "sha384", "sha512")


def _hashes(prefix: str, of: str) -> tuple[Field, ...]:
    return tuple(Field(f"{prefix}.hash.{name}", _K, f"{name.upper()} of {of}") for name in _HASHES)


def _pe(prefix: str, of: str) -> tuple[Field, ...]:
    return fields(
        f"{prefix}.pe.",
        ("company", _K, f"Company that {of} names"),
        ("description", _K, f"Description that {of} names"),
        ("file_version", _K, f"Version that {of} names"),
        ("imphash", _K, f"Hash of the imports of {of}"),
        ("original_file_name", _K, f"File name at compile time of {of}"),
        ("product", _K, f"Product that {of} names"),
    )


def _signature(prefix: str, of: str) -> tuple[Field, ...]:
    return fields(
        f"{prefix}.code_signature.",
        ("signed", _B, f"Whether {of} is signed"),
        ("status", _K, f"What the check of the signature of {of} said"),
        ("subject_name", _K, f"Who signed {of}"),
        ("valid", _B, f"Whether the signature of {of} is valid"),
    )


def _file(prefix: str, of: str) -> tuple[Field, ...]:
    return fields(
        f"{prefix}.",
        ("path", _K, f"Full path of {of}"),
        ("name", _K, f"Name of {of}"),
    )


def _user(prefix: str, of: str) -> tuple[Field, ...]:
    return fields(
        f"{prefix}.",
        ("id", _K, f"SID of {of}"),
        ("name", _K, f"Name of {of}"),
        ("domain", _K, f"Domain of {of}"),
    )


def _process(prefix: str, of: str) -> tuple[Field, ...]:
    return fields(
        f"{prefix}.",
        ("pid", _L, f"Number of {of}"),
        ("entity_id", _K, f"Identity of {of}, never used twice"),
        ("executable", _K, f"Full path of the program of {of}"),
        ("name", _K, f"File name of the program of {of}"),
        ("command_line", _K, f"Command line of {of}"),
    )


def _endpoint(prefix: str, of: str) -> tuple[Field, ...]:
    return fields(
        f"{prefix}.",
        ("ip", _IP, f"Address of {of}"),
        ("port", _L, f"Port of {of}"),
        ("domain", _K, f"Host name of {of}"),
    )


FIELDS: tuple[Field, ...] = (
    *fields(
        "",
        ("@timestamp", _D, "When it happened; when it was taken in, where the record's own time is of no use"),
        ("ecs.version", _K, "Version of this schema"),
        ("error.code", _K, "Error code, as the source gives it"),
        ("log.level", _K, "Level: critical, error, warning, information or verbose"),
        (TIME_FLAG, _K, "Why @timestamp is the time of taking in: missing, unparsable or future"),
    ),
    *fields(
        "event.",
        ("action", _K, "What was done, one word per kind of event"),
        ("created", _D, "When the record says it was written"),
        ("dataset", _K, "Dataset"),
        ("ingested", _D, "When Sentinel took it in"),
        ("kind", _K, "event, or alert where the source itself judged"),
        ("module", _K, "Family of datasets"),
        ("outcome", _K, "success, failure or unknown"),
        ("provider", _K, "Who wrote the record"),
        ("reason", _K, "Why, as the source gives it"),
        ("sequence", _L, "Number of the record in its log"),
    ),
    *lists(
        ("event.category", _K, "What it is about, from ECS's list"),
        ("event.type", _K, "What sort of happening, from ECS's list"),
        ("related.hash", _K, "Every hash of the event"),
        ("related.hosts", _K, "Every host name of the event"),
        ("related.ip", _IP, "Every address of the event"),
        ("related.user", _K, "Every user name of the event"),
        ("dns.answers.data", _K, "Answers, in order"),
        ("dns.answers.type", _K, "Record types of the answers, in order"),
        ("dns.resolved_ip", _IP, "Addresses among the answers"),
        ("registry.data.strings", _K, "Data written, as text"),
        ("threat.technique.id", _K, "ATT&CK techniques that the source names"),
    ),
    *fields(
        "host.",
        ("name", _K, "Host that the event happened on, as it calls itself"),
        ("hostname", _K, "Its short name in lower case"),
    ),
    *_user("user", "who acted"),
    *_user("user.effective", "who they acted as"),
    *_user("user.target", "who was acted upon"),
    *_user("group", "the group"),
    *_process("process", "the process"),
    *_process("process.parent", "the parent process"),
    *fields(
        "process.",
        ("start", _D, "When the process started"),
        ("end", _D, "When the process ended"),
        ("title", _K, "Title of the process"),
        ("working_directory", _K, "Working directory of the process"),
        ("thread.id", _L, "Number of the thread"),
    ),
    *_hashes("process", "the program"),
    *_pe("process", "the program"),
    *_file("file", "the file"),
    *fields(
        "file.",
        ("directory", _K, "Directory of the file"),
        ("extension", _K, "Extension of the file's name, without the dot"),
        ("created", _D, "When the file says it was created"),
    ),
    *_hashes("file", "the file"),
    Field("file.pe.imphash", _K, "Hash of the imports of the file"),
    *_signature("file", "the file"),
    *_file("dll", "the module"),
    *_hashes("dll", "the module"),
    *_pe("dll", "the module"),
    *_signature("dll", "the module"),
    *fields(
        "registry.",
        ("path", _K, "Hive, key and value"),
        ("hive", _K, "Hive, in short: HKLM"),
        ("key", _K, "Key within the hive"),
        ("value", _K, "Name of the value"),
        ("data.type", _K, "Type of the data: REG_SZ"),
    ),
    *_endpoint("source", "the source"),
    *_endpoint("destination", "the destination"),
    *fields(
        "network.",
        ("direction", _K, "ingress or egress, seen from the host"),
        ("iana_number", _K, "Number of the protocol above IP"),
        ("protocol", _K, "Protocol above the transport"),
        ("transport", _K, "tcp, udp, icmp or ipv6-icmp"),
        ("type", _K, "ipv4 or ipv6"),
    ),
    *fields(
        "dns.", ("question.name", _K, "Name asked for"), ("response_code", _K, "Answer code, where it is one of DNS")
    ),
    *fields("service.", ("name", _K, "Name of the service"), ("type", _K, "Type of the service")),
    *fields(
        "rule.",
        ("id", _K, "Number of the rule or threat of the source"),
        ("name", _K, "Name of the rule or threat of the source"),
        ("category", _K, "Category of the rule or threat"),
        ("ruleset", _K, "Set that the rule belongs to"),
    ),
    *fields(
        "winlog.logon.",
        ("id", _K, "Number of the logon session"),
        ("type", _K, "Type of logon, in words"),
        ("failure.reason", _K, "Why the logon failed, in words"),
        ("failure.status", _K, "What its status means"),
        ("failure.sub_status", _K, "What its sub-status means"),
    ),
    *fields(
        "powershell.",
        ("command.name", _K, "Command"),
        ("command.path", _K, "Path of the command"),
        ("command.type", _K, "Type of the command"),
        ("connected_user.domain", _K, "Domain of the remote user"),
        ("connected_user.name", _K, "Name of the remote user"),
        ("engine.version", _K, "Version of the engine"),
        ("engine.new_state", _K, "State after"),
        ("engine.previous_state", _K, "State before"),
        ("file.script_block_id", _K, "Identity of the script block"),
        ("file.script_block_text", _K, "Text of the script block, or of a part of it"),
        ("pipeline_id", _K, "Number of the pipeline"),
        ("process.executable_version", _K, "Version of the host"),
        ("provider.name", _K, "Provider"),
        ("provider.new_state", _K, "State of the provider"),
        ("runspace_id", _K, "Identity of the runspace"),
        ("sequence", _L, "Number of the part or event"),
        ("total", _L, "Number of parts"),
    ),
    *NETWORK,
)

BY_NAME: dict[str, Field] = {field.name: field for field in FIELDS}


@lru_cache(maxsize=1024)
def arrow_type(field: Field) -> pa.DataType:
    """Give the Arrow type of a field's column: times are `timestamp[ns, UTC]`, addresses are strings."""
    import pyarrow as pa

    kinds = {
        FieldType.KEYWORD: pa.string(),
        FieldType.IP: pa.string(),
        FieldType.LONG: pa.int64(),
        FieldType.BOOLEAN: pa.bool_(),
        FieldType.DATE: pa.timestamp("ns", "UTC"),
    }
    kind = kinds[field.type]
    return pa.list_(kind) if field.many else kind
