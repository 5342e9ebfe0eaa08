"""Rotations that are imported: taken into the ledger, held while the other system is away, and matched with people."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from bot.domain.errors import Retry
from bot.domain.rota import Why
from bot.ports import Told
from bot.schedules import rosters, rotaholes
from bot.usecases import oncall
from bot.usecases.oncall import Shift
from bot.views.kit import Message
from tests.fakes.healthbridge import JOHANNES, LAYLA, NDAPEWA, SELMA, HealthBridge
from tests.fakes.monitor import ALERTS
from tests.fakes.shown import bare, typed
from tests.flow.conftest import Edited

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ON_CALL = f"""on_call:
  contacts:
    {JOHANNES}: {{ role: Infrastructure Engineer, name: Johannes ǃGaeb, email: johannes@healthbridge.example }}
    {LAYLA}: {{ role: Security Engineer, name: Layla Haddad, email: layla@healthbridge.example }}
  kept_by: [production-team]
  rotations:
    platform:
      zone: Africa/Windhoek
      import: {{ pagerduty: {{ schedule: PI7DH85, token: PAGERDUTY_KEY }} }}
      fallback: {{ person: {SELMA} }}

channels:"""


@dataclass
class ScriptedRoster:
    """Implements `bot.ports.Roster`."""

    told: list[Told] = field(default_factory=list)
    fails: Retry | None = None
    asked: int = 0

    async def spans(self, *, since: datetime, until: datetime) -> Sequence[Told]:  # noqa: ARG002 - it says what it says
        """See `bot.ports.Roster`."""
        self.asked += 1
        if self.fails is not None:
            raise self.fails
        return self.told


@pytest.fixture
def duty(house: HealthBridge, edited: Edited) -> HealthBridge:
    house.with_catalog(edited(("channels:", f"{ALERTS}\n"), ("channels:", ON_CALL)))
    return house


@pytest.fixture
def roster(duty: HealthBridge) -> ScriptedRoster:
    made = ScriptedRoster()
    duty.world = replace(duty.world, rosters={"platform": made})
    return made


async def who(house: HealthBridge) -> Shift | None:
    async with house.world.ledger.transaction() as tx:
        return await oncall.who(house.world, tx, "platform", tx.now)


async def shown(house: HealthBridge) -> str:
    answer = await typed(house, NDAPEWA, "/oncall")
    assert isinstance(answer, Message)
    return bare(answer)


@pytest.mark.parametrize(
    "said",
    [
        ("JOHANNES@healthbridge.example", "Johnny"),
        ("Johannes ǃGaeb",),
        ("On call: johannes ǃgaeb (primary)",),
        (JOHANNES,),
        ("elsewhere@healthbridge.example", "Johannes  ǃGaeb"),
    ],
)
async def test_who_is_meant_is_known_by_email_name_or_id(
    duty: HealthBridge, roster: ScriptedRoster, said: tuple[str, ...]
) -> None:
    now = duty.clock.now()
    roster.told = [Told(now - HOUR, now + DAY, said)]

    await rosters.run(duty.world)

    assert await who(duty) == Shift(JOHANNES, now + DAY, Why.IMPORTED, (JOHANNES,))


@pytest.mark.parametrize("said", [("Jane Doe", "jane@x.example"), ("Layla Haddad and Johannes ǃGaeb",), ("Laylas",)])
async def test_whom_nobody_knows_is_a_hole_and_it_is_said_how_to_mend_it(
    duty: HealthBridge, roster: ScriptedRoster, said: tuple[str, ...]
) -> None:
    now = duty.clock.now()
    roster.told = [Told(now, now + DAY, said)]

    await rosters.run(duty.world)

    shift = await who(duty)
    assert shift is not None
    assert (shift.person, shift.why) == (SELMA, Why.FALLBACK)
    assert f"The import names “{' · '.join(said)}”, and no contact has that name or email" in await shown(duty)


async def test_while_it_is_away_what_it_said_holds_and_that_is_said(duty: HealthBridge, roster: ScriptedRoster) -> None:
    now = duty.clock.now()
    roster.told = [Told(now, now + DAY, ("layla@healthbridge.example",))]
    await rosters.run(duty.world)

    roster.fails = Retry("PagerDuty answers 502")
    duty.clock.move(HOUR)
    await rosters.run(duty.world)

    shift = await who(duty)
    assert shift is not None
    assert shift.person == LAYLA
    assert "It cannot be imported: PagerDuty answers 502; what it said" in await shown(duty)
    roster.fails, roster.told = None, [Told(now, now + DAY, ("johannes@healthbridge.example",))]
    await rosters.run(duty.world)
    shift = await who(duty)
    assert shift is not None
    assert shift.person == JOHANNES
    assert "cannot be imported" not in await shown(duty)


async def test_it_is_asked_every_five_minutes_and_no_more_often(duty: HealthBridge, roster: ScriptedRoster) -> None:
    for _ in range(11):
        await rosters.run(duty.world)
        duty.clock.move(timedelta(minutes=1))

    assert roster.asked == 3


async def test_before_it_has_said_anything_nobody_is_told_of_holes(duty: HealthBridge, roster: ScriptedRoster) -> None:
    roster.fails = Retry("PagerDuty answers 502")

    await rosters.run(duty.world)
    await rotaholes.run(duty.world)

    rows = await duty.world.ledger.single.say(
        "SELECT subject FROM cards WHERE subject LIKE %(one)s", {"one": "rotahole%"}
    )
    assert list(rows) == []
    assert "nobody is on call" in await shown(duty)
