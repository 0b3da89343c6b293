"""Notices reach people whole, harmless and without secrets, and what fails to deliver says so and no more."""

import json
import socket
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from assets.errors import CollaborationError
from assets.notices import Kind, Mail, Notice, Security, Webhook, without_secrets
from tests.listeners import MailListener, WebListener, mail_listener, web_listener

NOTICE = Notice(
    Kind.FAILED,
    "The run refresh_years of 2015 failed.",
    "store /data/store, run 0a1b2c3d",
    "Start it again.",
    once="run 0a1b2c3d",
    details=("yearly_models: dbt build failed", "another step: too"),
)


@pytest.fixture
def web() -> Iterator[WebListener]:
    with web_listener() as listener:
        yield listener


@pytest.fixture
def mail() -> Iterator[MailListener]:
    with mail_listener() as listener:
        yield listener


def _mail(listener: MailListener, security: Security = Security.NONE, **changes: str) -> Mail:
    way = Mail(("a@example.org", "b@example.org"), "store@example.org", "127.0.0.1", listener.port, security)
    return replace(way, **changes)  # type: ignore[arg-type]


def test_a_webhook_gets_a_text_for_people_and_the_parts_for_programs(web: WebListener) -> None:
    Webhook(web.url).deliver(NOTICE)
    (received,) = web.received
    assert received["text"].splitlines() == [
        "Research coupling: failed: The run refresh_years of 2015 failed.",
        "- yearly_models: dbt build failed",
        "- another step: too",
        "Where: store /data/store, run 0a1b2c3d",
        "Next: Start it again.",
    ]
    assert received["kind"] == "failed"
    assert received["next"] == "Start it again."
    assert received["details"] == list(NOTICE.details)


def test_a_message_goes_to_all_recipients(mail: MailListener) -> None:
    _mail(mail).deliver(NOTICE)
    (received,) = mail.received
    assert mail.recipients == ["<a@example.org>", "<b@example.org>"]
    assert received["Subject"] == "Research coupling: failed: The run refresh_years of 2015 failed."
    assert received["From"] == "store@example.org"
    assert "Next: Start it again." in received.get_content()


@pytest.mark.parametrize(
    "name",
    [
        "drop\r\nBcc: everyone@example.org",
        "drop\nSubject: another",
        "drop\x1b[31m\x07",
        "\u202edrop",
        "drop\u2028next",
    ],
)
def test_names_of_drops_cannot_add_lines_or_headers(mail: MailListener, web: WebListener, name: str) -> None:
    notice = replace(NOTICE, what=f"Drop {name} was rejected", details=(name,))
    _mail(mail).deliver(notice)
    Webhook(web.url).deliver(notice)
    (message,) = mail.received
    assert message.keys().count("Subject") == 1
    assert "Bcc" not in message
    assert mail.recipients == ["<a@example.org>", "<b@example.org>"]
    lines = web.received[0]["text"].split("\n")
    assert len(lines) == 4
    assert all(line.replace("\u200b", "").isprintable() for line in lines)


@pytest.mark.parametrize("name", ["@channel", "<!here>", "<@U12345>", "x @everyone", "<#C1>"])
def test_names_of_drops_call_nobody_in_a_chat(name: str) -> None:
    text = replace(NOTICE, what=f"Drop {name} was rejected").text()
    assert name not in text
    assert name in text.replace("\u200b", "")


def test_a_notice_about_very_much_stays_readable() -> None:
    notice = replace(NOTICE, what="x" * 10_000, details=tuple(str(number) for number in range(500)))
    assert len(notice.text()) < 2_500
    assert "- and 480 more" in notice.text()


@pytest.mark.parametrize("answer", [302, 400, 404, 500])
def test_a_webhook_that_does_not_take_it_says_so_without_its_address(web: WebListener, answer: int) -> None:
    web.answer = answer
    with pytest.raises(CollaborationError) as failed:
        Webhook(web.url).deliver(NOTICE)
    assert str(failed.value) == f"the webhook of 127.0.0.1 answered {answer}"
    assert len(web.received) == 1


def test_a_webhook_that_is_not_there_says_so_without_its_address() -> None:
    with pytest.raises(CollaborationError) as failed:
        Webhook("http://127.0.0.1:9/token").deliver(NOTICE)
    assert str(failed.value) == "the webhook of 127.0.0.1 cannot be reached (Connection refused)"


def test_an_address_that_never_answers_holds_nothing_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assets.notices._TIMEOUT_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        started = time.monotonic()
        with pytest.raises(CollaborationError, match="cannot be reached"):
            Webhook(f"http://127.0.0.1:{port}/token").deliver(NOTICE)
        with pytest.raises(CollaborationError, match="did not take the message"):
            _mail(MailListener(port=port)).deliver(NOTICE)
        assert time.monotonic() - started < 10


def test_nothing_is_sent_in_the_clear_when_protection_was_asked_for(mail: MailListener) -> None:
    for security in (Security.STARTTLS, Security.SSL):
        with pytest.raises(CollaborationError, match=r"mail server 127\.0\.0\.1 did not take the message"):
            _mail(mail, security).deliver(NOTICE)
    assert mail.received == []


def test_a_wrong_password_is_said_without_it() -> None:
    with mail_listener(offers="AUTH PLAIN") as listener, pytest.raises(CollaborationError) as failed:
        _mail(listener, user="store", password="hunter2-secret").deliver(NOTICE)
    assert str(failed.value) == "the mail server 127.0.0.1 answered 535"


def test_secrets_are_no_part_of_what_is_shown_of_a_channel() -> None:
    shown = repr(
        [Webhook("https://chat.example.org/hooks/T0P-SECRET"), _mail(MailListener(), password="pw-1")]
    )
    assert "T0P-SECRET" not in shown
    assert "pw-1" not in shown
    assert Webhook("https://chat.example.org/hooks/T0P-SECRET").name == "webhook of chat.example.org"


def test_a_secret_is_taken_out_of_any_text() -> None:
    assert (
        without_secrets("ask http://x?key=abc123 and abc", ["abc", "abc123", ""])
        == "ask http://x?key=*** and ***"
    )


def test_what_a_webhook_gets_is_json_of_any_text() -> None:
    notice = replace(NOTICE, what='Drop "ä\\ü" <b>was</b> rejected')
    assert json.loads(json.dumps(notice.message()))["what"] == 'Drop "ä\\ü" <b>was</b> rejected'
