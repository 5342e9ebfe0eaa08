"""The whole story, as people live it: on one real `slipway up`, in the windows of a real browser.

Tomas develops (and may approve, though not his own), Selma and Layla decide, Johannes is on call and looks at his
phone in the dark. It is one test of
ordered chapters, because that is what a story is: no chapter could be told without those before it, and each would
have to live through them again. Pictures of every chapter are kept in test-results/story/.
"""

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from playwright.async_api import expect

from bot.samples import break_it
from tests.e2e.page.acting import APPROVALS, DEPLOYMENTS, GENERAL, choose, control, saying
from tests.e2e.stage import Running, fetch, hundred, stage, until
from tests.e2e.windows import PATIENCE_MS, PHONE, Person, Windows, windows

pytestmark = pytest.mark.slow

TOMAS, SELMA, JOHANNES, LAYLA = "U0TOMASMU2", "U0SELMANA3", "U0JOHANNE4", "U0LAYLAHA6"
PLACES = {"staging": 2, "production": 3}  # in the middle of the port: 8221 is staging's API, 8232 production's page
ROOT = Path(__file__).parents[2]
ASKED = [
    ("/status", "staging", "1.4.0", "by Tomas Müller"),
    ("/status production", "production", "1.2.0"),
    ("/releases staging", "1.5.0", "1.4.0", "change 5"),
    ("/releases staging backend at now", "backend/staging ran 1.4.0"),
    ("/release 1.4.0", "artefact", "✅ production", "✅ staging"),
    ("/release 1.5.0", "rolled back from backend/staging by Tomas Müller", "Search answers 500"),
    ("/slipway help", "/deploy <environment> [service…] [version | branch | commit]", "/rollback", "/releases"),
    ("/slipway status staging", "staging", "1.4.0"),
    ("/slipway deply staging", "Did you mean /deploy?"),
    ("/deploy stagin", "did you mean “staging”?"),
    ("/deploy staging backnd", "backend and frontend have no version", "Did you mean “backend”?"),
    ("/deploy staging --dry", "--dry-run"),
    ("/deploy staging backend 1.3.0 --dry-run", "only looking: nothing was done", "1.4.0 → 1.3.0", "Takes away:"),
    ("/rollback staging backend to 9.9.9 --trigger bug --reason x", "cannot go back to “9.9.9”", "no other good"),
]
STRANGE = "<!channel> see *this* @here, عاجل جدا <@U0SELMANA3>"


