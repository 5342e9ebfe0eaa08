"""A release is named by its version, commit or number; a word that could mean two is asked about, not guessed."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.command import Answer, Context, Open
from bot.domain.errors import Refused
from bot.words import parse
from commands import release, rollback
from tests.fakes.healthbridge import TOMAS, HealthBridge

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def in_slack(house: HealthBridge) -> Context:
    return Context(house.world, TOMAS, "C0DEPLOYM2", "deed-in-slack")


async def said(house: HealthBridge, text: str) -> str:
    """Say `/release text`; return what is shown."""
    return str(await release.run(parse(text, release.Args, command="release"), in_slack(house)))


async def window(house: HealthBridge, text: str) -> Answer:
    """Say `/rollback text`."""
    return await rollback.run(parse(text, rollback.Args, command="rollback"), in_slack(house))


async def deployed(house: HealthBridge, *versions: str, service: str = "backend") -> None:
    for version in versions:
        house.source.commit(service, version)
        assert (await house.deployed("staging", service)).state == "succeeded"


# --- /release -------------------------------------------------------------------------------------------------------


async def test_a_version_that_several_services_have_is_asked_about(house: HealthBridge) -> None:
    await deployed(house, "1.0.0")
    await deployed(house, "1.0.0", service="frontend")

    with pytest.raises(Refused) as no:
        await said(house, "1.0.0")
    assert str(no.value).startswith("“1.0.0” could be frontend 1.0.0 (#2, commit ")
    assert str(no.value).endswith("say for example `/release frontend 1.0.0` or `/release #2`.")
    assert "*backend `1.0.0`* · release #1" in await said(house, "backend 1.0.0")
    assert "*frontend `1.0.0`* · release #2" in await said(house, "1.0.0 frontend")
    assert "*frontend `1.0.0`* · release #2" in await said(house, "#2")


async def test_a_bare_number_is_still_a_number_unless_it_is_a_version_too(house: HealthBridge) -> None:
    await deployed(house, "1.0.0", "1.1.0")
    assert "*backend `1.1.0`* · release #2" in await said(house, "2")

    await deployed(house, "2")

    with pytest.raises(Refused, match=r"“2” could be .* say for example `/release #3`"):
        await said(house, "2")
    assert "*backend `1.1.0`* · release #2" in await said(house, "#2")
    assert "*backend `2`* · release #3" in await said(house, "#3")


async def test_what_the_ledger_does_not_know_is_refused_and_so_is_more_than_one(house: HealthBridge) -> None:
    await deployed(house, "1.0.0")

    for text, words in (
        ("9.9.9", "The ledger knows no release “9.9.9”. `/releases` lists the newest."),
        ("frontend 1.0.0", "The ledger knows no release “1.0.0” of frontend. `/releases` lists the newest."),
        ("#99999999999999999999", "The ledger knows no release “#99999999999999999999”."),
        ("backend", "One release at a time, for example `/release 1.4.0`, `/release backend 1.4.0`"),
        ("1.0.0 1.1.0", "One release at a time"),
        ("", "Say which release. Usage: `/release [service] <version | commit | #number>`"),
    ):
        with pytest.raises(Refused) as no:
            await said(house, text)
        assert str(no.value).startswith(words)


# --- /rollback ------------------------------------------------------------------------------------------------------


async def test_a_number_in_the_window_is_never_taken_for_a_version(house: HealthBridge) -> None:
    """Release 1 is version 3, and release 3 is what is meant: 1.1.0."""
    await deployed(house, "3", "1.0.0", "1.1.0", "1.2.0")
    opened = await window(house, "staging backend to #3")
    assert isinstance(opened, Open)

    ambiguous = await house.rollback("staging", to="3")
    back = await house.rolled_back("staging", to="#3")

    assert "'initial_option': {'text': {'type': 'plain_text', 'text': 'backend 1.1.0" in str(opened.modal)
    assert (ambiguous.reply or "").startswith("“3” could be backend 1.1.0 (#3, commit ")
    assert (ambiguous.reply or "").endswith("say its number, for example #3.")
    assert back.plan.operations[0].to.version == "1.1.0"


@pytest.mark.parametrize("word", ["1.0.0", "v1.0.0", "1", "#1"])
async def test_what_was_typed_before_still_means_the_same(house: HealthBridge, word: str) -> None:
    await deployed(house, "1.0.0", "1.1.0", "1.2.0")

    await house.rolled_back("staging", to=word)

    assert await house.live("backend", "staging") == "1.0.0"


async def test_a_window_never_begins_with_a_release_that_was_not_meant(house: HealthBridge) -> None:
    for service in ("backend", "frontend"):
        await deployed(house, "1.0.0", "1.1.0", service=service)

    with pytest.raises(Refused, match=r"could be a release of backend and frontend: say which, for example `/rollback"):
        await window(house, "staging to 1.0.0")
    with pytest.raises(Refused, match=r"Nothing in staging can go back to “1.0.9”"):
        await window(house, "staging to 1.0.9")
    with pytest.raises(Refused, match=r"backend/staging cannot go back to “1.0.9”: good releases .* are 1.0.0"):
        await window(house, "staging backend to 1.0.9")


# --- the newest -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("later", [timedelta(0), timedelta(hours=-3)])
async def test_a_commit_that_grew_from_the_live_one_is_newer_whatever_its_clock_says(
    house: HealthBridge, later: timedelta
) -> None:
    house.source.clock = NOON
    await house.live_in_production("1.0.0")
    house.source.clock = NOON + later
    await house.good_in_staging("1.1.0")

    change = await house.deployed("production", "backend")

    assert change.plan.operations[0].to.version == "1.1.0"


async def test_a_commit_that_the_live_one_grew_from_is_not_newer_whatever_its_clock_says(house: HealthBridge) -> None:
    house.source.clock = NOON + timedelta(days=300)
    await house.good_in_staging("1.0.0")
    house.source.clock = NOON
    await house.live_in_production("1.1.0")

    answer = await house.deploy("production", "backend")

    assert answer.reply == (
        "Nothing to deploy to production. backend 1.1.0 is live, and nothing newer has been good in staging."
    )


async def test_of_several_good_ones_of_one_second_the_newest_goes(house: HealthBridge) -> None:
    house.source.clock = NOON
    for version in ("1.0.0", "1.1.0", "1.2.0"):
        await house.good_in_staging(version)
    await house.deployed("staging", "backend", "1.0.0")

    change = await house.deployed("production", "backend")

    assert change.plan.operations[0].to.version == "1.2.0"
