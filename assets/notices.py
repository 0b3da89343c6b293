"""Notices: what people are told when something needs them, and the ways they are told.

A notice says what happened, where, and what to do next. What is worth one is decided by whoever makes it;
that none is told twice is `assets.notice_outbox`. Everything in a notice is data: text of drops and of errors
comes along, so it is made harmless here.
"""

import json
import re
import smtplib
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass, field
from email.message import EmailMessage
from enum import StrEnum
from typing import Protocol
from urllib.parse import urlsplit

from assets.errors import CollaborationError

_TIMEOUT_SECONDS = 10
_LONGEST_SENTENCE = 600
_MOST_DETAILS = 20
_TITLE = "Research coupling"

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
_MENTION = re.compile(r"@(?=\w)|<(?=[!@#])")


class Kind(StrEnum):
    """What a notice is about."""

    FAILED = "failed"
    CHECK_FAILED = "check failed"
    WARNING = "warning"
    DROP_REJECTED = "drop rejected"
    OVERDUE = "overdue"
    TEST = "test"


@dataclass(frozen=True)
class Notice:
    """Something people should know."""

    kind: Kind
    what: str
    """What happened, one sentence."""
    where: str
    """The store, and the run or the drop."""
    next_step: str
    """What to do, one sentence."""
    once: str
    """Names the occasion: what is told under a name is never told again."""
    details: tuple[str, ...] = ()
    repeats: bool = False
    """The same `what` may happen again on other occasions; while it does, it is told now and then."""

    @property
    def subject(self) -> str:
        """One line."""
        return f"{_TITLE}: {self.kind.value}: {_harmless(self.what)}"

    def text(self) -> str:
        """All of it, for people."""
        shown = [f"- {_harmless(detail)}" for detail in self.details[:_MOST_DETAILS]]
        if len(self.details) > _MOST_DETAILS:
            shown.append(f"- and {len(self.details) - _MOST_DETAILS} more")
        return "\n".join(
            [
                self.subject,
                *shown,
                f"Where: {_harmless(self.where)}",
                f"Next: {_harmless(self.next_step)}",
            ]
        )

    def message(self) -> dict[str, object]:
        """What a webhook gets. Chat tools show `text`; the other keys are for programs."""
        return {
            "text": self.text(),
            "kind": self.kind.value,
            "what": _harmless(self.what),
            "where": _harmless(self.where),
            "next": _harmless(self.next_step),
            "details": [_harmless(detail) for detail in self.details[:_MOST_DETAILS]],
        }


class Channel(Protocol):
    """A way to tell people."""

    @property
    def name(self) -> str:
        """Tells it from others; holds no secret."""

    def deliver(self, notice: Notice) -> None:
        """Tell it once.

        Raises:
            CollaborationError: It did not get through; says why, without a secret.
        """


@dataclass(frozen=True)
class Webhook:
    """An address that takes a JSON object by POST."""

    url: str = field(repr=False)
    """Often a secret as a whole: whoever knows it may post."""

    @property
    def name(self) -> str:
        return f"webhook of {urlsplit(self.url).hostname}"

    def deliver(self, notice: Notice) -> None:
        """Post the notice; any answer but success counts as not delivered."""
        body = json.dumps(notice.message()).encode()
        headers = {"Content-Type": "application/json", "User-Agent": "research-coupling"}
        try:
            request = urllib.request.Request(self.url, body, headers)
            with _OPENER.open(request, timeout=_TIMEOUT_SECONDS):
                pass
        except urllib.error.HTTPError as error:
            error.close()
            # Its reason is text of the server's.
            raise CollaborationError(f"the {self.name} answered {error.code}") from None
        except (OSError, ValueError) as error:
            raise CollaborationError(f"the {self.name} cannot be reached ({_cause(error)})") from None


class Security(StrEnum):
    """How a connection to a mail server is protected."""

    STARTTLS = "starttls"
    SSL = "ssl"
    NONE = "none"


@dataclass(frozen=True)
class Mail:
    """Messages to people, through a mail server."""

    recipients: tuple[str, ...]
    sender: str
    host: str
    port: int
    security: Security
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        return f"mail server {self.host}"

    def deliver(self, notice: Notice) -> None:
        """Send one message to all recipients."""
        message = EmailMessage()
        message["Subject"] = notice.subject[:200]
        message["From"] = self.sender
        message["To"] = ", ".join(self.recipients)
        message.set_content(notice.text())
        try:
            with self._connect() as server:
                if self.security is Security.STARTTLS:
                    server.starttls(context=ssl.create_default_context())
                if self.user is not None:
                    server.login(self.user, self.password or "")
                refused = server.send_message(message)
        except smtplib.SMTPResponseException as error:
            raise CollaborationError(f"the {self.name} answered {error.smtp_code}") from None
        except (OSError, smtplib.SMTPException) as error:
            raise CollaborationError(f"the {self.name} did not take the message ({_cause(error)})") from None
        if refused:
            raise CollaborationError(f"the {self.name} refused {len(refused)} of the recipients")

    def _connect(self) -> smtplib.SMTP:
        if self.security is Security.SSL:
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(self.host, self.port, timeout=_TIMEOUT_SECONDS, context=context)
        return smtplib.SMTP(self.host, self.port, timeout=_TIMEOUT_SECONDS)


def without_secrets(text: str, secrets: Iterable[str]) -> str:
    """A text in which no secret is left, wherever an error may have got it from."""
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, "***")
    return text


class _StaysHere(urllib.request.HTTPRedirectHandler):
    """Goes nowhere else: a redirected POST would arrive as a GET without its body."""

    def redirect_request(self, *_: object, **__: object) -> None:
        return None


_OPENER = urllib.request.build_opener(_StaysHere)


def _cause(error: BaseException) -> str:
    """The kind of an error, without words of others in it."""
    reason = getattr(error, "reason", error)
    if isinstance(reason, OSError) and reason.strerror:
        return str(reason.strerror)
    return type(reason if isinstance(reason, BaseException) else error).__name__


def _harmless(text: str) -> str:
    """One line in which nothing calls people in a chat, or turns text around."""
    line = _CONTROL.sub(" ", text).strip()
    if len(line) > _LONGEST_SENTENCE:
        line = f"{line[:_LONGEST_SENTENCE]} ..."
    return _MENTION.sub(lambda match: f"{match.group()}\u200b", line)
