"""Nobody is at an alert, so people are told, step by step: once each, by another way when one fails, and truly."""

import asyncio
from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from bot.domain.alertgroup import State as GroupState
from bot.domain.errors import Refused
from bot.domain.escalation import State
from bot.domain.notification import Notification
from bot.ledger import cards, escalations, notifications
from bot.painter.pictures import notification as told_picture
from bot.sandbox.validation import check_blocks
from bot.schedules import escalations as tick
from bot.schedules import overdue
from bot.usecases import alerting, auditing, escalating
from bot.views.kit import Message
from bot.web import alertmanager
from tests.fakes.healthbridge import LAYLA, NDAPEWA, SELMA, TOMAS, HealthBridge
from tests.fakes.monitor import TOKEN, Monitor
from tests.fakes.pager import ScriptedIncidents, ScriptedLetters, pagers
from tests.fakes.shown import bare, buttons, typed
from tests.flow.conftest import Edited

MINUTE = timedelta(minutes=1)
ALERTS = """alerts:
  routes:
    platform: { secret: ALERTS_TOKEN }
  acknowledge: { by: [production-team, on-call], for: 1h }
  call: [on-call]
  escalation:
    lead: production-team
    pagers:
      pagerduty: { kind: pagerduty, routing_key: PD_KEY, webhook: PD_WEBHOOK, people: { PLAYLA: U0LAYLAHA6 } }
      email: { kind: email, host: mail.example, from: slipway@healthbridge.example }
    policies:
      ladder:
        steps:
          - { rotation: primary, by: [pagerduty, email, mention] }
          - { rotation: secondary, by: [mention, email], after: 10m }
          - { team: production-team, by: [dm, email], after: 20m }
    severities: { high: ladder }
on_call:
  kept_by: [production-team]
  contacts:
    U0JOHANNE4: { role: On-call, name: Johannes, email: johannes@healthbridge.example }
    U0LAYLAHA6: { role: On-call, name: Layla, email: layla@healthbridge.example }
  rotations:
    primary:
      zone: Africa/Windhoek
      layers: [{ people: [U0JOHANNE4], starts: 2026-01-05, at: "09:00" }]
      fallback: { person: U0SELMANA3 }
    secondary:
      zone: Africa/Windhoek
      layers: [{ people: [U0LAYLAHA6], starts: 2026-01-05, at: "09:00" }]
      fallback: { person: U0SELMANA3 }

channels:"""


@dataclass
class Town(Monitor):
    """A monitor, the pagers that people carry, and what they were told."""

    incidents: ScriptedIncidents
    letters: ScriptedLetters

    def __init__(self, house: HealthBridge) -> None:
        self.incidents, self.letters = ScriptedIncidents(), ScriptedLetters()
        house.world = replace(house.world, pagers=pagers(self.incidents, self.letters))
        super().__init__(house, alertmanager.route(house.world))

    async def tick(self, after: timedelta = timedelta(0)) -> None:
        """Let time pass, take what is due, and do what follows."""
        self.house.clock.move(after)
        await tick.run(self.house.world)
        await self.house.drain()

    async def fired(self, **labels: str) -> int:
        """Have an alert fire, and take its first step."""
        number = await self.told(self.alert(**labels))
        await self.house.drain()
        await self.tick()
        return number

    async def told_of(self, number: int) -> list[Notification]:
        """What was told of a group, in order."""
        return list(reversed(await notifications.of_group(self.house.world.ledger.reading, number)))

    async def ends(self, number: int) -> list[tuple[str, str, str]]:
        """What was told of a group: the verb, the way, and how it stands."""
        return [(one.verb, one.way, one.state) for one in await self.told_of(number)]

    async def standing(self, number: int) -> State:
        """How the group's newest escalation stands."""
        one = await escalations.newest(self.house.world.ledger.reading, number)
        assert one is not None
        return one.state

    async def message(self, one: Notification, role: str) -> Message:
        """A notification as Slack shows it."""
        async with self.house.world.ledger.transaction() as tx:
            found = await cards.of(tx, f"notification:{one.id}", role)
            assert found is not None
            draw = await told_picture.PICTURE.read(self.house.world, tx, found)
        message = await draw()
        assert check_blocks(list(message.blocks), surface="message") == []
        return message


