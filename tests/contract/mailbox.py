"""A real mail server (aiosmtpd) on this machine, with a certificate of its own, that has bad days."""

import asyncio
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

USER, PASSWORD = "slipway", "lantern-mango-7791"


@dataclass
class Mailbox:
    """What came, and what is wrong with the server today."""

    port: int = 0
    certificate: Path = Path()
    came: list[EmailMessage] = field(default_factory=list)
    to: list[list[str]] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    answers: str = ""  # instead of taking a mail
    refuses: str = ""  # an address
    hangs_up: bool = False  # after it has taken one

    async def handle_RCPT(self, _: SMTP, __: Session, envelope: Envelope, address: str, ___: list[str]) -> str:  # noqa: N802 - its name is the library's
        if address == self.refuses:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - the same
        if self.answers:
            return self.answers
        content = envelope.content
        assert isinstance(content, bytes)
        made = message_from_bytes(content, policy=default)
        assert isinstance(made, EmailMessage)
        self.came.append(made)
        self.to.append(list(envelope.rcpt_tos))
        self.encrypted.append(session.ssl is not None)
        if self.hangs_up:
            assert server.transport is not None
            server.transport.abort()
        return "250 OK"


def _authenticate(_: SMTP, __: Session, ___: Envelope, ____: str, data: object) -> AuthResult:
    right = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=right, handled=right)


def certificate(folder: Path) -> tuple[Path, Path]:
    """Make a certificate for localhost that signs itself."""
    key, made = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key, "-out", made),
            *("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"),
        ],
        check=True,
        capture_output=True,
    )
    return key, made


@asynccontextmanager
async def mailbox(folder: Path, *, tls: str = "starttls", login: bool = False) -> AsyncIterator[Mailbox]:
    """Run it on a free port: `starttls`, `tls`, or `none`."""
    key, made = certificate(folder)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(made, key)
    box = Mailbox(certificate=made)

    def served() -> SMTP:
        kept = {"authenticator": _authenticate, "auth_required": login, "auth_require_tls": tls == "starttls"}
        upgrade = {"tls_context": context, "require_starttls": True} if tls == "starttls" else {}
        return SMTP(box, enable_SMTPUTF8=True, hostname="localhost", **kept, **upgrade)

    loop = asyncio.get_running_loop()
    server = await loop.create_server(served, "127.0.0.1", 0, ssl=context if tls == "tls" else None)
    box.port = server.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        server.close()
