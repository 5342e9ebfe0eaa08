"""An alert, as people live it: a release dies, Prometheus fires, somebody is woken, and in the end there is a report.

Everything in it is real: Prometheus, Alertmanager and nginx from Debian with the files of deploy/, `slipway up`, the
page in Chromium, a mail server; PagerDuty is at the wire. Johannes is on call and has his phone in the dark; Selma is
at her desk. It is one test of ordered chapters, as in test_story.py. Pictures are kept in test-results/alert-story/.
"""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Locator, expect

from tests.contract.mailbox import PASSWORD, USER, Mailbox, mailbox
from tests.contract.pagerduty_wire import KEY, PagerDutyWire, pagerduty
from tests.e2e import monitored
from tests.e2e.monitored import Watch, watching
from tests.e2e.page.acting import DEPLOYMENTS, choose, control, in_channel, in_thread, saying, type_line
from tests.e2e.stage import Running, fetch, hundred, stage
from tests.e2e.windows import PATIENCE_MS, PHONE, Person, windows

pytestmark = pytest.mark.slow

TOMAS, SELMA, JOHANNES = "U0TOMASMU2", "U0SELMANA3", "U0JOHANNE4"
ALERTS, INCIDENTS = "C0ALERTSX4", "C0INCIDEN5"
TOKEN = "lantern-mango-7791"
ANSWERS = {
    "impact": "Search was away for everybody in staging",
    "response": "Rolled back to 1.0.0",
    "next": "Jonas opens the index in a test; Friday",
}


@dataclass
class Story:
    """Who takes part, and what they have around them."""

    running: Running
    watch: Watch
    wire: PagerDutyWire
    mail: Mailbox
    developer: Person
    selma: Person
    phone: Person
    phone_of_incidents: Person

    def service(self, path: str) -> str:
        """What the service answers, or whoever stands before it."""
        with suppress(OSError, HTTPException):
            return fetch(f"http://127.0.0.1:{self.watch.digits}21{path}")[1]
        return ""

    def kept(self, what: str) -> list[dict[str, Any]]:
        """What Alertmanager's API says."""
        found: list[dict[str, Any]] = json.loads(fetch(f"{self.watch.alertmanager}/api/v2/{what}")[1])
        return found

    def well(self) -> set[str]:
        """The jobs whose targets Prometheus found well when it looked last."""
        with suppress(OSError, ValueError, KeyError):  # it answers in other words while it starts
            said = json.loads(fetch(f"{self.watch.prometheus}/api/v1/targets")[1])
            return {one["labels"]["job"] for one in said["data"]["activeTargets"] if one["health"] == "up"}
        return set()

    def alert(self, person: Person) -> Locator:
        """The card of the alert in the open channel."""
        return in_channel(person.page).filter(has_text="ServiceDown")


async def test_a_release_dies_and_people_are_woken_go_back_and_report(
    tmp_path: Path, chromium_path: str, pictures: Path
) -> None:
    monitored.programs()
    async with told(tmp_path, chromium_path, pictures) as story:
        await a_release_is_live(story)
        with watching(story.watch):
            await another_follows_and_dies(story)
            await who_is_on_call_is_woken(story)
            await somebody_is_at_it(story)
            await it_is_silenced_and_no_longer(story)
            await they_go_back(story)
            await it_is_over(story)
            await a_report_is_filled_in(story)
            await nothing_went_wrong_behind_it(story)


@asynccontextmanager
async def told(folder: Path, chromium: str, pictures: Path) -> AsyncIterator[Story]:
    """Everything that the story needs but what watches the service."""
    async with AsyncExitStack() as stack:
        digits = stack.enter_context(hundred())
        watch = Watch(folder / "watch", digits, TOKEN)
        wire = await stack.enter_async_context(pagerduty())
        mail = await stack.enter_async_context(mailbox(folder, login=True))
        data = folder / "data"
        data.mkdir()
        monitored.repository(data)
        (folder / "slipway.yml").write_text(monitored.catalog(watch, pagers(wire, mail)))
        secrets = {"ALERTS_TOKEN": TOKEN, "PAGERDUTY_ROUTING_KEY": KEY, "SMTP_PASSWORD": PASSWORD}
        more = {"SLIPWAY_CATALOG": str(folder / "slipway.yml"), **secrets}
        running = stack.enter_context(stage(data, digits, **more))
        opened = await stack.enter_async_context(windows(chromium, running.url, pictures))
        yield Story(
            running,
            watch,
            wire,
            mail,
            developer=await opened.enter(TOMAS, DEPLOYMENTS),
            selma=await opened.enter(SELMA, ALERTS),
            phone=await opened.enter(JOHANNES, ALERTS, size=PHONE, scheme="dark"),
            phone_of_incidents=await opened.enter(JOHANNES, INCIDENTS, size=PHONE),
        )