@pytest.fixture
def town(house: HealthBridge, edited: Edited) -> Town:
    house.with_catalog(edited(("channels:", ALERTS)))
    house.secrets["ALERTS_TOKEN"] = TOKEN
    return Town(house)


async def test_steps_are_taken_when_they_are_due_and_say_who_is_next(town: Town) -> None:
    number = await town.fired()

    assert await town.ends(number) == [("tell", "pagerduty", "delivered")]
    assert "next whoever is on call (secondary)" in bare(await town.card(number))
    assert "PagerDuty" in bare(await town.card(number))

    await town.tick(9 * MINUTE)
    assert len(await town.told_of(number)) == 1
    await town.tick(MINUTE)
    assert [way for _, way, _ in await town.ends(number)] == ["pagerduty", "mention"]
    await town.tick(20 * MINUTE)
    assert [way for _, way, _ in await town.ends(number)] == ["pagerduty", "mention", "dm"]
    assert {state for _, _, state in await town.ends(number)} == {"delivered"}
    assert "everybody in it was told" in bare(await town.card(number))
    await town.tick(120 * MINUTE)
    assert len(await town.told_of(number)) == 3


async def test_who_is_on_call_is_mentioned_in_the_thread_with_the_button_to_say_that_they_are_at_it(town: Town) -> None:
    number = await town.fired()
    await town.tick(10 * MINUTE)

    message = await town.message((await town.told_of(number))[-1], "mention")
    assert f"<@{LAYLA}>" in str(message.blocks)
    assert "on call for secondary" in bare(message)
    assert buttons(message) == {"ack": "Acknowledge", "escalate": "Escalate"}


async def test_what_somebody_was_told_is_painted_anew_when_it_is_no_longer_theirs(town: Town) -> None:
    number = await town.fired()
    await town.tick(10 * MINUTE)
    told = (await town.told_of(number))[-1]
    async with town.house.world.ledger.transaction() as tx:
        hangs = await cards.of(tx, notifications.subject(told.id), "mention")
    assert hangs is not None
    town.house.painted.clear()

    await alerting.acknowledge(town.house.world, number, by=SELMA)
    await town.house.drain()

    assert hangs.id in town.house.painted
    message = await town.message(told, "mention")
    assert "Selma" in bare(message)
    assert f"<@{LAYLA}>" not in str(message.blocks)


async def test_a_team_is_told_one_by_one_and_each_has_a_message_of_their_own(town: Town) -> None:
    number = await town.fired()
    await town.tick(10 * MINUTE)
    await town.tick(20 * MINUTE)

    last = (await town.told_of(number))[-1]
    assert set(last.who) == {LAYLA, SELMA, TOMAS}
    for person in last.who:
        assert "BackendDown" in bare(await town.message(last, f"dm/{person}"))


async def test_what_is_refused_is_told_as_it_is_and_the_next_way_is_tried_at_once(town: Town) -> None:
    town.incidents.trouble.refuses = "Event object is invalid: routing_key"
    number = await town.fired()

    assert await town.ends(number) == [("tell", "pagerduty", "failed"), ("tell", "email", "delivered")]
    said = bare(await town.card(number))
    assert "PagerDuty refused: Event object is invalid: routing_key … trying email" in said
    assert [letter.to for letter in town.letters.letters] == [["johannes@healthbridge.example"]]
    mend = await town.message((await town.told_of(number))[0], "mend")
    assert "<!subteam^S-production-team>" in str(mend.blocks)


async def test_who_is_away_is_asked_again_and_the_next_way_does_not_wait(town: Town) -> None:
    town.incidents.trouble.away = "PagerDuty is in trouble (HTTP 503)"
    number = await town.fired()
    assert [state for _, _, state in await town.ends(number)] == ["due", "delivered"]
    assert "by PagerDuty: PagerDuty is in trouble (HTTP 503) … trying email" in bare(await town.card(number))

    town.incidents.trouble.away = ""
    await town.house.try_again()
    assert [state for _, _, state in await town.ends(number)] == ["delivered", "delivered"]
    assert len(town.letters.letters) == 1


async def test_who_stays_away_has_failed_in_the_end(town: Town) -> None:
    town.incidents.trouble.away = "PagerDuty is in trouble (HTTP 503)"
    number = await town.fired()
    for _ in range(10):
        await town.house.try_again()

    assert [state for _, _, state in await town.ends(number)] == ["failed", "delivered"]
    assert town.house.put_back == []