@dataclass
class Story:
    """Who takes part, and where it plays."""

    running: Running
    developer: Person
    selma: Person
    layla: Person
    phone: Person

    def api(self, environment: str) -> str:
        """What the API says of itself to whoever asks it, and how."""
        status, said = fetch(f"http://127.0.0.1:{self.running.digits}{PLACES[environment]}1/api/health")
        return f"{status} {json.loads(said)['version']}"

    def page(self, environment: str) -> str:
        """What the page of the example shows."""
        return fetch(f"http://127.0.0.1:{self.running.digits}{PLACES[environment]}2/")[1]

    def runs(self, service: str, environment: str) -> str:
        """The digest of the artefact that runs on a target, by its host's own record."""
        record = self.running.folder / "process" / "targets" / f"{service}%2F{environment}" / "record.json"
        return str(json.loads(record.read_text())["live"]["digest"])

    def artefacts(self) -> list[str]:
        """The artefacts that were ever built."""
        return sorted(path.name for path in (self.running.folder / "artefacts").glob("*.tar"))

    def slipway(self, *words: str) -> str:
        """Type `slipway …` in a terminal beside; what it answers."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("SLACK_", "DATABASE"))}
        environment |= {"SLIPWAY_DATA": str(self.running.folder), "SLIPWAY_CATALOG": str(ROOT / "slipway.yml")}
        environment |= {"SLIPWAY_EXAMPLE_PORTS": str(self.running.digits)}
        argv = [sys.executable, "-m", "bot.cli", *words]
        done = subprocess.run(argv, cwd=ROOT, env=environment, check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout


async def test_people_deploy_approve_break_and_roll_back(tmp_path: Path, chromium_path: str, pictures: Path) -> None:
    with hundred() as digits:
        with stage(tmp_path / "data", digits) as running:
            async with windows(chromium_path, running.url, pictures) as opened:
                story = await gathered(running, opened)
                await the_developer_deploys_to_staging(story)
                await production_is_rejected_with_a_reason(story)
                await production_waits_for_two_and_runs_what_staging_ran(story)
                await a_bad_version_fails_and_is_rolled_back(story)
                await what_is_asked_is_answered(story)
                await the_bot_is_killed_and_goes_on(story)
                before = await remembered(story)
            assert running.interrupt() == 0
            assert running.rest() == []
        with stage(tmp_path / "data", digits) as again:
            async with windows(chromium_path, again.url, pictures) as opened:
                story = await gathered(again, opened)
                assert await remembered(story) == before
                assert story.api("staging") == "200 1.3.0"
                await story.developer.look("39-the-next-day")


async def gathered(running: Running, opened: Windows) -> Story:
    return Story(
        running,
        developer=await opened.enter(TOMAS, DEPLOYMENTS),
        selma=await opened.enter(SELMA, GENERAL),
        layla=await opened.enter(LAYLA, APPROVALS, scheme="dark"),
        phone=await opened.enter(JOHANNES, DEPLOYMENTS, size=PHONE, scheme="dark"),
    )


async def the_developer_deploys_to_staging(story: Story) -> None:
    me = story.developer
    composer = me.page.get_by_test_id("composer")
    await me.look("01-before-anything")

    await composer.press_sequentially("/dep")
    await expect(me.page.get_by_test_id("completion")).to_contain_text("/deploy")
    await me.look("02-completion")
    await composer.press("Tab")
    await expect(me.page.get_by_test_id("usage")).to_contain_text("<environment>")
    await composer.press_sequentially("staging")
    await me.record()
    await composer.press("Enter")
    card = me.card(1)
    await me.sees(card, "running", re.compile(r"bake \(.*s to go\)"))
    await me.look("03-staging-runs")
    await story.phone.look("04-staging-runs-phone")
    await me.sees(card, "succeeded")

    seen = "\n".join(await me.recorded())
    for step in ("build", "apply", "verify", "bake"):
        assert re.search(rf"✓\s{step}", seen), seen
    assert re.search(r"⏳\sbake", seen), seen
    assert story.api("staging") == "200 1.4.0"
    assert "1.2.0" in story.page("staging")
    thread = await me.open_thread(card)
    await expect(saying(thread, "[build] running python3 build.py")).to_have_count(2)
    await me.look("05-staging-succeeded-with-log")
    await story.phone.look("06-staging-succeeded-phone")
    await me.page.get_by_test_id("close-thread").click()


async def production_is_rejected_with_a_reason(story: Story) -> None:
    me, selma = story.developer, story.selma
    approvals = selma.page.locator('.sidebar [data-name="approvals"]')
    await expect(approvals).to_have_attribute("data-unread", "0")

    await me.say(f"/deploy production --reason {STRANGE}")
    await expect(approvals).to_have_attribute("data-unread", "1", timeout=PATIENCE_MS)
    await expect(approvals).to_have_attribute("data-mentions", "1")  # the group of those who approve, once
    await selma.look("07-unread-mark")
    await selma.go("approvals")
    card = selma.card(2)
    await selma.sees(card, "nothing → 1.4.0", "Find patients whatever the case of the letters", "نور حداد")
    await selma.sees(card, "Needs 2 approvals from @production-team, not from Tomas Müller", STRANGE)
    await selma.look("08-approval-asked")
    await pinged_nobody(story)

    await selma.press(card, "reject")
    modal = selma.page.get_by_test_id("modal")
    await selma.page.get_by_test_id("modal-submit").click()
    await expect(modal.locator('[data-error-for="reason"]')).to_have_text("Please complete this required field.")
    await selma.look("09-reject-without-reason")
    await control(modal, "reason").fill("Not on a Friday evening, please <!here>")
    await selma.page.get_by_test_id("modal-submit").click()
    await expect(modal).to_have_count(0)
    await selma.sees(card, "rejected by Selma Nakale: Not on a Friday evening, please <!here>")
    await expect(control(card, "approve")).to_have_count(0)
    await me.sees(me.card(2), "rejected by Selma Nakale")
    await selma.look("10-rejected")


async def pinged_nobody(story: Story) -> None:
    """What looks like a ping is letters: the card in #deployments makes the channel unread, and calls nobody."""
    deployments = story.layla.page.locator('.sidebar [data-name="deployments"]')
    await expect(deployments).not_to_have_attribute("data-unread", "0")
    await expect(deployments).to_have_attribute("data-mentions", "0")


