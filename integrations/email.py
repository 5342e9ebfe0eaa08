"""E-mail by SMTP: encrypted unless the catalog says otherwise, and in any script, with headers that nobody else writes.

A server that does not answer, or says “later” (4xx), is asked again; one that says no (5xx) is believed. What was sent
off and got no answer may have arrived: SMTP knows no keys, so that is `Unclear`, and the Message-ID is the page's key,
by which a mailbox may know the same mail again.
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime
from typing import Literal

import aiosmtplib
from pydantic import BaseModel, ConfigDict, Field, field_validator

from bot.domain.errors import GaveUp, Retry
from bot.plugins import PagerKind, Surroundings
from bot.ports import Page, Pager, SecretName, Unclear

PATIENCE = 15.0  # seconds for each answer
PORTS = {"starttls": 587, "tls": 465, "none": 25}
MOST_SUBJECT, LATER, NO = 200, 400, 500
_ADDRESS = re.compile(r"[^@\s<>,;:\"()\[\]\\\x00-\x1f]+@[^@\s<>,;:\"()\[\]\\\x00-\x1f]+")
_APART = re.compile(r"[^A-Za-z0-9]+")
_SOMEBODYS = re.compile(rf"<?{_ADDRESS.pattern}>?")
_BREAKS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")
_TURNS = re.compile(r"[\u202a-\u202e\u2066-\u2069]")  # what turns a line around for who reads it


class EmailConfig(BaseModel):
    """A mail server. Whom it writes to stands in `on_call.contacts`."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    host: str = Field(min_length=1, description="the mail server")
    port: int | None = Field(
        None, ge=1, le=65535, description="its port; without it 587, with `tls` 465, with `none` 25"
    )
    security: Literal["starttls", "tls", "none"] = Field("starttls", description="how the connection is encrypted")
    user: str | None = Field(None, min_length=1, description="who logs in")
    password: SecretName | None = Field(None, min_length=1, description="the name of the secret with the password")
    from_: str = Field(alias="from", description="the sender's address")
    certificate: str | None = Field(None, min_length=1, description="a file with the authorities that are believed")

    @field_validator("from_")
    @classmethod
    def _an_address(cls, value: str) -> str:
        if not _ADDRESS.fullmatch(value):
            raise ValueError(f"“{value}” is not a mail address; expected one such as slipway@example.com")
        return value


class Email:
    """Implements `bot.ports.Pager`."""

    def __init__(self, config: EmailConfig, around: Surroundings) -> None:
        self._config, self._around = config, around

    async def tell(self, page: Page) -> str:
        """See `bot.ports.Pager`."""
        if not all(map(_ADDRESS.fullmatch, page.to)):
            raise GaveUp("what `on_call.contacts` has is not a mail address: mend it there")
        client = self._client()
        try:
            await self._connect(client)
            return await self._send(client, mail(page, self._config.from_), page)
        finally:
            client.close()

    def _client(self) -> aiosmtplib.SMTP:
        config = self._config
        return aiosmtplib.SMTP(
            hostname=config.host,
            port=config.port or PORTS[config.security],
            timeout=PATIENCE,
            use_tls=config.security == "tls",
            start_tls=config.security == "starttls",
            cert_bundle=config.certificate,
        )

    async def _connect(self, client: aiosmtplib.SMTP) -> None:
        """Connect and log in; until then nothing can have been sent."""
        try:
            await client.connect()
            if self._config.user is not None:
                password = self._around.secrets.read(self._config.password) if self._config.password else ""
                await client.login(self._config.user, password)
        except aiosmtplib.SMTPAuthenticationError as error:
            raise GaveUp(f"{self._config.host} does not let us in: {self._words(error.message)}") from error
        except aiosmtplib.SMTPResponseException as error:
            raise self._no(error.code, error.message) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise Retry(f"{self._config.host} cannot be reached: {self._words(str(error))}") from error

    async def _send(self, client: aiosmtplib.SMTP, message: EmailMessage, page: Page) -> str:
        try:
            refused, _ = await client.send_message(message, sender=self._config.from_, recipients=list(page.to))
        except aiosmtplib.SMTPRecipientsRefused as error:
            first = error.recipients[0]
            raise self._no(first.code, first.message) from error
        except aiosmtplib.SMTPResponseException as error:
            raise self._no(error.code, error.message) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise Unclear(f"{self._config.host} gave no answer") from error
        taken = [one for one in page.to if one not in refused]
        return f"accepted for {len(taken)} of {len(page.to)}" if refused else "accepted"

    def _no(self, code: int, words: str) -> GaveUp | Retry:
        said = f"{code} {self._words(words)}"
        return Retry(said) if LATER <= code < NO else GaveUp(said)

    def _words(self, said: str) -> str:
        """Return a server's words for people who read them in a channel: without anybody's address."""
        return self._around.mask.line(_SOMEBODYS.sub("their address", said), MOST_SUBJECT)


def mail(page: Page, sender: str) -> EmailMessage:
    """Return a page as a mail. Nothing in it can end a header, and no script turns the subject around."""
    ascii_only = all(one.isascii() for one in (*page.to, sender))
    message = EmailMessage(policy=SMTP if ascii_only else SMTPUTF8)
    message["Subject"] = _one_line(f"[{page.severity}] {page.title}")
    message["From"] = Address("Slipway", addr_spec=sender)
    message["To"] = ", ".join(page.to)
    message["Date"] = format_datetime(page.at)
    message["Message-ID"] = f"<slipway.{_APART.sub('-', page.key)}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # no vacation's answer comes back
    message["X-Priority"] = "1" if page.severity in {"critical", "high"} else "3"
    facts = [f"{_one_line(name)}: {_one_line(value)}" for name, value in page.facts.items()]
    link = [f"In Slack: {page.link}"] if page.link else []
    message.set_content("\n".join([_TURNS.sub("", page.text), "", *facts, "", *link]).strip() + "\n")
    return message


def _one_line(text: str) -> str:
    return " ".join(_BREAKS.sub(" ", _TURNS.sub("", text)).split())[:MOST_SUBJECT]


@asynccontextmanager
async def opened(around: Surroundings, config: BaseModel) -> AsyncIterator[Pager]:
    """Open it: it connects for each mail, and holds no connection between them."""
    if not isinstance(config, EmailConfig):
        raise TypeError("e-mail is opened with its own section")
    yield Email(config, around)


PAGER = PagerKind("email", EmailConfig, opened, needs="email")