async def test_an_answer_that_is_lost_is_asked_for_again_under_the_same_key(town: Town) -> None:
    town.incidents.trouble.silent = True
    number = await town.fired()
    assert [state for _, _, state in await town.ends(number)] == ["asked", "delivered"]

    town.incidents.trouble.silent = False
    await town.house.try_again()
    assert [state for _, _, state in await town.ends(number)] == ["delivered", "delivered"]
    assert len(town.incidents.incidents) == 1
    assert len(town.incidents.asked) == 2


async def test_a_letter_without_an_answer_is_unknown_and_is_not_sent_again(town: Town) -> None:
    town.incidents.trouble.refuses = "no"
    town.letters.trouble.silent = True
    number = await town.fired()
    await town.house.try_again()

    assert [state for _, _, state in await town.ends(number)] == ["failed", "unknown", "delivered"]
    assert len(town.letters.letters) == 1
    assert "gave no answer" in bare(await town.card(number))


async def test_when_no_way_works_the_next_step_is_taken_at_once(town: Town, edited: Edited) -> None:
    town.house.with_catalog(edited(("channels:", ALERTS.replace("[pagerduty, email, mention]", "[pagerduty, email]"))))
    town = Town(town.house)
    town.incidents.trouble.refuses = town.letters.trouble.refuses = "no"
    number = await town.fired()
    assert "… the next step is taken" in bare(await town.card(number))

    await town.tick()
    assert [way for _, way, _ in await town.ends(number)] == ["pagerduty", "email", "mention"]


async def test_somebody_is_at_it_so_nobody_is_told_and_the_clock_stands_still(town: Town) -> None:
    number = await town.fired()
    town.house.clock.move(4 * MINUTE)
    await alerting.acknowledge(town.house.world, number, by=SELMA)
    await town.house.drain()
    assert await town.ends(number) == [("tell", "pagerduty", "delivered"), ("acknowledge", "pagerduty", "delivered")]
    assert list(town.incidents.incidents.values()) == ["acknowledged"]
    assert "stands still" in bare(await town.card(number))

    await town.tick(40 * MINUTE)
    assert len(await town.told_of(number)) == 2
    await alerting.take_back(town.house.world, number, by=SELMA)
    await town.house.drain()
    assert sorted(town.incidents.incidents.values()) == ["resolved", "triggered"]

    await town.tick(5 * MINUTE)
    assert "mention" not in [way for _, way, _ in await town.ends(number)]
    await town.tick(MINUTE)
    assert "mention" in [way for _, way, _ in await town.ends(number)]


async def test_when_it_is_over_nobody_is_told_any_more_and_pagerduty_hears_it(town: Town) -> None:
    number = await town.fired()
    await town.told(town.alert(ended=1))
    await town.tick(60 * MINUTE)

    assert await town.standing(number) is State.ENDED
    assert await town.ends(number) == [("tell", "pagerduty", "delivered"), ("resolve", "pagerduty", "delivered")]
    assert list(town.incidents.incidents.values()) == ["resolved"]
    assert "escalate" not in buttons(await town.card(number))


async def test_the_card_says_what_was_told_and_then_who_is_next(town: Town) -> None:
    number = await town.fired()

    said = bare(await town.card(number))
    assert "✓ PagerDuty was told" in said
    assert said.index("✓ PagerDuty was told") < said.index("next whoever is on call (secondary)")


async def test_of_what_a_way_learnt_afterwards_only_the_last_is_said(town: Town) -> None:
    number = await town.fired()
    await alerting.acknowledge(town.house.world, number, by=SELMA)
    await town.house.drain()
    assert "✓ PagerDuty knows that somebody is at it" in bare(await town.card(number))

    await town.told(town.alert(ended=1))
    await town.house.drain()

    said = bare(await town.card(number))
    assert "✓ PagerDuty knows that it is over" in said
    assert "somebody is at it" not in said


async def test_who_acknowledges_before_the_job_runs_spares_the_page(town: Town) -> None:
    number = await town.told(town.alert())
    await tick.run(town.house.world)
    await alerting.acknowledge(town.house.world, number, by=SELMA)
    await town.house.drain()

    assert await town.ends(number) == [("tell", "pagerduty", "dropped")]
    assert town.incidents.asked == []