async def production_waits_for_two_and_runs_what_staging_ran(story: Story) -> None:
    me, selma, layla = story.developer, story.selma, story.layla
    built = story.artefacts()

    await me.say("/deploy production")
    await me.go("approvals")
    async with me.told("You asked for change 3, so somebody else has to approve it."):
        await me.press(me.card(3), "approve", sure=True)
    await me.look("11-own-click-refused")

    await control(selma.card(3), "approve").click()
    await expect(selma.page.get_by_test_id("confirm")).to_contain_text(
        "backend 1.4.0 and frontend 1.2.0 go to production"
    )
    await selma.look("12-confirm")
    await selma.page.get_by_test_id("confirm-yes").click()
    await selma.sees(selma.card(3), "approved by Selma Nakale", "Needs 1 more approval")
    await selma.look("13-one-approved")
    async with selma.told("You have approved change 3 already; it waits for 1 more."):
        await selma.press(selma.card(3), "approve", sure=True)
    await selma.look("14-second-click-refused")

    await layla.press(layla.card(3), "approve", sure=True)
    await layla.sees(layla.card(3), "approved by", "ليلى حداد", "running")
    await layla.look("15-production-runs-dark")
    await me.go("deployments")
    await me.sees(me.card(3), "succeeded")
    await me.look("16-production-succeeded")
    await layla.sees(layla.card(3), "succeeded")
    await layla.look("17-approval-card-after-dark")

    assert story.api("production") == "200 1.4.0"
    assert "1.2.0" in story.page("production")
    assert story.artefacts() == built
    for service in ("backend", "frontend"):
        assert story.runs(service, "production") == story.runs(service, "staging")


async def a_bad_version_fails_and_is_rolled_back(story: Story) -> None:
    me = story.developer
    assert "1.5.0 is now the newest on develop" in break_it(story.running.folder)
    await me.say("/deploy staging backend 1.5.0 --reason faster search")
    card = me.card(4)
    await me.sees(card, "failed, and left running", "HTTP 500", "no connection left in the pool")
    assert story.api("staging") == "500 1.5.0"
    await me.look("18-bad-version-failed")
    await story.phone.look("19-bad-version-failed-phone")

    await me.press(card, "rollback")
    modal = me.page.get_by_test_id("modal")
    await expect(control(modal, "to")).to_have_text(re.compile(r"backend 1\.4\.0 · .* ago"), timeout=PATIENCE_MS)
    await choose(me.page, control(modal, "trigger"), "bug")
    await control(modal, "reason").fill("Search answers 500")
    await me.look("20-rollback-modal")
    await me.page.get_by_test_id("modal-submit").click()
    await me.sees(me.card(5), "Roll back staging", "Critical bug: Search answers 500", "succeeded")
    await me.look("21-rolled-back")
    assert story.api("staging") == "200 1.4.0"

    await me.ask("/deploy staging", "Nothing to deploy to staging", "1.5.0 was rolled back", "Search answers 500")
    await me.look("22-held")
    assert story.api("staging") == "200 1.4.0"


async def what_is_asked_is_answered(story: Story) -> None:
    me = story.developer
    for number, (asked, *told) in enumerate(ASKED, start=23):
        await me.ask(asked, *told)
        await me.look(f"{number}-{'-'.join(re.findall('[a-z]+', asked))}")
    await me.say("/deploy")
    modal = me.page.get_by_test_id("modal")
    await choose(me.page, control(modal, "environment"), "production")
    await me.look("37-deploy-modal")
    async with me.told("Nothing to deploy to production"):
        await me.page.get_by_test_id("modal-submit").click()


async def the_bot_is_killed_and_goes_on(story: Story) -> None:
    me = story.developer
    await me.say("/deploy staging backend 1.3.0")
    await me.sees(me.card(6), re.compile(r"bake \(.*s to go\)"))
    bot = story.running.bot()
    bot.kill()
    until(lambda: not bot.is_running() or bot.status() == psutil.STATUS_ZOMBIE, "the bot is gone")
    await me.sees(me.card(6), "succeeded")
    await me.look("38-killed-and-gone-on")

    await expect(me.card(6)).to_have_count(1)
    assert "The bot ended (SIGKILL) and is started again" in story.running.told
    assert story.api("staging") == "200 1.3.0"


async def remembered(story: Story) -> list[str]:
    """What page and ledger hold; the ledger is in order."""
    until(lambda: "wait to be sealed" not in story.slipway("ledger", "verify"), "the ledger is sealed")
    assert story.slipway("ledger", "verify").startswith("In order:")
    changes = [story.slipway("ledger", "show", f"change:{number}") for number in (3, 5, 6)]
    return [*changes, *await story.developer.cards()]
