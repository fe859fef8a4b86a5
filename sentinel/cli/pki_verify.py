"""`sentinel pki verify`: whether a certificate may be relied on, and every reason why not."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from sentinel import settings
from sentinel.cli.asked import Json
from sentinel.cli.exits import ExitCode
from sentinel.errors import InputError
from sentinel.language import _, later

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sentinel.pki.verify.fetching import Fetched
    from sentinel.pki.verify.reading import Piece
    from sentinel.pki.verify.verdict import Revocation, Verdict
    from sentinel.settings import Settings

_MODES: Final = ("none", "if-known", "all")
_LEAST: Final = 2
"""An OID has two parts at least."""

File = Annotated[
    Path,
    typer.Argument(metavar="FILE", help=later("The certificate, PEM or DER; what follows it in the file helps along.")),
]
Roots = Annotated[
    list[Path], typer.Option("--root", metavar="PATH", help=later("A root that is trusted: a file or folder."))
]
Intermediates = Annotated[
    list[Path] | None,
    typer.Option(
        "--intermediate", metavar="PATH", help=later("Authorities between it and the root: a file or folder.")
    ),
]
Names = Annotated[
    list[str] | None,
    typer.Option(
        "--name", metavar="NAME", help=later("A name that it has to be for: a host, address, email:…, uri:….")
    ),
]
AskedPurpose = Annotated[
    str,
    typer.Option("--purpose", metavar="PURPOSE", help=later("What it is to be used for: tls-server, tls-client, ….")),
]
AskedPolicies = Annotated[
    list[str] | None,
    typer.Option(
        "--policy", metavar="OID", help=later("A policy, one of which has to be valid along the whole chain.")
    ),
]
Lists = Annotated[
    list[Path] | None, typer.Option("--crl", metavar="PATH", help=later("Revocation lists: a file or folder."))
]
Answers = Annotated[
    list[Path] | None, typer.Option("--ocsp", metavar="PATH", help=later("OCSP responses: a file or folder."))
]
Mode = Annotated[
    str,
    typer.Option(
        "--revocation", metavar="MODE", help=later("none, if-known (by what is given), or all (of every certificate).")
    ),
]
At = Annotated[
    str, typer.Option("--at", metavar="TIME", help=later("Judge this moment instead of now: 2026-11-20T10:14."))
]
Fetch = Annotated[
    bool,
    typer.Option(
        "--fetch", help=later("Fetch what is missing from the addresses that the certificates themselves name.")
    ),
]


def register(group: typer.Typer) -> None:
    """Add the command `verify`."""
    group.command("verify", help=_("Verify a certificate: its chain, names, purpose, policies and revocation."))(verify)


@dataclass(slots=True)
class _Material:
    """What was read: the certificate first, what may help, and where every certificate stood, by its SHA-256."""

    leaf: bytes
    intermediates: list[bytes]
    roots: list[bytes]
    crls: list[bytes]
    ocsp: list[bytes]
    places: dict[str, str]
    fetched: Sequence[Fetched] = field(default=())


def verify(
    ctx: typer.Context,
    file: File,
    roots: Roots,
    intermediates: Intermediates = None,
    names: Names = None,
    purpose: AskedPurpose = "any",
    policies: AskedPolicies = None,
    crls: Lists = None,
    ocsp: Answers = None,
    revocation: Mode = "if-known",
    at: At = "",
    fetch: Fetch = False,
    as_json: Json = False,
) -> int:
    """Verify a certificate; exit 0 where it holds, 1 where it does not."""
    from sentinel.cli.filters import one_of
    from sentinel.pki.verify import verify as verifying
    from sentinel.pki.verify.engine import Policies
    from sentinel.pki.verify.names import name_of
    from sentinel.pki.verify.purpose import Purpose
    from sentinel.pki.verify.verdict import Revocation

    now = settings.load(ctx.obj)
    asked = [name_of(each, "--name") for each in names or ()]
    mode = Revocation(one_of(revocation, "--revocation", _MODES).replace("-", "_"))
    wanted = Purpose(one_of(purpose, "--purpose", [*Purpose]))
    oids = Policies(frozenset(_oid(each) for each in policies or ()), explicit=bool(policies))
    moment = _moment(at, now) if at else int(time.time())
    material = _material(file, roots, intermediates or (), crls or (), ocsp or ())
    if fetch:
        _complete(material, mode)
    verdict = verifying.verify(
        material.leaf,
        material.intermediates,
        material.roots,
        at=moment,
        names=asked,
        purpose=wanted,
        crls=material.crls,
        ocsp=material.ocsp,
        policies=oids,
        revocation=mode,
    )
    _put(verdict, material, now, as_json=as_json)
    return ExitCode.DONE if verdict.holds else ExitCode.FOUND


def _material(
    file: Path,
    roots: Sequence[Path],
    intermediates: Sequence[Path],
    crls: Sequence[Path],
    ocsp: Sequence[Path],
) -> _Material:
    """Read everything. Raises InputError for what holds nothing of its kind."""
    from hashlib import sha256

    from sentinel.pki.verify.reading import read

    own, trusted, between = read([file]), read(roots), read(intermediates)
    listed, answered = read(crls), read(ocsp)
    leaf, *below = _some(own.certificates, file, _("no certificate is in it"))
    for path, found in ((roots, trusted.certificates), (crls, listed.lists), (ocsp, answered.answers)):
        if path:
            _some(found, path[0], _("nothing of the kind that is asked for is in it"))
    everything = [*trusted.certificates, *between.certificates, *own.certificates]
    return _Material(
        leaf=leaf.der,
        intermediates=[each.der for each in (*below, *between.certificates)],
        roots=[each.der for each in trusted.certificates],
        crls=[each.der for each in (*own.lists, *between.lists, *listed.lists)],
        ocsp=[each.der for each in (*own.answers, *between.answers, *answered.answers)],
        places={sha256(each.der).hexdigest(): each.place for each in everything},
    )


def _some(found: list[Piece], path: Path, message: str) -> list[Piece]:
    if not found:
        raise InputError(message, place=str(path), hint=_("give certificates, lists and answers each by their option"))
    return found


def _complete(material: _Material, mode: Revocation) -> None:
    """Fetch what is missing."""
    from hashlib import sha256

    from sentinel.pki.verify.fetching import Fetcher

    known = [*material.intermediates, *material.roots]
    fetcher = Fetcher(told=_tell)
    fetcher.complete(material.leaf, known, revocation=mode != "none")
    pieces = fetcher.pieces
    material.intermediates += [each.der for each in pieces.certificates]
    material.crls += [each.der for each in pieces.lists]
    material.ocsp += [each.der for each in pieces.answers]
    material.places |= {sha256(each.der).hexdigest(): each.place for each in pieces.certificates}
    material.fetched = fetcher.asked


def _tell(url: str) -> None:
    """Say on a terminal what is being asked: an address may take its time to answer."""
    if sys.stderr.isatty():
        from sentinel.console.text import visible

        typer.echo(_("asking {url}").format(url=visible(url)), err=True)


def _put(verdict: Verdict, material: _Material, now: Settings, *, as_json: bool) -> None:
    from sentinel.console import pki_verify as views

    if as_json:
        import json

        document = views.verdict_object(verdict, material.places, material.fetched)
        typer.echo(json.dumps(document, ensure_ascii=False))
        return
    from sentinel.console.theme import console_for, put
    from sentinel.console.times import zone_named

    console = console_for(sys.stdout, now.color)
    zone = zone_named(now.timezone)
    put(console, *views.verdict_lines(verdict, material.places, material.fetched, zone, console.width))


def _moment(text: str, now: Settings) -> int:
    """Give a moment in seconds; one without an offset is of the zone that is set, a date its last second."""
    from datetime import datetime, timedelta

    from sentinel.console.times import zone_named

    try:
        found = datetime.fromisoformat(text.strip())
        if found.tzinfo is None:
            found = found.replace(tzinfo=zone_named(now.timezone))
        if len(text.strip()) <= len("2026-11-20"):
            found += timedelta(days=1, seconds=-1)
        return int(found.timestamp())
    except (ValueError, OverflowError):
        raise InputError(
            _("not a time: '{text}'").format(text=text), place="--at", hint=_("write 2026-11-20 or 2026-11-20T10:14")
        ) from None


def _oid(text: str) -> str:
    parts = text.strip().split(".")
    if len(parts) < _LEAST or not all(each.isascii() and each.isdigit() for each in parts):
        raise InputError(
            _("not a policy: '{text}'").format(text=text),
            place="--policy",
            hint=_("write its OID: 1.3.6.1.4.1.99999.1.1"),
        )
    return text.strip()