def pagers(wire: PagerDutyWire, mail: Mailbox) -> dict[str, dict[str, Any]]:
    """The ways out of Slack, as the catalog names them."""
    server = {"host": "localhost", "port": mail.port, "user": USER, "password": "SMTP_PASSWORD"}
    return {
        "pagerduty": {"kind": "pagerduty", "routing_key": "PAGERDUTY_ROUTING_KEY", "url": wire.url},
        "email": {
            "kind": "email",
            **server,
            "from": "slipway@healthbridge.example",
            "certificate": str(mail.certificate),
        },
    }


async def comes(true: Callable[[], object], what: str, seconds: float = PATIENCE_MS / 1000) -> None:
    """Wait until something is true; what the page asks of this process is answered meanwhile."""
    deadline = time.monotonic() + seconds

    while not true():
        assert time.monotonic() < deadline, f"not in {seconds} s: {what}"
        await asyncio.sleep(0.05)


async def a_release_is_live(story: Story) -> None:

    me = story.developer
    await me.say("/deploy staging backend 1.0.0")
    await me.sees(me.card(1), "succeeded")
    assert '"1.0.0"' in story.service("/api/health")


async def another_follows_and_dies(story: Story) -> None:
    me = story.developer
    await comes(lambda: story.well() == {"healthbridge", "slipway"}, "Prometheus finds the service and the bot well")
    await me.say("/deploy staging backend 1.1.0 --reason search")
    await me.sees(me.card(2), "succeeded")
    await comes(lambda: [one for one in story.kept("alerts") if one["labels"]["alertname"] == "Watchdog"], "a watchdog")
    await expect(in_channel(story.phone.page)).to_have_count(0)
    await me.look("01-deployed")

    assert "did not answer" in story.service("/api/search?name=Ndapewa")
    card = story.alert(story.phone)
    await story.phone.sees(card, "ServiceDown · critical", "backend is down in staging", "1 firing")
    await expect(card).to_have_count(1)
    await story.phone.sees(card, re.compile(r"backend 1\.1\.0 went live in staging .*, by Tomas Müller"))
    await story.phone.look("02-it-fires-phone")
    await story.selma.look("03-it-fires")


async def who_is_on_call_is_woken(story: Story) -> None:
    """The card says so a little later: edits that nobody waits for leave room for what people do."""
    await comes(lambda: story.wire.events and story.mail.came, "PagerDuty and a mail")

    (event,), (mail,) = story.wire.events, story.mail.came
    assert list(story.wire.incidents.values()) == ["triggered"]
    assert "ServiceDown" in json.dumps(event["payload"])
    assert story.mail.to == [["johannes@healthbridge.example"]]
    assert story.mail.encrypted == [True]
    assert mail["Subject"] == "[critical] ServiceDown"
    assert "backend is down in staging" in mail.get_content()


async def somebody_is_at_it(story: Story) -> None:
    phone = story.phone
    thread = await phone.open_thread(story.alert(phone))
    await expect(thread.locator("img").first).to_be_visible(timeout=PATIENCE_MS)
    await phone.look("05-thread-phone")
    await type_line(phone.page, "ack", where="thread-composer")
    await expect(saying(thread, "You are at")).to_be_visible(timeout=PATIENCE_MS)
    await phone.look("06-ack-phone")
    await phone.page.get_by_test_id("close-thread").click()
    card = story.alert(phone)
    await phone.sees(card, "Johannes ǃGaeb is at it since", "✓ PagerDuty was told")
    await phone.sees(card, "Johannes ǃGaeb (on call, platform) was told by email")
    await phone.look("07-at-it-phone")
    await story.selma.look("08-at-it")
    await comes(lambda: list(story.wire.incidents.values()) == ["acknowledged"], "PagerDuty knows it")


