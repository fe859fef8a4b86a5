"""Options of commands that found authorities, said once for all of them, and who founds by them."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sentinel.language import later

if TYPE_CHECKING:
    from collections.abc import Callable

    from sentinel.pki.office.founding import Founder
    from sentinel.settings import Settings

Organization = Annotated[
    str, typer.Option("--organization", metavar="TEXT", help=later("Who runs the authorities, as people write it."))
]
AgencyCode = Annotated[
    str, typer.Option("--agency", metavar="CODE", help=later("Its identifier code, such as H49.61."))
]
Url = Annotated[
    str,
    typer.Option("--url", metavar="URL", help=later("Where lists and answers will be served: http://pki.gov.example.")),
]
MayIssue = Annotated[
    list[str] | None,
    typer.Option(
        "--may-issue",
        metavar="NAME",
        help=later(
            "What it may give names of: gov.example, ip:10.0.0.0/8, email:gov.example; else all of pki/agencies."
        ),
    ),
]
IssuingId = Annotated[str, typer.Option("--id", metavar="ID", help=later("What commands call the issuing authority."))]
IssuingName = Annotated[str, typer.Option("--name", metavar="TEXT", help=later("The issuing authority's name."))]
RootName = Annotated[str, typer.Option("--root-name", metavar="TEXT", help=later("The root's name."))]
IssuingAlgorithm = Annotated[
    str, typer.Option("--algorithm", metavar="NAME", help=later("How the issuing authority signs."))
]
RootAlgorithm = Annotated[str, typer.Option("--root-algorithm", metavar="NAME", help=later("How the root signs."))]
ApproverKey = Annotated[
    Path, typer.Option("--approver-key", metavar="FILE", help=later("The private key of the approver, who agrees."))
]
ApproverFile = Annotated[
    Path | None,
    typer.Option(
        "--approver-passphrase-file", metavar="FILE", help=later("The approver's passphrase is its first line.")
    ),
]
NewFile = Annotated[
    Path | None,
    typer.Option(
        "--new-passphrase-file", metavar="FILE", help=later("The passphrase of all new keys is its first line.")
    ),
]
ShareFiles = Annotated[
    list[Path] | None,
    typer.Option("--share", metavar="FILE", help=later("A custodian's share of the root's passphrase; repeatable.")),
]
Shares = Annotated[
    Path | None,
    typer.Option(
        "--shares", metavar="FOLDER", help=later("Write each share to a file of its own; else each is shown once.")
    ),
]
CUSTODIAN = typer.Option("--custodian", metavar="NAME", help=later("Who keeps a share, by name; repeatable."))
THRESHOLD = typer.Option("--threshold", metavar="COUNT", help=later("How many shares give the passphrase."))

ISSUING_ALGORITHM = "ecdsa-p256-sha256"
ROOT_ALGORITHM = "ecdsa-p384-sha384"


def founder_of(
    now: Settings,
    approver_key: Path,
    approver_passphrase_file: Path | None,
    key: Path | None,
    passphrase_file: Path | None,
    secret: Callable[[], bytes],
) -> Founder:
    """Give who founds; `secret` is asked for the passphrase of new keys, once the people are known.

    Raise Refused where the one who acts may not found, InputError.
    """
    from sentinel.cli.acting import acting_among, private_key
    from sentinel.people.acting import by_key
    from sentinel.people.register import read
    from sentinel.pki.office.founding import Founder

    people = read(now.people)
    by = acting_among(people, key, passphrase_file)
    by.must("pki.found")
    approver = by_key(people, private_key(approver_key, approver_passphrase_file))
    return Founder(by, approver, people, now.people, secret(), time.time_ns)
