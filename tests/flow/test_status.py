"""`/status` says what needs somebody first, and then what is live, since when and by whom."""

from datetime import timedelta

from bot.domain.target import Target
from bot.schedules import drift
from bot.usecases import decisions
from tests.fakes.backend import Behaviour
from tests.fakes.healthbridge import NDAPEWA, SELMA, TOMAS, HealthBridge
from tests.fakes.shown import bare, status
from tests.flow.conftest import Edited

SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
HEALTH = "http://backend.staging/health"
HTTP = """          - bake: { http: "http://backend.staging/health", for: 3s }
      frontend:"""
BLIND = (  # a bake that never sees what it watches
    ("organisation: HealthBridge\n", "organisation: HealthBridge\nprometheus: { url: 'http://metrics:9090' }\n"),
    (HTTP, "          - bake: { conditions: [error_rate], for: 3s, blind: 10s }\n      frontend:"),
)


async def lines(house: HealthBridge, line: str = "/status staging") -> list[str]:
    return bare(await status(house, NDAPEWA, line)).split("\n")


async def deployed(house: HealthBridge, version: str, by: str = NDAPEWA) -> int:
    house.source.commit("backend", version)
    return (await house.deployed("staging", "backend", by=by)).id


async def test_what_is_live_is_said_with_since_when_and_by_whom(house: HealthBridge) -> None:
    await deployed(house, "1.0.0")
    house.clock.move(3 * HOUR)

    assert await lines(house) == [
        "staging",
        "backend 1.0.0 · 3h · Ndapewa Shilongo",
        "nothing yet: frontend",
        "By the ledger; not looked at since the last operation there: backend/staging.",
    ]


async def test_who_brings_the_same_again_has_not_brought_it_there(house: HealthBridge) -> None:
    await deployed(house, "1.0.0")
    house.clock.move(3 * HOUR)
    await house.deployed("staging", "backend", "1.0.0", by=TOMAS)

    assert "backend 1.0.0 · 3h · Ndapewa Shilongo" in await lines(house)


async def test_what_failed_and_was_left_running_is_said_on_top_with_its_card(house: HealthBridge) -> None:
    await deployed(house, "1.0.0")
    house.probe.sick(HEALTH, "HTTP 500")
    change = await deployed(house, "1.1.0")

    message = await status(house, TOMAS, "/status staging")
    told = bare(message).split("\n")
    assert told[0] == "Needs somebody"
    assert told[1].startswith(f"❌ backend/staging runs 1.1.0, which failed and was left running (change {change}): ")
    assert told[1].endswith("HTTP 500")
    assert any(line.startswith("❌ backend 1.1.0") for line in told[2:])
    assert f"|change {change}>" in str(message.blocks[0])


async def test_what_is_held_off_is_said_with_since_when_by_whom_and_why(house: HealthBridge) -> None:
    await deployed(house, "1.0.0")
    await deployed(house, "1.1.0")
    await house.rolled_back("staging")
    house.clock.move(2 * HOUR)

    assert "⛔ 1.1.0 held off 2h ago by Tomas Müller: Critical bug: the search is empty" in await lines(house)


async def test_what_is_held_off_and_older_than_what_is_live_is_no_news(house: HealthBridge) -> None:
    await deployed(house, "1.0.0")
    await deployed(house, "1.1.0")
    await house.rolled_back("staging")
    house.clock.move(HOUR)
    await deployed(house, "1.2.0")

    assert not any("held off" in line for line in await lines(house))


async def test_what_is_unknown_comes_first_and_is_not_said_to_be_live(house: HealthBridge) -> None:
    await deployed(house, "1.0.0")
    house.backend.then(Behaviour.FORGET)
    change = await deployed(house, "1.1.0")

    told = await lines(house)
    assert told[:2] == [
        "Needs somebody",
        (
            f"❓ backend/staging is unknown: change {change} by Ndapewa Shilongo was bringing 1.1.0; apply: what was "
            "asked for is no longer known there. Look there, and settle it on its card."
        ),
    ]
    assert any(line.startswith("❓ backend unknown; before 1.0.0") for line in told)


async def test_a_change_of_which_a_part_failed_waits_for_a_word(house: HealthBridge) -> None:
    house.source.commit("backend", "1.0.0")
    house.source.commit("frontend", "1.0.0")
    house.backend.then(Behaviour.REFUSE, "no room")
    change = await house.deployed("staging")

    told = await lines(house)
    assert told[1] == (
        f"⚠️ change {change.id} · Deploy to staging: failed in part; the rest waits for a word on its card"
    )
    assert "Going on" not in told


async def test_what_runs_and_what_waits_is_said_with_how_far_it_is(house: HealthBridge) -> None:
    await house.good_in_staging("1.0.0")
    waiting = await house.deployed("production", "backend")
    await decisions.approve(house.world, waiting.id, by=SELMA)
    house.source.commit("backend", "1.1.0")
    seen: list[list[str]] = []

    async def look() -> None:
        seen.append(await lines(house, "/status"))

    house.clock.at(2 * SECOND, look)
    running = await house.deployed("staging", "backend")

    assert seen[0][0] == "Going on"
    assert seen[0][1].startswith(f"🟡 change {waiting.id} · Deploy to production · has 1 of 2 approvals until ")
    assert seen[0][2] == f"🔵 change {running.id} · Deploy to staging · backend 1.1.0, bake 2s · Ndapewa Shilongo"


async def test_drift_says_what_was_put_there_and_what_runs(house: HealthBridge) -> None:
    await deployed(house, "1.0.0")
    house.backend.drift(Target("backend", "staging"), "0.9.0", "sha256:" + "9" * 64)
    await drift.SCHEDULE.run(house.world)

    told = await lines(house)
    assert told[1] == "⚠️ backend/staging drifts: 1.0.0 was put there; 0.9.0 runs there"
    assert any(line.startswith("⚠️ backend 1.0.0") for line in told[2:])


async def test_what_is_unknown_while_it_was_watched_does_not_call_its_own_version_the_one_before(
    house: HealthBridge, edited: Edited
) -> None:
    await deployed(house, "1.2.0")
    house.with_catalog(edited(*BLIND))
    await deployed(house, "1.4.0")

    assert await house.live("backend", "staging") == "1.4.0"
    assert any(line.startswith("❓ backend unknown; before 1.2.0 · ") for line in await lines(house))


async def test_where_it_was_looked_and_where_not_since_the_last_operation_is_said(house: HealthBridge) -> None:
    await deployed(house, "1.0.0")
    await drift.SCHEDULE.run(house.world)
    house.clock.move(16 * SECOND)
    house.source.commit("frontend", "1.0.0")
    await house.deployed("staging", "frontend")

    last = (await lines(house))[-1]
    assert last.startswith("By the ledger; the targets were looked at ")
    assert last.endswith(" ago; not looked at since the last operation there: frontend/staging.")


async def test_of_a_failed_check_the_status_and_the_first_words_are_said(house: HealthBridge) -> None:
    await deployed(house, "1.0.0")
    house.probe.sick(HEALTH, 'HTTP 500: {"status": "down", "why": "the index is empty"}')
    await deployed(house, "1.1.0")

    assert (await lines(house))[1].endswith("HTTP 500: status: down, why: the index is empty")
