"""A web address and a mail server on this machine that keep what they are sent, for tests of notices."""

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_string, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class WebListener:
    """Takes JSON objects by POST, and answers as it is told."""

    url: str = ""
    answer: int = 200
    received: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class MailListener:
    """Takes messages; what it does not know it refuses."""

    port: int = 0
    offers: str = ""
    """An extension, such as AUTH PLAIN."""
    received: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)


@contextmanager
def web_listener() -> Iterator[WebListener]:
    """An address that listens until the block ends."""
    listener = WebListener()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            listener.received.append(json.loads(body))
            self.send_response(listener.answer)
            if listener.answer in range(300, 400):
                self.send_header("Location", listener.url + "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_GET(self) -> None:
            listener.received.append({"method": "GET"})
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with _serving(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as port:
        listener.url = f"http://127.0.0.1:{port}/token-of-the-channel"
        yield listener


@contextmanager
def mail_listener(offers: str = "") -> Iterator[MailListener]:
    """A mail server that listens until the block ends."""
    listener = MailListener(offers=offers)

    class Handler(socketserver.StreamRequestHandler):
        def say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

        def handle(self) -> None:
            self.say("220 here")
            for raw in self.rfile:
                command = raw.decode(errors="replace").strip()
                match command.partition(" ")[0].upper():
                    case "EHLO":
                        self.say(f"250{'-here' if listener.offers else ' here'}")
                        if listener.offers:
                            self.say(f"250 {listener.offers}")
                    case "RCPT":
                        listener.recipients.append(command.partition(":")[2])
                        self.say("250 yes")
                    case "MAIL" | "RSET":
                        self.say("250 yes")
                    case "DATA":
                        self.say("354 go on")
                        self.take_message()
                        self.say("250 taken")
                    case "AUTH":
                        self.say("535 no")
                    case "QUIT":
                        self.say("221 bye")
                        return
                    case _:
                        self.say("502 unknown")

        def take_message(self) -> None:
            lines: list[str] = []
            while (line := self.rfile.readline().decode()) != ".\r\n":
                lines.append(line)
            message = message_from_string("".join(lines), policy=policy.default)
            assert isinstance(message, EmailMessage)
            listener.received.append(message)

    with _serving(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)) as port:
        listener.port = port
        yield listener


@contextmanager
def _serving(server: socketserver.TCPServer) -> Iterator[int]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
