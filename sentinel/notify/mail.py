"""Mail: one story is one thread, and nothing goes unencrypted."""

from __future__ import annotations

import html
import socket
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP as LETTER
from smtplib import SMTP, SMTP_SSL
from typing import TYPE_CHECKING, Final

from sentinel.crypto.key_files import secret_of
from sentinel.errors import InputError
from sentinel.language import _
from sentinel.notify.channels import SECOND
from sentinel.notify.texts import lines, subject
from sentinel.notify.trust import trusting

if TYPE_CHECKING:
    import ssl

    from sentinel.notify.channels import Channel, Mail
    from sentinel.notify.plan import Message

_LONGEST_SUBJECT: Final = 200


def letter(channel: Channel, target: Mail, message: Message, now: int) -> EmailMessage:
    """Write a message as mail, plain and HTML; `now` is nanoseconds since 1970, UTC."""
    made = EmailMessage(LETTER)
    domain = target.sender.rpartition("@")[2]
    made["Subject"] = subject(channel, message)[:_LONGEST_SUBJECT]
    made["From"] = target.sender
    made["To"] = ", ".join(target.to)
    made["Date"] = datetime.fromtimestamp(now // SECOND, UTC).astimezone(channel.zone)
    made["Message-ID"] = f"<{message.id}@{domain}>"
    if not (message.digest or message.test):
        # All mails of a story refer to one that was never sent: readers show them as one thread (RFC 5256, 3).
        thread = f"<story-{message.group.story}@{domain}>"
        made["In-Reply-To"], made["References"] = thread, thread
    made["Auto-Submitted"] = "auto-generated"  # RFC 3834, 5: nobody's absence answers it
    made["Content-Language"] = channel.language
    text = "\n".join(lines(channel, message))
    made.set_content(text + "\n", cte="quoted-printable")
    page = f'<!DOCTYPE html><html lang="{channel.language}"><body><pre>{html.escape(text)}</pre></body></html>'
    made.add_alternative(page, subtype="html", cte="quoted-printable")
    return made


def session(target: Mail) -> SMTP:
    """Connect to a mail server, encrypted, and log in. Raise OSError, SMTPException, InputError."""
    context, timeout, own = trusting(target.ca_file), target.timeout / SECOND, _own_name()
    if target.is_implicit:
        made: SMTP = SMTP_SSL(target.host, target.port, own, timeout=timeout, context=context)
    else:
        made = SMTP(target.host, target.port, own, timeout=timeout)
    try:
        if not target.is_implicit:
            _encrypt(made, context)
        if target.password_file is not None:
            password = secret_of(target.password_file).decode("utf-8", "replace").rstrip("\r\n")
            made.login(target.user, password)
    except BaseException:
        made.close()
        raise
    return made


def _encrypt(made: SMTP, context: ssl.SSLContext) -> None:
    made.ehlo()
    if not made.has_extn("starttls"):
        raise InputError(_("the mail server does not offer STARTTLS, and nothing is sent unencrypted"))
    made.starttls(context=context)
    made.ehlo()


def _own_name() -> str:
    name = socket.gethostname()
    return name if name.isascii() and name else "localhost"
