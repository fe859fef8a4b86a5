r"""Paths, registry keys, hashes and answers, taken apart.

Windows paths may use either slash. Registry paths may begin with a hive's short name (`HKLM`), its long one, or the
kernel's (`\REGISTRY\MACHINE`).
"""

from __future__ import annotations

import re

from sentinel.normalise.convert import MISFIT, Named, Value, ip

_HIVES = {
    "HKLM": "HKLM",
    "HKEY_LOCAL_MACHINE": "HKLM",
    "HKU": "HKU",
    "HKEY_USERS": "HKU",
    "HKCU": "HKCU",
    "HKEY_CURRENT_USER": "HKCU",
    "HKCR": "HKCR",
    "HKEY_CLASSES_ROOT": "HKCR",
    "HKCC": "HKCC",
    "HKEY_CURRENT_CONFIG": "HKCC",
    "MACHINE": "HKLM",
    "USER": "HKU",
}


def name_of(value: str) -> Value:
    """Last part of a path."""
    return value[_last_slash(value) + 1 :] or None


def directory_of(value: str) -> Value:
    """Path before its last part."""
    return value[: max(_last_slash(value), 0)] or None


def extension_of(value: str) -> Value:
    """Extension of the last part, without its dot and without the name of a stream."""
    name = value[_last_slash(value) + 1 :].partition(":")[0]
    stem, _, extension = name.rpartition(".")
    return extension if stem and extension else None


def _last_slash(value: str) -> int:
    return max(value.rfind("\\"), value.rfind("/"))


def _hive_and_rest(value: str) -> tuple[str | None, str]:
    lowered = value[:10].lower()
    path = value[10:] if lowered == "\\registry\\" else value
    hive, _, rest = path.partition("\\")
    short = _HIVES.get(hive.upper())
    return (short, rest) if short else (None, path)


def registry_path(value: str) -> Value:
    """Hive in short, key and value."""
    hive, rest = _hive_and_rest(value)
    return (f"{hive}\\{rest}" if rest else hive) if hive else value


def registry_hive(value: str) -> Value:
    """Hive in short."""
    return _hive_and_rest(value)[0]


def registry_key(value: str) -> Value:
    """Key within the hive, of a path that ends with a key."""
    return _hive_and_rest(value)[1] or None


def registry_value_key(value: str) -> Value:
    """Key within the hive, of a path that ends with a value."""
    return _hive_and_rest(value)[1].rpartition("\\")[0] or None


def registry_value(value: str) -> Value:
    """Name of the value, of a path that ends with one."""
    return _hive_and_rest(value)[1].rpartition("\\")[2] or None


_DETAILS = re.compile(r"(DWORD|QWORD) \((.*)\)", re.DOTALL)


def details_type(value: str) -> Value:
    """Type of Sysmon's registry details, where they tell it."""
    if value == "Binary Data":
        return "REG_BINARY"
    found = _DETAILS.fullmatch(value)
    return f"REG_{found[1]}" if found else None


def details_strings(value: str) -> Value:
    """Give the data in Sysmon's registry details."""
    if value == "Binary Data":
        return None
    found = _DETAILS.fullmatch(value)
    return found[2] if found else value


_LENGTHS = {"md5": 32, "sha1": 40, "sha256": 64, "sha384": 96, "sha512": 128, "imphash": 32}
_HEX = re.compile(r"[0-9a-f]+")
_NO_HASHES = {"unknown", "unavailable"}


def hash_of(algorithm: str) -> Named:
    """Make a converter for one hash of `SHA1=…,MD5=…`, in lower case; zeros are Sysmon's word for none."""
    length = _LENGTHS[algorithm]

    def convert(value: str) -> Value:
        lowered = value.lower()
        if "=" not in lowered:
            return _bare_hash(lowered, length)
        for part in lowered.split(","):
            name, _, digest = part.strip().partition("=")
            if name == algorithm:
                return _digest(digest, length)
        return None

    return Named(f"hash_of({algorithm})", f"{algorithm.upper()} of a list of hashes, in lower case.", convert)


def _digest(digest: str, length: int) -> Value:
    if len(digest) != length or not _HEX.fullmatch(digest):
        return MISFIT if digest else None
    return digest if digest.strip("0") else None


def _bare_hash(digest: str, length: int) -> Value:
    """Give a hash that stands without its name, where its length tells which it is."""
    digest = digest.removeprefix("0x")
    if digest in _NO_HASHES:
        return None
    if not _HEX.fullmatch(digest):
        return MISFIT
    return _digest(digest, length) if len(digest) == length else None


_RECORD_TYPES = {
    "1": "A",
    "2": "NS",
    "5": "CNAME",
    "6": "SOA",
    "12": "PTR",
    "15": "MX",
    "16": "TXT",
    "28": "AAAA",
    "33": "SRV",
}
_TYPED = re.compile(r"type:\s*([0-9]+)\s+(.*)", re.DOTALL)


def _answers(value: str) -> list[tuple[str, str]]:
    """Give type and data of each answer of Sysmon's `type:  5 host.example;::ffff:192.0.2.1;`."""
    found: list[tuple[str, str]] = []
    for part in value.split(";"):
        answer = part.strip()
        typed = _TYPED.fullmatch(answer)
        if typed:
            found.append((_RECORD_TYPES.get(typed[1], typed[1]), typed[2].strip()))
        elif answer and answer != "-":
            found.append(_untyped(answer))
    return found


def _untyped(answer: str) -> tuple[str, str]:
    """Tell the type of an answer by its form; an address comes without a type."""
    address = ip(answer)
    if not isinstance(address, str):
        return "", answer
    return ("AAAA" if ":" in address else "A"), address


def answer_texts(value: str) -> Value:
    """Answers of Sysmon's QueryResults, in order."""
    return [data for _, data in _answers(value)] or None


def answer_types(value: str) -> Value:
    """Record types of Sysmon's QueryResults, in order; an empty text where it is not known."""
    return [kind for kind, _ in _answers(value)] or None


def answer_addresses(value: str) -> Value:
    """Addresses among Sysmon's QueryResults."""
    found = [ip(data) for _, data in _answers(value)]
    return [address for address in found if isinstance(address, str)] or None


_TECHNIQUE = re.compile(r"\bT[0-9]{4}(?:\.[0-9]{3})?\b")


def techniques(value: str) -> Value:
    """ATT&CK techniques that a rule's name mentions."""
    return list(dict.fromkeys(_TECHNIQUE.findall(value))) or None