async def test_something_worse_begins_a_policy_of_its_own(town: Town) -> None:
    number = await town.fired()
    await alerting.acknowledge(town.house.world, number, by=SELMA)
    await town.told(town.alert(instance="b", severity="critical"))
    await town.tick()

    one = await escalations.live(town.house.world.ledger.reading, number)
    assert one is not None
    assert (one.policy.name, one.state, one.severity.word) == ("at-once", State.OPEN, "critical")
    assert sorted(town.incidents.incidents.values()) == ["resolved", "triggered"]


async def test_what_the_catalog_says_later_changes_nothing_for_what_is_open(town: Town, edited: Edited) -> None:
    number = await town.fired()
    before = town.house.world
    town.house.with_catalog(edited(("channels:", ALERTS.replace("after: 10m", "after: 5h"))))
    town.house.world = replace(town.house.world, pagers=before.pagers)
    await town.tick(10 * MINUTE)

    assert [way for _, way, _ in await town.ends(number)] == ["pagerduty", "mention"]


async def test_low_calls_nobody_until_somebody_wants_it(town: Town) -> None:
    number = await town.fired(severity="low")
    assert await town.told_of(number) == []
    assert "escalate" in buttons(await town.card(number))

    answer = await typed(town.house, SELMA, f"/escalate {number}")
    assert isinstance(answer, Message)
    assert "is told now" in bare(answer)
    await town.house.drain()
    assert [one.by_hand for one in await town.told_of(number)] == [SELMA]


async def test_escalate_takes_the_next_step_now_and_once_more_after_the_last(town: Town) -> None:
    number = await town.fired()
    for _ in range(3):
        await escalating.now(town.house.world, number, by=SELMA)
        await town.house.drain()

    assert [one.number for one in await town.told_of(number)] == [0, 1, 2, 0]
    with pytest.raises(Refused, match="Only production-team or on-call may escalate"):
        await escalating.now(town.house.world, number, by=NDAPEWA)
    await town.told(town.alert(ended=1))
    with pytest.raises(Refused, match="Nothing of it fires any more"):
        await escalating.now(town.house.world, number, by=SELMA)
    with pytest.raises(Refused, match="There is no alert group 999"):
        await escalating.now(town.house.world, 999, by=SELMA)


async def test_escalate_while_somebody_is_at_it_tells_the_next_and_leaves_them_at_it(town: Town) -> None:
    number = await town.fired()
    await alerting.acknowledge(town.house.world, number, by=SELMA)
    await escalating.now(town.house.world, number, by=SELMA)
    await town.house.drain()

    assert (await town.told_of(number))[-1].state == "delivered"
    assert (await town.group(number)).state is GroupState.ACKNOWLEDGED
    assert await town.standing(number) is State.HELD


async def test_a_hole_in_the_rotation_reaches_the_fallback_and_who_can_mend_it_is_told(town: Town) -> None:
    del town.house.directory.people[LAYLA]
    number = await town.fired()
    await town.tick(10 * MINUTE)

    one = (await town.told_of(number))[-1]
    assert (one.way, one.state, one.who) == ("mention", "delivered", (SELMA,))
    assert "so its fallback is told" in bare(await town.message(one, "mend"))


async def test_quiet_hours_defer_mentions_of_what_is_not_bad_and_no_page(town: Town, edited: Edited) -> None:
    quiet = ALERTS.replace("  rotations:", '  quiet: { from: "22:00", until: "07:00", woken_by: high }\n  rotations:')
    text = quiet.replace("severities: { high: ladder }", "severities: { high: ladder, medium: ladder }")
    town.house.with_catalog(edited(("channels:", text)))
    town = Town(town.house)
    town.house.clock.move(12 * 60 * MINUTE)  # 23:00 in Windhoek
    number = await town.fired(severity="medium")
    await town.tick(10 * MINUTE)
    assert await town.ends(number) == [("tell", "pagerduty", "delivered"), ("tell", "mention", "deferred")]
    assert "is left in peace until" in bare(await town.card(number))

    await town.told(town.alert(severity="high", instance="worse"))
    await town.tick()
    await town.tick(10 * MINUTE)
    assert (await town.ends(number))[-1] == ("tell", "mention", "delivered")