async def it_is_silenced_and_no_longer(story: Story) -> None:
    selma = story.selma
    card = story.alert(selma)
    await control(card, "more-0").click()
    await selma.look("09-menu")
    await selma.page.keyboard.press("Escape")
    await selma.press(card, "silence")
    modal = selma.page.get_by_test_id("modal")
    await choose(selma.page, control(modal, "length"), "1h")
    await control(modal, "reason").fill("We are going back")
    await selma.look("10-silence-modal")
    await selma.page.get_by_test_id("modal-submit").click()
    await selma.sees(card, "Silence 1 by Selma Nakale, until", "We are going back")
    await selma.look("11-silenced")
    await story.phone.look("12-silenced-phone")
    (made,) = story.kept("silences")
    matched = {one["name"]: one["value"] for one in made["matchers"]}
    assert made["status"]["state"] == "active"
    assert matched.items() >= {"alertname": "ServiceDown", "service": "backend", "environment": "staging"}.items()

    await selma.ask("/unsilence 1", "Silence 1 is being ended")
    await expect(card).not_to_contain_text("Silence 1 by", timeout=PATIENCE_MS)
    assert [one["status"]["state"] for one in story.kept("silences")] == ["expired"]
    await selma.look("13-no-longer-silenced")


async def they_go_back(story: Story) -> None:
    phone, me = story.phone, story.developer
    await phone.press(story.alert(phone), "rollback")
    modal = phone.page.get_by_test_id("modal")
    await expect(control(modal, "to")).to_have_text(re.compile(r"backend 1\.0\.0 · .* ago"), timeout=PATIENCE_MS)
    await choose(phone.page, control(modal, "trigger"), "unavailable")
    await control(modal, "reason").fill("The search index does not open")
    await phone.look("14-rollback-modal-phone")
    await phone.page.get_by_test_id("modal-submit").click()
    await me.sees(me.card(3), "Roll back staging", "Service unavailable: The search index does not open", "succeeded")
    await me.sees(me.card(2), "ServiceDown")
    await me.look("15-rolled-back")
    assert '"1.0.0"' in story.service("/api/health")


async def it_is_over(story: Story) -> None:
    for person in (story.phone, story.selma):
        card = story.alert(person)
        await person.sees(card, "ServiceDown is resolved", "service=backend", "Johannes ǃGaeb was at it.")
        await expect(card).to_have_count(1)
        await expect(control(card, "rollback")).to_have_count(0)
    await comes(lambda: list(story.wire.incidents.values()) == ["resolved"], "PagerDuty knows that it is over")
    await story.phone.look("16-resolved-phone")
    thread = await story.selma.open_thread(story.alert(story.selma))
    await story.selma.look("17-resolved-thread")
    await expect(thread.first).to_be_visible()
    await story.selma.page.get_by_test_id("close-thread").click()


async def a_report_is_filled_in(story: Story) -> None:
    selma, phone = story.selma, story.phone_of_incidents
    await selma.go("incidents")
    report = in_channel(selma.page).filter(has_text="Incident report 1")
    await selma.sees(report, "Severity: critical", "whoever is on call (platform) was told by email")
    await expect(report).to_have_count(1)
    await selma.look("18-report")
    await selma.press(report, "fill_in")
    modal = selma.page.get_by_test_id("modal")
    for name, text in ANSWERS.items():
        await control(modal, name).fill(text)
    await selma.look("19-fill-in")
    await selma.page.get_by_test_id("modal-submit").click()
    await selma.sees(report, *ANSWERS.values())
    await selma.look("20-report-filled-in")
    await phone.sees(in_channel(phone.page).filter(has_text="Incident report 1"), *ANSWERS.values())
    await phone.look("21-report-phone")


async def nothing_went_wrong_behind_it(story: Story) -> None:
    assert [one["event_action"] for one in story.wire.events] == ["trigger", "acknowledge", "resolve"]
    assert len(story.mail.came) == 1
    await story.phone.look("22-in-the-end-phone")
    await story.phone.open_thread(story.alert(story.phone))
    await expect(in_thread(story.phone.page).first).to_be_visible()
    await story.phone.look("23-thread-in-the-end-phone")
    log = (story.running.folder / "logs" / "bot.log").read_text()
    assert "Traceback" not in log
