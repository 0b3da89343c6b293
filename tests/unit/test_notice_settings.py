"""Who is told is said by the environment alone; a wrong setting is one sentence that shows no secret."""

import pytest

from assets.errors import CollaborationError
from assets.notices import Mail, Security, Webhook
from orchestration.notice_settings import read_channels
from orchestration.settings import read_options

MAIL = {
    "COLLAB_NOTICE_EMAIL": "a@example.org, b@example.org",
    "COLLAB_NOTICE_SENDER": "store@example.org",
    "COLLAB_SMTP_SERVER": "mail.example.org",
}


def test_without_settings_nobody_is_told() -> None:
    assert read_channels({}) == []


def test_both_ways_can_be_set() -> None:
    hook = {"COLLAB_NOTICE_WEBHOOK": "https://chat.example.org/hooks/x"}
    assert read_channels({**hook, **MAIL}) == [
        Webhook("https://chat.example.org/hooks/x"),
        Mail(
            ("a@example.org", "b@example.org"),
            "store@example.org",
            "mail.example.org",
            587,
            Security.STARTTLS,
        ),
    ]


@pytest.mark.parametrize(("security", "port"), [("starttls", 587), ("SSL", 465), ("none", 25)])
def test_the_port_follows_the_protection_unless_it_is_named(security: str, port: int) -> None:
    (way,) = read_channels({**MAIL, "COLLAB_SMTP_SECURITY": security})
    assert isinstance(way, Mail)
    assert way.port == port
    (way,) = read_channels({**MAIL, "COLLAB_SMTP_SECURITY": security, "COLLAB_SMTP_SERVER": "host:2525"})
    assert isinstance(way, Mail)
    assert (way.host, way.port) == ("host", 2525)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"COLLAB_NOTICE_WEBHOOK": "file:///etc/passwd"}, "COLLAB_NOTICE_WEBHOOK must be an address"),
        ({"COLLAB_NOTICE_WEBHOOK": "chat.example.org/secret"}, "COLLAB_NOTICE_WEBHOOK must be an address"),
        ({"COLLAB_NOTICE_SENDER": ""}, "COLLAB_NOTICE_SENDER must be a mail address"),
        ({"COLLAB_NOTICE_EMAIL": "a@example.org, nobody"}, "COLLAB_NOTICE_EMAIL must be a mail address"),
        ({"COLLAB_SMTP_SERVER": ""}, "COLLAB_SMTP_SERVER must be a mail server"),
        ({"COLLAB_SMTP_SERVER": "smtp://host"}, "COLLAB_SMTP_SERVER must be a mail server"),
        ({"COLLAB_SMTP_SERVER": "host:many"}, "COLLAB_SMTP_SERVER must be a mail server"),
        ({"COLLAB_SMTP_SECURITY": "tls"}, "COLLAB_SMTP_SECURITY must be starttls, ssl or none"),
        ({"COLLAB_SMTP_USER": "store"}, "COLLAB_SMTP_USER is set, but COLLAB_SMTP_PASSWORD is not"),
        (
            {"COLLAB_SMTP_USER": "u", "COLLAB_SMTP_PASSWORD": "secret", "COLLAB_SMTP_SECURITY": "none"},
            "COLLAB_SMTP_SECURITY is none: COLLAB_SMTP_PASSWORD would be sent in the clear",
        ),
    ],
)
def test_a_wrong_setting_is_one_sentence_without_a_secret(changes: dict[str, str], message: str) -> None:
    with pytest.raises(CollaborationError) as refused:
        read_channels({**MAIL, **changes})
    assert str(refused.value).startswith(message)
    assert "secret" not in str(refused.value)


def test_the_settings_of_notices_are_no_unknown_ones_and_no_options() -> None:
    told = {**MAIL, "COLLAB_NOTICE_WEBHOOK": "https://x/secret", "COLLAB_SMTP_PASSWORD": "secret"}
    assert read_options(told) == read_options({})
    assert "secret" not in repr(read_options(told))
