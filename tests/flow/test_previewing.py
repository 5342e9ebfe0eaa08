"""A dry run shows what the backend says it would change, and honestly what it could not be asked."""

from dataclasses import replace

from bot.domain.errors import NeverBuilt
from bot.domain.masking import Mask
from bot.painter.replies import drawn
from bot.sandbox.validation import check_blocks
from tests.fakes.backend import ScriptedBackend
from tests.fakes.fuse import Fuse, FusedBackend
from tests.fakes.healthbridge import HealthBridge


async def looked(house: HealthBridge, *words: str) -> list[str]:
    """Return the lines of what `/deploy staging words… --dry-run` answers."""
    answer = await house.deploy("staging", *(words or ("backend",)), dry_run=True)
    assert answer.reply is not None
    message = await drawn(house.world, answer.reply)
    assert check_blocks(list(message.blocks), surface="message") == []
    return message.text.split("\n")


async def test_what_would_change_is_said_and_nothing_is_changed(house: HealthBridge) -> None:
    house.source.commit("backend", "1.0.0")

    lines = await looked(house)

    assert "version: nothing → 1.0.0" in lines
    assert house.effects() == []


async def test_that_nothing_would_change_is_said(house: HealthBridge) -> None:
    house.source.commit("backend", "1.0.0")
    await house.deployed("staging", "backend")

    assert "nothing would change there" in await looked(house, "backend", "1.0.0")


async def test_each_service_has_its_own(house: HealthBridge) -> None:
    for service in ("backend", "frontend"):
        house.source.commit(service, "1.0.0")
    house.backend.would = ["image: a → b"]

    assert (await looked(house, "1.0.0")).count("image: a → b") == 2


async def test_secrets_are_covered_and_what_is_too_long_is_clipped(house: HealthBridge) -> None:
    house.world = replace(house.world, mask=Mask(["a-secret-value"]))
    house.source.commit("backend", "1.0.0")
    house.backend.would = ["url: a-secret-value", "y" * 5000, *(f"line {number}" for number in range(100))]

    lines = await looked(house)

    assert "url: •••" in lines
    assert f"{'y' * 299}…" in lines
    assert "… and 62 more lines" in lines
    assert len("\n".join(lines)) < 3000


async def test_a_backend_that_does_not_tell_is_not_asked(house: HealthBridge) -> None:
    house.source.commit("backend", "1.0.0")
    house.world = replace(house.world, backends={"scripted": FusedBackend(ScriptedBackend(), Fuse())})

    lines = await looked(house)

    assert not any("would change" in line for line in lines)
    assert "gates: drift, reachable pass" in lines


async def test_a_backend_that_cannot_be_asked_takes_nothing_from_the_plan(house: HealthBridge) -> None:
    house.source.commit("backend", "1.0.0")
    house.backend.down = "connection refused"

    lines = await looked(house)

    assert "What would change could not be asked: connection refused" in lines
    assert any(line.startswith("backend  nothing → 1.0.0") for line in lines)


async def test_what_is_built_on_the_way_is_no_fault(house: HealthBridge) -> None:
    house.source.commit("backend", "1.0.0")
    house.backend.would = NeverBuilt("backend 1.0.0 was never built, so there is no image to run")

    lines = await looked(house)

    assert "it would be built first; what would change there can be told after that" in lines
    assert not any("never built" in line for line in lines)
