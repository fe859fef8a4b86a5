"""Who acts, proved: by the operating system, or by a key.

A name that somebody types proves nothing. A user of the operating system is whom people.toml says; a registered key
proves its owner, and signs what is done.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from sentinel.errors import Refused
from sentinel.language import _
from sentinel.ledger.chain import signed_bytes
from sentinel.people.register import RESERVED
from sentinel.people.roles import PERMISSIONS, Role, may

if TYPE_CHECKING:
    from sentinel.crypto.keys import PrivateKey
    from sentinel.ledger.chain import Act
    from sentinel.people.register import People


@dataclass(frozen=True, slots=True)
class Acting:
    """Somebody who acts: `via` says how that was proved, see `sentinel.ledger.chain.Act`; `key` signs where it was.

    `is_registered` is not so where there is no register of people yet.
    """

    name: str
    roles: frozenset[Role]
    via: str
    key: PrivateKey | None = field(default=None, repr=False)
    is_registered: bool = True

    def signed(self, act: Act) -> Act:
        """Give an act with the key's signature; as it is where there is no key."""
        return replace(act, signature=self.key.sign(signed_bytes(act))) if self.key else act

    def must(self, permission: str) -> None:
        """Raise Refused where no role gives a permission, one of `PERMISSIONS`."""
        if may(self.roles, permission):
            return
        asked = PERMISSIONS[permission]
        how = (
            _("it takes the role {roles}: `sentinel people change {name} --add-role {role}`")
            if self.is_registered
            else _(
                "nobody is registered yet: `sentinel people add {name} --full-name TEXT --role {role} --os-user {name}`"
            )
        )
        raise Refused(
            _("{name} may not {what}").format(name=self.name, what=_(asked.what)),
            hint=how.format(roles=_(" or ").join(asked.roles), name=self.name, role=asked.roles[0]),
        )


SENTINEL: Final = Acting(RESERVED, frozenset(Role), RESERVED)
"""Who does what no person asked for."""


def by_os(people: People, uid: int, user: str) -> Acting:
    """Give whom the operating system names; without a register, themselves as an analyst.

    Raises Refused where there is a register and the user is not in it.
    """
    via = f"os:{uid}:{user}"
    if people.absent:
        return Acting(user, frozenset({Role.ANALYST}), via, is_registered=False)
    person = people.of_os_user(user)
    if person is None:
        raise Refused(
            _("the user '{user}' is nobody who may act").format(user=user),
            place=people.place,
            hint=_("`sentinel people add NAME --os-user {user}` registers them; an approver may").format(user=user),
        )
    return Acting(person.name, person.roles, via)


def by_key(people: People, key: PrivateKey) -> Acting:
    """Give whose key it is. Raises Refused for one that is not registered, or retired."""
    fingerprint = key.public.fingerprint
    signer = people.signers().get(fingerprint)
    if signer is None:
        raise Refused(
            _("the key {fingerprint} is nobody's").format(fingerprint=fingerprint),
            place=people.place,
            hint=_("`sentinel people key add NAME FILE` registers its public key"),
        )
    if signer.retired is not None:
        raise Refused(
            _("the key {fingerprint} of {name} is retired").format(fingerprint=fingerprint, name=signer.owner),
            place=people.place,
            hint=_("`sentinel people key new NAME --out FILE` makes another"),
        )
    return Acting(signer.owner, people.named(signer.owner).roles, f"key:{fingerprint}", key)
