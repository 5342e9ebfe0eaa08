"""Steps that run programs: beside Slipway, or where the target runs, and refused where that cannot be."""

from dataclasses import replace

import pytest

from bot.domain.target import Target
from bot.ports import Invocation
from tests.fakes.backend import Ending, ScriptedPlace, ScriptedRunner
from tests.fakes.fuse import Fuse
from tests.fakes.healthbridge import NDAPEWA, HealthBridge
from tests.fakes.runner import built
from tests.flow.conftest import Edited

STEPS = "      backend: { backend: { kind: scripted }, steps: [build, apply] }"
HERE = Target("backend", "development")


def there(*steps: str) -> tuple[str, str]:
    """Give the backend in development steps before it is applied."""
    return STEPS, STEPS.replace("[build, apply]", f"[build, {', '.join(steps)}, apply]")


@pytest.fixture
def place(house: HealthBridge) -> ScriptedPlace:
    """Give the house a backend that runs programs where its targets run."""
    made = ScriptedPlace(ScriptedRunner(house.clock))
    house.backend = made
    house.world = replace(house.world, backends={"scripted": made})
    return made


@pytest.mark.parametrize("word", ["command", "migrate", "backup"])
async def test_a_step_runs_where_the_target_runs_with_the_release_and_its_log_is_read_there(
    house: HealthBridge, place: ScriptedPlace, edited: Edited, word: str
) -> None:
    house.with_catalog(edited(there(f"{word}: {{ run: [say, hello from there], where: target }}")))
    house.source.commit("backend", "1.0.0")

    change = await house.deployed("development", "backend")

    assert change.state == "succeeded"
    assert place.asked == {(HERE, "1.0.0")}
    assert [invocation.argv for _, invocation in place.there.starts] == [("say", "hello from there")]
    assert [invocation.argv[0] for _, invocation in house.runner.starts] == ["build"]
    assert "hello from there" in await house.log_of(await house.op(change))


async def test_without_a_word_of_it_a_step_runs_beside_slipway(
    house: HealthBridge, place: ScriptedPlace, edited: Edited
) -> None:
    house.with_catalog(edited(there("migrate: { run: [say, hello] }")))
    house.source.commit("backend", "1.0.0")

    change = await house.deployed("development", "backend")

    assert place.there.starts == []
    assert "hello" in await house.log_of(await house.op(change))


async def test_a_backend_that_runs_no_programs_blocks_the_change_and_says_the_way_out(
    house: HealthBridge, edited: Edited
) -> None:
    house.with_catalog(edited(there("migrate: { run: [x], where: target }")))
    house.source.commit("backend", "1.0.0")

    change = await house.deployed("development", "backend")

    assert change.state == "blocked"
    assert change.words == (
        "backend/development: step migrate: a backend of kind scripted runs no programs of steps; "
        "leave out “where: target”, and it runs beside Slipway"
    )
    assert house.runner.starts == []


async def test_what_fails_there_fails_the_operation_before_anything_moves(
    house: HealthBridge, place: ScriptedPlace, edited: Edited
) -> None:
    house.with_catalog(edited(there("migrate: { run: [x], where: target }")))
    house.source.commit("backend", "1.0.0")
    place.there.then(Ending(3, log="no such table\n"))

    change = await house.deployed("development", "backend")

    op = await house.op(change)
    assert op.reason == "migrate: it ended with exit code 3"
    assert "no such table" in await house.log_of(op)
    assert house.effects(environment="development") == []


@pytest.mark.parametrize("place_of_death", range(1, 40, 3))
async def test_killed_anywhere_it_runs_there_once(
    house: HealthBridge, place: ScriptedPlace, edited: Edited, place_of_death: int
) -> None:
    house.with_catalog(edited(there("migrate: { run: [x], where: target }")))
    house.source.commit("backend", "1.0.0")
    await house.take("deploy", NDAPEWA, {"environment": "development", "words": ["backend"]})

    if await house.until_killed(Fuse(at=place_of_death)):
        await house.restart()
        await house.drain()

    assert await house.live("backend", "development") == "1.0.0"
    assert len(place.there.starts) == 1


async def test_a_program_finds_the_secrets_that_the_catalog_names_and_its_log_covers_them(
    house: HealthBridge, edited: Edited
) -> None:
    house.secrets["DB_DEVELOPMENT"] = "postgresql://bridge:correct-horse@db/health"
    house.with_catalog(edited(there("migrate: { run: [x], secrets: { DATABASE_URL: DB_DEVELOPMENT } }")))
    house.source.commit("backend", "1.0.0")
    house.runner.then(built(Invocation(["build", "backend"])))
    house.runner.then(Ending(log="cannot log in with correct-horse\n"))

    change = await house.deployed("development", "backend")

    assert house.runner.starts[-1][1].environment["DATABASE_URL"] == "postgresql://bridge:correct-horse@db/health"
    log = await house.log_of(await house.op(change))
    assert "cannot log in with •••" in log
    assert "correct-horse" not in change.plan.text


async def test_a_secret_that_is_missing_fails_the_step_and_says_which(house: HealthBridge, edited: Edited) -> None:
    house.with_catalog(edited(there("migrate: { run: [x], secrets: { DATABASE_URL: DB_DEVELOPMENT } }")))
    house.source.commit("backend", "1.0.0")

    change = await house.deployed("development", "backend")

    assert (await house.op(change)).reason.startswith("migrate: the secret DB_DEVELOPMENT is not set")
    assert house.effects(environment="development") == []
