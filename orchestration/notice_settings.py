"""Who is told when something needs people: the settings of notices, from the environment alone.

They are kept apart from the options of a run, which are shown in the UI: some are secrets.
"""

import os
from collections.abc import Mapping
from email.utils import parseaddr
from urllib.parse import urlsplit

from assets.errors import CollaborationError
from assets.notice_outbox import Outbox
from assets.notices import Channel, Mail, Security, Webhook
from assets.store import Store

WEBHOOK = "COLLAB_NOTICE_WEBHOOK"
EMAIL = "COLLAB_NOTICE_EMAIL"
SENDER = "COLLAB_NOTICE_SENDER"
SERVER = "COLLAB_SMTP_SERVER"
SECURITY = "COLLAB_SMTP_SECURITY"
USER = "COLLAB_SMTP_USER"
PASSWORD = "COLLAB_SMTP_PASSWORD"

NOTICE_VARIABLES: Mapping[str, str] = {
    WEBHOOK: "address that is posted a JSON object when something fails; a secret",
    EMAIL: "who gets a message then, separated by commas; needs the next two",
    SENDER: "who the message is from",
    SERVER: "mail server, as host or host:port",
    SECURITY: "starttls, ssl or none (starttls)",
    USER: "of the mail server, if it wants one",
    PASSWORD: "of that user; a secret",
}

_PORTS = {Security.STARTTLS: 587, Security.SSL: 465, Security.NONE: 25}
_SECRET_WORDS = ("KEY", "PASSWORD", "SECRET", "TOKEN", "WEBHOOK", "POSTGRES", "DATABASE")


def open_outbox(store: Store, environment: Mapping[str, str] = os.environ) -> Outbox:
    """The outbox of a store, with the channels the environment names; unused when it names none.

    Raises:
        CollaborationError: A setting is wrong or one is missing; says which, without its value.
    """
    secrets = [
        value
        for name, value in environment.items()
        if name.startswith("COLLAB_") and any(word in name for word in _SECRET_WORDS)
    ]
    return Outbox(store.work / "notices.sqlite", read_channels(environment), secrets=secrets)


def read_channels(environment: Mapping[str, str] = os.environ) -> list[Channel]:
    """The ways to tell people that the environment names."""
    channels: list[Channel] = []
    if url := _text(environment, WEBHOOK):
        address = urlsplit(url)
        if address.scheme not in {"http", "https"} or not address.hostname:
            raise CollaborationError(f"{WEBHOOK} must be an address that starts with https:// or http://.")
        channels.append(Webhook(url))
    if recipients := _text(environment, EMAIL):
        channels.append(_mail(environment, recipients))
    return channels


def _mail(environment: Mapping[str, str], recipients: str) -> Mail:
    security = _security(environment)
    host, port = _server(environment, security)
    user, password = _text(environment, USER) or None, environment.get(PASSWORD) or None
    if user and not password:
        raise CollaborationError(f"{USER} is set, but {PASSWORD} is not.")
    if password and security is Security.NONE:
        raise CollaborationError(f"{SECURITY} is none: {PASSWORD} would be sent in the clear.")
    return Mail(
        tuple(_address(EMAIL, part) for part in recipients.split(",")),
        _address(SENDER, _text(environment, SENDER)),
        host,
        port,
        security,
        user,
        password,
    )


def _security(environment: Mapping[str, str]) -> Security:
    try:
        return Security(_text(environment, SECURITY).lower() or "starttls")
    except ValueError:
        raise CollaborationError(f"{SECURITY} must be starttls, ssl or none.") from None


def _server(environment: Mapping[str, str], security: Security) -> tuple[str, int]:
    wrong = CollaborationError(f"{SERVER} must be a mail server, such as mail.example.org or host:587.")
    try:
        address = urlsplit(f"//{_text(environment, SERVER)}")
        host, port = address.hostname, address.port or _PORTS[security]
    except ValueError:
        raise wrong from None
    if not host or address.path or address.username:
        raise wrong
    return host, port


def _address(name: str, text: str) -> str:
    _, address = parseaddr(text.strip())
    user, _, domain = address.rpartition("@")
    if not user or not domain or any(character.isspace() for character in address):
        raise CollaborationError(f"{name} must be a mail address, such as curator@example.org.")
    return address


def _text(environment: Mapping[str, str], name: str) -> str:
    return environment.get(name, "").strip()
