"""The seal of a PKCS#12 file, made as hard to guess at as its contents (RFC 7292, 4 and appendix B).

`cryptography` derives the key of the MAC with 2,048 rounds whatever is asked for the contents: whoever guesses
passphrases would try the MAC. Here it is made anew.
"""

from __future__ import annotations

import hmac
import secrets
from hashlib import sha256
from typing import Final

from sentinel.pki.certificates import der

_SALT: Final = 16
_BLOCK: Final = 64
"""Octets that SHA-256 takes at a time."""
_MAC_KEY: Final = 3
"""What the key is for (RFC 7292, B.3)."""
_SHA256: Final = der.sequence(der.oid("2.16.840.1.101.3.4.2.1"), der.NULL)


def sealed(content: bytes, passphrase: bytes, rounds: int) -> bytes:
    """Give a file of PKCS#12 with a MAC of its own salt and rounds; `passphrase` is UTF-8."""
    version, safe, _mac = (content[each.start : each.end] for each in der.within(content, der.at(content)))
    salt = secrets.token_bytes(_SALT)
    digest = hmac.digest(_key(passphrase, salt, rounds), _signed(safe), "sha256")
    info = der.sequence(_SHA256, der.tlv(der.OCTET_STRING, digest))
    mac = der.sequence(info, der.tlv(der.OCTET_STRING, salt), der.integer(rounds))
    return der.sequence(version, safe, mac)


def _signed(safe: bytes) -> bytes:
    """Give what the MAC is over: the content of the octet string in the ContentInfo."""
    _kind, explicit = der.within(safe, der.at(safe))
    octets = der.at(safe, explicit.content, explicit.end)
    return safe[octets.content : octets.end]


def _key(passphrase: bytes, salt: bytes, rounds: int) -> bytes:
    """Derive a key of 32 octets (RFC 7292, B.2): one block of SHA-256 is enough for it."""
    text = passphrase.decode().encode("utf-16-be") + b"\0\0"
    found = sha256(bytes([_MAC_KEY]) * _BLOCK + _filled(salt) + _filled(text)).digest()
    for _round in range(rounds - 1):
        found = sha256(found).digest()
    return found


def _filled(text: bytes) -> bytes:
    """Repeat a text to whole blocks."""
    size = -(-len(text) // _BLOCK) * _BLOCK
    return (text * (size // len(text) + 1))[:size]
