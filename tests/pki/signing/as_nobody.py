"""Ask a signer as another user, who must be none that may: `python -m tests.pki.signing.as_nobody SOCKET` (root)."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from sentinel.pki.signing.client import connect
from sentinel.pki.signing.declined import Declined

NOBODY = 65534


def main(path: str) -> None:
    # What is imported late is imported now: nobody may not read everything.
    str(Declined("wrong-user", uid=NOBODY))
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)
    try:
        found = connect(Path(path)).keys()
    except Declined as error:
        print(error.code, error.values["uid"])  # noqa: T201 - what the test reads
    else:
        print("answered", *(key.name for key in found))  # noqa: T201 - as above


if __name__ == "__main__":
    main(*sys.argv[1:])
