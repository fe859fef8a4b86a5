"""`sentinel pki ceremony|unlock`: authorities whose root's key belongs to several people."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sentinel import settings
from sentinel.cli import asked
from sentinel.cli import pki_options as options
from sentinel.cli.acting import Key, PassphraseFile
from sentinel.cli.asked import Json
from sentinel.errors import InputError
from sentinel.language import _

if TYPE_CHECKING:
    from sentinel.pki.office.ceremony import Held
    from sentinel.settings import Settings


def register(group: typer.Typer) -> None:
    """Add the commands."""
    group.command("ceremony", help=_("Found authorities whose root's key belongs to several people together."))(
        ceremony
    )
    group.command("unlock", help=_("Write the root's passphrase that shares give, into a pipe."))(unlock)


def ceremony(
    ctx: typer.Context,
    organization: options.Organization,
    agency: options.AgencyCode,
    url: options.Url,
    approver_key: options.ApproverKey,
    custodians: Annotated[list[str], options.CUSTODIAN],
    threshold: Annotated[int, options.THRESHOLD],
    names: options.MayIssue = None,
    shares: options.Shares = None,
    id_: options.IssuingId = "agencies",
    name: options.IssuingName = "",
    root_name: options.RootName = "",
    algorithm: options.IssuingAlgorithm = options.ISSUING_ALGORITHM,
    root_algorithm: options.RootAlgorithm = options.ROOT_ALGORITHM,
    approver_passphrase_file: options.ApproverFile = None,
    new_passphrase_file: options.NewFile = None,
    key: Key = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Hold a ceremony."""
    from sentinel.cli.acting import new_passphrase
    from sentinel.cli.pki_founding import checked_id, checked_url, put_founded, wanted_of, whole
    from sentinel.cli.pki_shares import giving
    from sentinel.pki.office.ceremony import Among, hold
    from sentinel.pki.office.home import Home

    now = settings.load(ctx.obj)
    home, among = Home(now.pki), Among(custodians, threshold, giving(shares))
    founder = options.founder_of(
        now, approver_key, approver_passphrase_file, key, passphrase_file,
        lambda: new_passphrase(home.signer, new_passphrase_file),
    )  # fmt: skip
    wanted = wanted_of(
        lambda: home.policy(now, founder.by.name).agencies, organization, agency, root_name, name, checked_id(id_),
        checked_url(url), names, algorithm, root_algorithm,
    )  # fmt: skip
    with whole(home) as building:
        held = hold(building, wanted, founder, home.profiles(now), among)
    page = home.folder / held.page.relative_to(building.folder)
    root = put_founded(now, held.authorities[0])
    _put_held(now, held, page, root, as_json=as_json)


def _put_held(now: Settings, held: Held, page: Path, root: Path, *, as_json: bool) -> None:
    from sentinel.cli.people import put, width_of
    from sentinel.console import pki as views
    from sentinel.console.text import visible
    from sentinel.console.times import zone_named

    made = held.authorities
    if as_json:
        asked.put_json({"authorities": [*map(views.authority_object, made)], "page": str(page), "root": str(root)})
        return
    put(now, views.authorities_table(made, zone_named(now.timezone), width_of(now)))
    put(now, [visible(_("Print {path}, and have everybody sign it.").format(path=page))])


def unlock(
    shares: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help=_("Files with shares, as many as the ceremony said."))
    ],
) -> None:
    """Write the passphrase that shares give."""
    from sentinel.cli.pki_shares import combined

    if sys.stdout.isatty():
        raise InputError(
            _("the passphrase is shown to nobody"),
            hint=_("give it to a command: --signer-passphrase-file <(sentinel pki unlock FILE FILE)"),
        )
    typer.echo(combined(shares).decode())
