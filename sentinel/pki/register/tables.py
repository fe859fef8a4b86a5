"""The tables of the register, beside its histories.

A certificate's history (intended, issued, revoked, …) is that of the subject `certificate:<issuer>:<serial>`; what it
folds to stands in the subject's row. `certificate` has what never changes once it is intended. `item` is its order as
it was asked for, whose digest is in the history of the request; all else but that request can be read from the
certificate itself, so an audit needs no second copy of it.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from sentinel.language import _, later

NAME: Final = "register.db"
FORMAT: Final = 1


class State(IntEnum):
    """Where a request or a certificate stands; rows hold the numbers, which never change."""

    WAITING = 0
    """A request that nobody has approved yet."""
    APPROVED = 1
    """A request that may be issued, or is being issued."""
    DONE = 2
    """A request all of whose certificates are issued, or were given up."""
    REJECTED = 3
    INTENDED = 4
    """A certificate that is written down and may have been signed."""
    ISSUED = 5
    REVOKED = 6
    HELD = 7
    """A certificate that is revoked for now (certificateHold)."""
    GIVEN_UP = 8
    """A certificate that was never signed, and never will be."""
    ASKING = 9
    """A request whose items are being written down, in parts: nobody is asked to approve it yet."""

    @property
    def word(self) -> str:
        """Give it as it is written in JSON."""
        return self.name.lower()

    @property
    def told(self) -> str:
        """Give it as people read it."""
        return _(_TOLD[self])


_TOLD: Final = {
    State.WAITING: later("waits for approval"),
    State.APPROVED: later("approved"),
    State.DONE: later("issued"),
    State.REJECTED: later("rejected"),
    State.INTENDED: later("being issued"),
    State.ISSUED: later("issued"),
    State.REVOKED: later("revoked"),
    State.HELD: later("held"),
    State.GIVEN_UP: later("given up"),
    State.ASKING: later("being written down"),
}

STATE: Final = ("state integer", "changed integer", "reason text")
"""What subjects' entries fold to: `changed` is when (nanoseconds since 1970, UTC), `reason` why it was revoked."""

TABLES: Final = """
create index subject_by_state on subject(state, number) where state is not null;
create table authority(
  number integer primary key, id text unique not null, kind text not null, parent text not null,
  algorithm text not null, key text not null, url text not null, policies text not null, certificate blob not null
);
create table request(
  number integer primary key, subject integer unique not null, issuer text not null, requester text not null,
  at integer not null, count integer not null, digest blob not null, purpose text not null, replaces integer not null,
  leaves blob not null
);
create table asked(
  request integer not null, place integer not null, serial blob not null, item blob not null, tbs blob not null,
  evidence blob, primary key(request, place)
) without rowid;
create table certificate(
  number integer primary key, issuer integer not null, serial blob not null, request integer not null,
  place integer not null, profile text not null, agency text not null, subject text not null, names text not null,
  not_before integer not null, not_after integer not null, shard integer not null, spki blob not null,
  evidence blob, tbs blob, der blob, item blob not null
);
create unique index certificate_by_serial on certificate(issuer, serial);
create index certificate_by_agency on certificate(agency);
create index certificate_by_end on certificate(not_after);
create index certificate_by_request on certificate(request);
create index certificate_by_key on certificate(spki);
create index certificate_unfinished on certificate(number) where tbs is not null;
create table name(
  value text not null, certificate integer not null, primary key(value, certificate)
) without rowid;
create table listed(
  issuer integer not null, shard integer not null, certificate integer not null, entry blob not null,
  primary key(issuer, shard, certificate)
) without rowid;
create table list(
  issuer integer not null, shard integer not null, number integer not null, this_update integer not null,
  next_update integer not null, size integer not null, digest blob not null, primary key(issuer, shard)
) without rowid;
"""
