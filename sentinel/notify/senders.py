"""Senders: what takes a message to a channel. Nothing here decides anything, and no error leaves it."""

from __future__ import annotations

import hmac
import re
import socket
import ssl
from contextlib import closing, suppress
from dataclasses import dataclass
from http.client import HTTPException
from smtplib import (
    SMTPDataError,
    SMTPException,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)
from typing import TYPE_CHECKING, Any, Final

from sentinel import __version__
from sentinel.crypto.key_files import secret_of
from sentinel.errors import InputError
from sentinel.language import _
from sentinel.notify import mail
from sentinel.notify.channels import SECOND, Channel, Mail, Syslog, Transport, Webhook
from sentinel.notify.documents import json_of, syslog_of
from sentinel.notify.trust import trusting
from sentinel.notify.web import way_to

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sentinel.notify.plan import Message

_TAKEN: Final = range(200, 300)
_REFUSED: Final = range(400, 500)
_LATER: Final = frozenset({407, 408, 421, 425, 429})
"""What of `_REFUSED` says nothing of the message (RFC 9110, 15.5; RFC 8470, 5.2; RFC 6585, 4): 407 is a proxy's."""
_FOR_GOOD: Final = 500
"""Replies of SMTP from here on are permanent (RFC 5321, 4.2.1)."""
_OF_ONE_MESSAGE: Final = (SMTPDataError, SMTPRecipientsRefused, ValueError)
"""Errors that say nothing of other messages."""
_MOST_READ: Final = 4096
_MOST_TOLD: Final = 300
_LONGEST_DATAGRAM: Final = 2048
"""Octets of a datagram that every server should take (RFC 5426, 3.2)."""
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a message: why it was not taken, "" where it was, and whether others will not be either.

    What `is_refused` is so for good: to try it again would be in vain. `note` tells what was wrong though it was taken.
    """

    problem: str = ""
    is_down: bool = False
    note: str = ""
    is_refused: bool = False


def send(channel: Channel, message: Message, now: int) -> Answer:
    """Take a message to its channel; `now` is nanoseconds since 1970, UTC."""
    try:
        return _SENDERS[type(channel.target)](channel, message, now)
    except (InputError, OSError, HTTPException, SMTPException, ValueError) as error:
        is_refused = _is_refusal(error)
        is_down = not (is_refused or isinstance(error, _OF_ONE_MESSAGE))
        return Answer(_reason(error), is_down=is_down, is_refused=is_refused)


def _is_refusal(error: Exception) -> bool:
    """Tell whether a mail server refused a letter for good; who may not log in has not been told what it thinks."""
    if isinstance(error, SMTPRecipientsRefused):
        return all(code >= _FOR_GOOD for code, _said in error.recipients.values())
    return isinstance(error, SMTPSenderRefused | SMTPDataError) and error.smtp_code >= _FOR_GOOD


def connect(channel: Channel) -> str:
    """Reach a channel's server and tell it nothing; give what is wrong, "" where nothing is."""
    target = channel.target
    try:
        if isinstance(target, Mail):
            with closing(mail.session(target)):
                return ""
        if isinstance(target, Syslog):
            with closing(_syslog_socket(target)):
                return ""
        with closing(way_to(target).connection) as connection:
            connection.connect()
    except (InputError, OSError, HTTPException, SMTPException, ValueError) as error:
        return _reason(error)
    return ""


def _reason(error: Exception) -> str:
    """Give an error on one line: what a server said is a stranger's."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _("the certificate is not trusted: {reason}").format(reason=error.verify_message)
    if isinstance(error, TimeoutError):
        return _("no answer in time")
    text = str(error)
    if isinstance(error, SMTPResponseException):
        said = error.smtp_error
        text = f"{error.smtp_code} {said.decode('utf-8', 'replace') if isinstance(said, bytes) else said}"
    told = _CONTROLS.sub(" ", text) or type(error).__name__
    return told if len(told) <= _MOST_TOLD else told[: _MOST_TOLD - 1] + "…"


def _webhook(channel: Channel, message: Message, now: int) -> Answer:
    target = channel.target
    assert isinstance(target, Webhook)  # noqa: S101 - by the table below
    body = json_of(channel, message)
    way = way_to(target)
    with closing(way.connection) as connection:
        headers = {**way.headers, **_headers(target, message, body, now // SECOND)}
        connection.request("POST", way.path, body, headers)
        answer = connection.getresponse()
        answer.read(_MOST_READ)
    if answer.status in _TAKEN:
        return Answer()
    told = _("the server answered {status} {reason}").format(
        status=answer.status, reason=_CONTROLS.sub(" ", answer.reason)
    )
    is_later = answer.status in _LATER
    is_refused = answer.status in _REFUSED and not is_later
    return Answer(told, is_down=is_later or answer.status >= _REFUSED.stop, is_refused=is_refused)


def _headers(target: Webhook, message: Message, body: bytes, seconds: int) -> Mapping[str, str]:
    """Give the headers; who has the secret can tell that we wrote the body, and when."""
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": f"Sentinel/{__version__}",
        "Sentinel-Message": message.id,
        "Sentinel-Time": str(seconds),
    }
    if target.secret_file is not None:
        secret = secret_of(target.secret_file).strip()
        signature = hmac.new(secret, f"{seconds}.".encode() + body, "sha256").hexdigest()
        headers["Sentinel-Signature"] = f"sha256={signature}"
    return headers


def _mail(channel: Channel, message: Message, now: int) -> Answer:
    target = channel.target
    assert isinstance(target, Mail)  # noqa: S101 - by the table below
    letter = mail.letter(channel, target, message, now)
    session = mail.session(target)
    with closing(session):
        refused = session.send_message(letter)
        with suppress(SMTPException, OSError):
            session.quit()  # the letter is taken, whatever comes of this
    return Answer(note=_("refused: {names}").format(names=", ".join(sorted(refused)))) if refused else Answer()


def _syslog(channel: Channel, message: Message, _now: int) -> Answer:
    target = channel.target
    assert isinstance(target, Syslog)  # noqa: S101 - by the table below
    line = syslog_of(channel, message, target.facility, socket.gethostname())
    with closing(_syslog_socket(target)) as stream:
        if target.transport is Transport.UDP:
            stream.send(line[:_LONGEST_DATAGRAM].decode("utf-8", "ignore").encode())
        else:
            stream.sendall(b"%d %b" % (len(line), line))  # RFC 6587, 3.4.1
            if isinstance(stream, ssl.SSLSocket):
                stream.unwrap()  # RFC 5425, 4.4: it is closed by both, so that the server has read it all
    return Answer()


def _syslog_socket(target: Syslog) -> socket.socket:
    """Connect to a server of syslog; of UDP that only finds its address."""
    timeout = target.timeout / SECOND
    if target.transport is Transport.UDP:
        family, kind, number, _name, address = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_DGRAM)[0]
        plain = socket.socket(family, kind, number)
        plain.settimeout(timeout)
        plain.connect(address)
        return plain
    plain = socket.create_connection((target.host, target.port), timeout)
    if target.transport is Transport.TCP:
        return plain
    try:
        return trusting(target.ca_file).wrap_socket(plain, server_hostname=target.host)
    except BaseException:
        plain.close()
        raise


_SENDERS: Final[Mapping[type[Any], Callable[[Channel, Message, int], Answer]]] = {
    Webhook: _webhook,
    Mail: _mail,
    Syslog: _syslog,
}
