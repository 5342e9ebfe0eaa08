"""A real mail server: encrypted, in any script, with headers that nobody else writes; and its own words for no."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import GaveUp, Retry
from bot.ports import Page, Pager, Unclear
from integrations.email import PAGER, EmailConfig, mail, opened
from tests.contract.living import surroundings
from tests.contract.mailbox import PASSWORD, USER, Mailbox, mailbox

SENDER = "slipway@healthbridge.example"
PAGE = Page(
    key="e1.0.7",
    title="قاعدة البيانات متوقفة · Datenbank für Ärzte",
    severity="critical",
    at=datetime(2026, 3, 2, 9, 0, tzinfo=UTC),
    text="لا أحد يجيب\nNobody answers",
    to=["layla@healthbridge.example"],
    link="https://healthbridge.example/archives/C1/p1",
    facts={"service": "backend"},
)

pytestmark = [
    pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS"),  # it is TLS all along
    pytest.mark.filterwarnings("ignore:Session.login_data"),  # the server's own affair
]


@asynccontextmanager
async def post(box: Mailbox, tmp_path: Path, **more: object) -> AsyncIterator[Pager]:
    said = {"host": "localhost", "port": box.port, "from": SENDER, "certificate": str(box.certificate), **more}
    async with opened(surroundings(tmp_path, MAIL_PASSWORD=PASSWORD), EmailConfig.model_validate(said)) as made:
        yield made


async def test_a_mail_in_any_script_arrives_encrypted_and_says_what_and_where(tmp_path: Path) -> None:
    async with mailbox(tmp_path) as box, post(box, tmp_path) as pager:
        assert await pager.tell(PAGE) == "accepted"

    (came,) = box.came
    assert box.encrypted == [True]
    assert came["Subject"] == f"[critical] {PAGE.title}"
    assert came["Message-ID"] == "<slipway.e1-0-7@healthbridge.example>"
    assert came["Auto-Submitted"] == "auto-generated"
    assert "لا أحد يجيب" in came.get_content()
    assert "In Slack: https://healthbridge.example/archives/C1/p1" in came.get_content()


async def test_tls_from_the_beginning_and_a_login(tmp_path: Path) -> None:
    async with mailbox(tmp_path, tls="tls", login=True) as box:
        async with post(box, tmp_path, security="tls", user=USER, password="MAIL_PASSWORD") as pager:
            assert await pager.tell(PAGE) == "accepted"
        async with post(box, tmp_path, security="tls", user="another", password="MAIL_PASSWORD") as pager:
            with pytest.raises(GaveUp, match="does not let us in") as caught:
                await pager.tell(PAGE)

    assert PASSWORD not in caught.value.reason
    assert len(box.came) == 1


async def test_a_server_that_cannot_encrypt_gets_nothing(tmp_path: Path) -> None:
    async with mailbox(tmp_path, tls="none") as box, post(box, tmp_path) as pager:
        with pytest.raises((Retry, GaveUp)):
            await pager.tell(PAGE)

    assert box.came == []


async def test_a_certificate_of_nobody_is_not_believed(tmp_path: Path) -> None:
    async with mailbox(tmp_path) as box, post(box, tmp_path, certificate=None) as pager:
        with pytest.raises((Retry, GaveUp)):
            await pager.tell(PAGE)

    assert box.came == []


async def test_later_is_for_now_and_no_is_for_good(tmp_path: Path) -> None:
    async with mailbox(tmp_path) as box, post(box, tmp_path) as pager:
        box.answers = "451 busy, come back"
        with pytest.raises(Retry, match="451 busy, come back"):
            await pager.tell(PAGE)
        box.answers = "554 we do not take this"
        with pytest.raises(GaveUp, match="554 we do not take this"):
            await pager.tell(PAGE)
        box.answers, box.refuses = "", "layla@healthbridge.example"
        with pytest.raises(GaveUp, match="550 no such mailbox"):
            await pager.tell(PAGE)
        two = replace(PAGE, to=[*PAGE.to, "selma@healthbridge.example"])
        assert await pager.tell(two) == "accepted for 1 of 2"


async def test_a_servers_words_are_told_in_a_channel_so_nobodys_address_is_in_them(tmp_path: Path) -> None:
    async with mailbox(tmp_path) as box, post(box, tmp_path) as pager:
        box.answers = "554 5.1.1 <Layla@HealthBridge.example>: Recipient address rejected"
        with pytest.raises(GaveUp, match=r"554 5\.1\.1 their address: Recipient address rejected") as caught:
            await pager.tell(PAGE)
        with pytest.raises(GaveUp) as wrong:
            await pager.tell(replace(PAGE, to=["Layla <layla@healthbridge.example>"]))

    assert "layla" not in f"{caught.value.reason}{wrong.value.reason}".lower()


async def test_who_hangs_up_after_the_mail_leaves_it_unclear(tmp_path: Path) -> None:
    async with mailbox(tmp_path) as box, post(box, tmp_path) as pager:
        box.hangs_up = True
        with pytest.raises(Unclear):
            await pager.tell(PAGE)

    assert len(box.came) == 1
    assert not PAGER.keyed


async def test_nobody_there_is_for_now(tmp_path: Path) -> None:
    async with mailbox(tmp_path) as box:
        box.port = 1
        async with post(box, tmp_path) as pager:
            with pytest.raises(Retry, match="localhost cannot be reached"):
                await pager.tell(PAGE)


@pytest.mark.parametrize("address", ["a@b.example\r\nBcc: all@x.example", "no address", "<a@b.example>", "a@b, c@d"])
async def test_what_is_no_address_is_not_written_to(tmp_path: Path, address: str) -> None:
    async with mailbox(tmp_path) as box, post(box, tmp_path) as pager:
        with pytest.raises(GaveUp, match="is not a mail address"):
            await pager.tell(replace(PAGE, to=[address]))

    assert box.came == []


@given(st.text(), st.text(), st.text(), st.text())
def test_nothing_that_is_told_ends_a_header(title: str, text: str, name: str, key: str) -> None:
    made = mail(replace(PAGE, title=title, text=text, facts={name: title}, key=key), SENDER)
    raw = made.as_bytes().partition(b"\r\n\r\n")[0]

    names = {line.partition(b":")[0].lower() for line in raw.split(b"\r\n") if line and line[:1] not in b" \t"}
    assert names <= {
        *(b"subject", b"from", b"to", b"date", b"message-id", b"auto-submitted", b"x-priority", b"mime-version"),
        *(b"content-type", b"content-transfer-encoding"),
    }