async def test_who_is_wanted_while_somebody_is_at_it_is_not_lost_in_their_incident(town: Town) -> None:
    number = await town.fired()
    await alerting.acknowledge(town.house.world, number, by=SELMA)
    await town.house.drain()
    for _ in range(3):
        await escalating.now(town.house.world, number, by=SELMA)
        await town.house.drain()

    assert sorted(town.incidents.incidents.values()) == ["acknowledged", "triggered"]
    await town.told(town.alert(ended=1))
    await town.house.drain()
    assert set(town.incidents.incidents.values()) == {"resolved"}


async def test_an_empty_team_is_passed_over_at_once_and_said(town: Town, edited: Edited) -> None:
    text = ALERTS.replace("{ rotation: secondary, by: [mention, email], after: 10m }", "{ team: qa, after: 10m }")
    town.house.with_catalog(edited(("channels:", text)))
    town = Town(town.house)
    town.house.directory.groups["qa"] = frozenset()
    number = await town.fired()
    await town.tick(10 * MINUTE)
    await town.tick()

    ends = await town.ends(number)
    assert [way for _, way, state in ends if state == "failed"] == ["mention", "dm", "email"]
    assert ends[-1] == ("tell", "dm", "delivered")
    assert "Nobody is in the team qa" in bare(await town.message((await town.told_of(number))[1], "mend"))


async def test_three_replicas_that_tick_at_one_moment_take_each_step_once(town: Town) -> None:
    numbers = []
    for one in range(20):
        payload = town.payload(town.alert(instance=str(one))) | {"groupKey": f"key-{one}"}
        numbers.append((await town.tell(payload))[1]["group"])

    await asyncio.gather(*(tick.run(town.house.world) for _ in range(3)))
    await town.house.drain()

    assert Counter(key for verb, key in town.incidents.asked if verb == "tell").most_common(1)[0][1] == 1
    assert len(town.incidents.incidents) == len(set(numbers)) == 20


async def test_what_is_overdue_is_said_in_the_channel_once_and_taken_all_the_same(town: Town) -> None:
    number = await town.told(town.alert())
    town.house.clock.move(5 * MINUTE)
    await overdue.run(town.house.world)
    await overdue.run(town.house.world)

    rows = await town.house.world.ledger.single.say("SELECT subject FROM cards WHERE subject LIKE 'overdue:%%'", {})
    assert len(rows) == 1
    assert (await auditing.audit(town.house.world)).steps == 1
    await town.tick()
    assert not (await auditing.audit(town.house.world)).late
    assert (await town.told_of(number))[0].late == 300
    assert "(5 min late)" in bare(await town.card(number))


async def test_a_job_that_was_lost_is_taken_up_by_the_audit(town: Town) -> None:
    number = await town.told(town.alert())
    await tick.run(town.house.world)
    (one,) = await town.told_of(number)
    await town.house.put_off("notify", one.id)
    await town.house.drain()
    assert town.incidents.asked == []

    town.house.clock.move(11 * timedelta(seconds=1))
    await overdue.run(town.house.world)
    await town.house.drain()
    assert [state for _, _, state in await town.ends(number)] == ["delivered"]


async def test_what_was_due_while_the_bot_was_down_for_a_day_pages_only_for_what_fires_still(town: Town) -> None:
    ended, fires = [await _in_group_of_its_own(town, name) for name in ("Ended", "Fires")]
    await town.tick()
    assert len(town.incidents.pages) == 2

    town.house.clock.move(timedelta(days=1))
    for _ in range(3):
        await town.tick()
    assert len(await town.told_of(ended)) == len(await town.told_of(fires)) == 1
    await town.tell(town.payload(town.alert("Ended", began=-1500, ended=-5)) | {"groupKey": "Ended"})
    await town.tick(4 * MINUTE)
    assert [one.verb for one in await town.told_of(ended)] == ["tell", "resolve"]
    assert len(await town.told_of(fires)) == 1
    await town.tick(2 * MINUTE)
    assert [one.way for one in await town.told_of(fires)] == ["pagerduty", "mention"]


async def _in_group_of_its_own(town: Town, name: str) -> int:
    status, said = await town.tell(town.payload(town.alert(name)) | {"groupKey": name})
    assert status == 200
    await town.house.drain()
    return int(str(said["group"]))
