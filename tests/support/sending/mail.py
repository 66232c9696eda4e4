"""A real SMTP server on this machine that can be behaviour to misbehave."""

from __future__ import annotations

import asyncio
import email
import email.policy
import socket
import time
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session


class MailServer:
    """What it received, and how it answers: `at` maps a stage (mail, rcpt, data) to a reply or a behaviour."""

    def __init__(self, **options: Any) -> None:
        self.received: list[EmailMessage] = []
        self.at: dict[str, str] = {}
        self.delay, self.takes = 0.0, 1.5
        self.logins: list[str] = []
        self.controller = Controller(self, hostname="127.0.0.1", port=0, **options)

    def __enter__(self) -> MailServer:
        # The controller learns its port by connecting to port 0 itself: take one that is free instead.
        self.controller.port = free_port()
        self.controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.controller.stop()

    @property
    def port(self) -> int:
        return int(self.controller.port)

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        envelope.mail_from = address
        return await self._at("mail", server) or "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        reply = await self._at("rcpt", server) or "250 OK"
        if reply.startswith("250"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.content
        assert isinstance(content, bytes)
        if not self.at.get("data", "250").startswith(("4", "5")):
            self.received.append(email.message_from_bytes(content, policy=email.policy.SMTP))
        return await self._at("data", server) or "250 OK"

    async def _at(self, stage: str, server: SMTP) -> str:
        await asyncio.sleep(self.delay)
        behaviour = self.at.get(stage, "")
        if behaviour == "dead":
            await asyncio.sleep(60)
        if behaviour == "slow":
            await asyncio.sleep(self.takes)
            return ""
        if behaviour == "close":
            assert server.transport is not None
            server.transport.close()
        return behaviour

    def authenticate(self, *about: Any) -> AuthResult:
        data = about[-1]
        self.logins.append(data.login.decode())
        return AuthResult(success=data.password == b"open sesame", handled=False)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    """Wait until something has happened."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)
