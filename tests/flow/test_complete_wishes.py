"""What is typed as a trial never becomes a deed, and a moment nobody can mean is refused in words."""

import pytest

from bot.app import _secrets
from bot.command import Context
from bot.domain.errors import Refused
from bot.painter.replies import drawn
from bot.settings import read
from commands.releases import moment
from commands.rollback import Args, run
from tests.fakes.healthbridge import TOMAS, HealthBridge


def in_slack(house: HealthBridge) -> Context:
    return Context(house.world, TOMAS, "C1", "key")


async def test_a_dry_run_of_a_rollback_opens_no_window_and_needs_no_reason(house: HealthBridge) -> None:
    for version in ("1.0.0", "1.1.0"):
        house.source.commit("backend", version)
        await house.deployed("staging", "backend")

    assert await run(Args(environment="staging", words=("backend",), dry_run=True), in_slack(house)) is None
    await house.drain()

    assert "asked for now, it would start at once" in (await drawn(house.world, house.told[-1])).text
    assert await house.live("backend", "staging") == "1.1.0"


async def test_a_service_that_is_misspelt_is_named(house: HealthBridge) -> None:
    with pytest.raises(Refused, match=r"no service “backnd”\. Did you mean `/rollback staging backend`\?"):
        await run(Args(environment="staging", words=("backnd",)), in_slack(house))


@pytest.mark.parametrize("words", ["99999999d ago", "0001-01-01 00:00", "the day before"])
async def test_a_moment_that_nobody_can_mean_is_refused_in_words(house: HealthBridge, words: str) -> None:
    with pytest.raises(Refused, match="is not a time I can read"):
        await moment(words, in_slack(house))


def test_the_password_in_the_databases_address_is_a_secret_by_itself() -> None:
    settings = read({"database_url": "postgresql://slipway:p%40ss-of-nobody@db/slipway"}, env_file=None)

    assert {"p%40ss-of-nobody", "p@ss-of-nobody"} <= set(_secrets(settings))
