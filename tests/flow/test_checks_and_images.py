"""The gates `checks` and `image`: what the catalog wants of a commit and of its image, before it goes anywhere."""

from dataclasses import replace

import pytest

from bot.domain.change import Change
from bot.domain.check import Check, Conclusion
from bot.domain.errors import GaveUp, Retry
from bot.domain.observation import ImageFacts
from tests.fakes.fuse import Fuse, FusedBackend
from tests.fakes.healthbridge import HealthBridge
from tests.fakes.shown import bare, buttons, card
from tests.fakes.source import CheckedSource
from tests.flow.conftest import Edited

STAGING = "    deployers: [developers, qa]\n"
PRODUCTION = "    deployers: [developers, production-team]\n"
URL = "https://ci.example/7"


@pytest.fixture
def source(house: HealthBridge) -> CheckedSource:
    """Let HealthBridge's releases come from a source that knows checks."""
    made = CheckedSource()
    house.source = made
    house.world = replace(house.world, sources=dict.fromkeys(house.world.catalog.services, made))
    return made


def wanted(house: HealthBridge, edited: Edited, place: str, words: str) -> None:
    house.with_catalog(edited((place, f"{place}    {words}\n")))


async def asked(house: HealthBridge, source: CheckedSource, *said: Check) -> Change:
    """Deploy a new commit of the backend to staging, of which this has been said."""
    source.said[source.commit("backend", "1.0.0").commit.id] = list(said)
    return await house.deployed("staging", "backend")


# --- checks -----------------------------------------------------------------------------------------------------


async def test_what_has_passed_goes(house: HealthBridge, source: CheckedSource, edited: Edited) -> None:
    wanted(house, edited, STAGING, 'checks: ["test*", review]')

    passed = [Check(name, Conclusion.PASSED) for name in ("tests", "review", "another")]
    change = await asked(house, source, *passed)

    assert change.state == "succeeded"
    assert "gates: checks, drift, reachable pass" in bare(await card(house, change))


async def test_what_failed_blocks_in_its_own_words_with_its_address(
    house: HealthBridge, source: CheckedSource, edited: Edited
) -> None:
    wanted(house, edited, STAGING, "checks: [tests]")

    change = await asked(house, source, Check("tests", Conclusion.FAILED, "3 of 80 failed", URL))

    shown = bare(await card(house, change))
    assert change.state == "blocked"
    assert f"✗ backend: 1.0.0 ({change.plan.operations[0].to.commit[:7]}): tests failed (3 of 80 failed) {URL}" in shown


async def test_what_goes_on_blocks_until_it_has_passed(
    house: HealthBridge, source: CheckedSource, edited: Edited
) -> None:
    wanted(house, edited, STAGING, "checks: [tests]")
    change = await asked(house, source, Check("tests", Conclusion.PENDING))
    assert change.state == "blocked"
    assert "❓ backend: " in bare(await card(house, change))
    assert "replace" not in buttons(await card(house, change))

    source.said[change.plan.operations[0].to.commit] = [Check("tests", Conclusion.PASSED)]

    assert (await house.check_again(change)).state == "succeeded"


async def test_what_nobody_has_looked_at_blocks(house: HealthBridge, source: CheckedSource, edited: Edited) -> None:
    wanted(house, edited, STAGING, 'checks: [tests, "snyk*"]')

    change = await asked(house, source, Check("tests", Conclusion.PASSED))

    assert change.state == "blocked"
    assert "no check called “snyk*” is known" in change.words


async def test_a_source_that_knows_no_checks_cannot_tell(house: HealthBridge, edited: Edited) -> None:
    wanted(house, edited, STAGING, "checks: [tests, review]")
    house.source.commit("backend", "1.0.0")

    change = await house.deployed("staging", "backend")

    assert change.state == "blocked"
    assert "scripted knows no checks of commits, and tests, review must have passed" in change.words


async def test_a_rollback_and_a_restart_ask_no_checks(
    house: HealthBridge, source: CheckedSource, edited: Edited
) -> None:
    for version in ("1.0.0", "1.1.0"):
        source.commit("backend", version)
        await house.deployed("staging", "backend")
    wanted(house, edited, STAGING, "checks: [tests]")

    assert (await house.restarted("staging")).state == "succeeded"
    assert (await house.rolled_back("staging")).state == "succeeded"


# --- image ------------------------------------------------------------------------------------------------------


async def brought(house: HealthBridge, edited: Edited, words: str, *said: Check) -> Change:
    """Ask for a release in production that is good in staging, with this wanted of its image there."""
    await house.good_in_staging("1.0.0")
    wanted(house, edited, PRODUCTION, f"image: {{ {words} }}")
    if isinstance(house.source, CheckedSource):
        latest = await house.source.latest("backend", "main")
        assert latest is not None
        house.source.said[latest.commit.id] = list(said)
    return await house.deployed("production", "backend")


ALL = 'non_root: true, limits: [cpu, memory], scanner: "trivy*"'


@pytest.mark.usefixtures("source")
async def test_an_image_that_keeps_it_all_goes(house: HealthBridge, edited: Edited) -> None:
    change = await brought(house, edited, ALL, Check("trivy-image", Conclusion.PASSED))

    assert change.state == "waiting"
    assert "not root, a limit of cpu, a limit of memory; trivy-image" in bare(await card(house, change, "approval"))


@pytest.mark.usefixtures("source")
async def test_each_finding_names_the_field_to_mend(house: HealthBridge, edited: Edited) -> None:
    house.backend.image = ImageFacts(
        "", "root", limits={"cpu": "1"}, user_field="USER in the Dockerfile", limits_field="deploy.resources.limits"
    )

    change = await brought(house, edited, ALL, Check("trivy", Conclusion.FAILED, "1 critical", URL))

    assert change.state == "blocked"
    for words in (
        "it would run as “root”: set USER in the Dockerfile to another user",
        "it has no limit of memory: set it in deploy.resources.limits",
        f"trivy failed (1 critical) {URL}",
    ):
        assert words in bare(await card(house, change)), words


@pytest.mark.usefixtures("source")
async def test_a_scanner_that_has_said_nothing_blocks(house: HealthBridge, edited: Edited) -> None:
    change = await brought(house, edited, ALL)

    assert change.state == "blocked"
    assert "no check called “trivy*” is known" in change.words


async def test_a_backend_that_cannot_say_blocks_in_clear_words(house: HealthBridge, edited: Edited) -> None:
    house.backend.image = ImageFacts("", None)
    plain = FusedBackend(house.backend, Fuse())
    house.world = replace(house.world, backends={"scripted": plain})

    change = await brought(house, edited, "non_root: true")

    assert change.state == "blocked"
    assert "scripted cannot say what it would run 1.0.0 as" in change.words


@pytest.mark.parametrize(
    ("no", "sign"),
    [(Retry("connection refused"), "❓"), (GaveUp("there is no such image"), "✗")],
)
async def test_an_image_that_cannot_be_looked_at_blocks_in_the_backends_words(
    house: HealthBridge, edited: Edited, no: Retry | GaveUp, sign: str
) -> None:
    house.backend.image = no

    change = await brought(house, edited, "limits: [memory]")

    assert change.state == "blocked"
    assert f"{sign} backend: its image cannot be looked at" in bare(await card(house, change))
    assert no.reason in change.words


async def test_a_rollback_does_not_ask_for_the_image(house: HealthBridge, edited: Edited) -> None:
    for version in ("1.0.0", "1.1.0"):
        await house.live_in_production(version)
    house.backend.image = ImageFacts("", "root")
    wanted(house, edited, PRODUCTION, "image: { non_root: true }")

    assert (await house.rolled_back("production")).state == "succeeded"
