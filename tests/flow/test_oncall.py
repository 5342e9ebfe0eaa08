"""Who is on call, as people see it: now and next, overrides, swaps, holes, hand-offs, and whose phone number it is."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.alert import Severity
from bot.domain.errors import Refused
from bot.domain.rota import Why
from bot.ledger import cards, rotas
from bot.ports import Person
from bot.sandbox.validation import check_blocks
from bot.schedules import digests, handoffs, rotaholes
from bot.usecases import alerting, oncall
from bot.usecases.oncall import Shift
from bot.views.kit import Message
from bot.web import alertmanager
from tests.fakes.healthbridge import JOHANNES, LAYLA, MARIA, NDAPEWA, SELMA, TOMAS, HealthBridge
from tests.fakes.monitor import ALERTS, TOKEN, Monitor
from tests.fakes.pictured import pictured
from tests.fakes.shown import bare, buttons, typed
from tests.flow.conftest import Edited

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PHONE = "+264 81 555 0104"
ON_CALL = f"""on_call:
  contacts:
    {JOHANNES}:
      {{ role: Infrastructure Engineer, name: Johannes ǃGaeb, email: johannes@healthbridge.example, phone: "{PHONE}" }}
    {LAYLA}: {{ role: Security Engineer, name: ليلى حداد, email: layla@healthbridge.example, zone: Asia/Dubai }}
  phones_to: [on-call, production-team]
  kept_by: [production-team]
  rotations:
    platform:
      zone: Africa/Windhoek
      layers:
        - {{ people: [{JOHANNES}, {LAYLA}], starts: 2026-03-02, at: "09:00" }}
      fallback: {{ person: {SELMA} }}
    office:
      zone: Africa/Windhoek
      layers:
        - {{ people: [{MARIA}], starts: 2026-01-05, at: "09:00", hours: {{ from: "08:00", until: "17:00" }} }}
      fallback: {{ team: production-team }}
      routes: [quiet]
  quiet: {{ from: "22:00", until: "07:00", woken_by: high }}

channels:"""


@pytest.fixture
def duty(house: HealthBridge, edited: Edited) -> HealthBridge:
    house.with_catalog(edited(("channels:", f"{ALERTS}\n"), ("channels:", ON_CALL)))
    house.secrets["ALERTS_TOKEN"] = TOKEN
    return house


@pytest.fixture
def monitor(duty: HealthBridge) -> Monitor:
    return Monitor(duty, alertmanager.route(duty.world))


async def said(house: HealthBridge, person: str, line: str) -> str:
    answer = await typed(house, person, line)
    assert isinstance(answer, Message)
    assert check_blocks(list(answer.blocks), surface="message") == []
    return bare(answer)


async def who(house: HealthBridge, rotation: str = "platform", after: timedelta = timedelta(0)) -> Shift | None:
    async with house.world.ledger.transaction() as tx:
        return await oncall.who(house.world, tx, rotation, tx.now + after)


async def subjects(house: HealthBridge, kind: str) -> list[str]:
    """What is pictured, of a kind, in the order in which it was told."""
    query = "SELECT subject FROM cards WHERE split_part(subject, ':', 1) = %(kind)s ORDER BY id"
    return [str(row["subject"]) for row in await house.world.ledger.single.say(query, {"kind": kind})]


async def test_who_is_on_call_and_until_when(duty: HealthBridge) -> None:
    shift = await who(duty)

    assert shift == Shift(JOHANNES, datetime(2026, 3, 9, 7, tzinfo=UTC), Why.ROTATION, (JOHANNES,))
    assert (await who(duty, after=8 * DAY)) == Shift(
        LAYLA, datetime(2026, 3, 16, 7, tzinfo=UTC), Why.ROTATION, (LAYLA,)
    )


async def test_oncall_says_who_it_is_now_and_next_for_each_rotation(duty: HealthBridge) -> None:
    shown = await said(duty, NDAPEWA, "/oncall")

    assert "platform · Johannes ǃGaeb is on call until <!date^1773039600^" in shown
    assert "Next: \u2068ليلى حداد\u2069 from <!date^1773039600^" in shown
    assert "office · Maria dos Santos is on call until" in shown


async def test_what_comes_next_for_one_rotation_is_said_once(duty: HealthBridge) -> None:
    shown = await said(duty, NDAPEWA, "/oncall platform")

    assert shown.count("Next") == 1
    assert shown.count("<!date^1773039600^") == 2  # until when it is somebody's, and from when the next one's


async def test_a_phone_number_is_whispered_to_whom_the_catalog_says_and_to_nobody_else(duty: HealthBridge) -> None:
    for line in ("/oncall", "/oncall platform", "/oncall contacts"):
        assert PHONE in await said(duty, LAYLA, line)
        assert PHONE in await said(duty, TOMAS, line)
        assert PHONE not in await said(duty, NDAPEWA, line)
        assert "johannes@healthbridge.example" in await said(duty, NDAPEWA, line)

    duty.directory.down = "Slack is away"
    assert PHONE not in await said(duty, LAYLA, "/oncall contacts")


async def test_no_card_holds_a_phone_number(duty: HealthBridge, monitor: Monitor) -> None:
    number = await monitor.told(monitor.alert())
    await handoffs.run(duty.world)
    await typed(duty, TOMAS, "/oncall override platform @johannes now for 4h")
    duty.clock.move(8 * DAY)
    await handoffs.run(duty.world)

    told = [await pictured(duty, one) for kind in ("handoff", "override") for one in await subjects(duty, kind)]
    assert len(told) == 2
    assert all(PHONE not in json.dumps(list(message.blocks)) + message.text for message in told)
    assert PHONE not in json.dumps(list((await monitor.card(number)).blocks))


async def test_an_override_holds_for_its_time_and_is_told_to_whom_it_is_about(duty: HealthBridge) -> None:
    shown = await said(duty, JOHANNES, "/oncall override platform @layla 18:00 until 22:00")

    assert "is on call for platform" in shown
    assert (await who(duty, after=8 * HOUR)) == Shift(
        LAYLA, datetime(2026, 3, 2, 20, tzinfo=UTC), Why.OVERRIDE, (LAYLA,)
    )
    assert (await who(duty)) == Shift(JOHANNES, datetime(2026, 3, 2, 16, tzinfo=UTC), Why.ROTATION, (JOHANNES,))
    card = await pictured(duty, "override:1")
    assert f"<@{LAYLA}>" in json.dumps(list(card.blocks))
    assert buttons(card) == {"take_back": "Take back"}
    assert await duty.happened("override:1") == ["rota.overridden"]


@pytest.mark.parametrize(
    ("line", "until"),
    [
        ("platform me now for 4h", 4),
        ("platform me for 4 hours", 4),
        ("platform @tomas from now until 18:00", 8),
        ("platform tomas now till 18:00", 8),
        (f"platform <@{TOMAS}> now to tomorrow 1am", 15),
        (f"platform {TOMAS} now for 1d 2h", 26),
        ("platform “Tomas Müller” now for 2 days and 1h", 49),
    ],
)
async def test_it_is_said_as_people_say_it(duty: HealthBridge, line: str, until: int) -> None:
    """Tomas is in Berlin, where it is ten."""
    await typed(duty, TOMAS, f"/oncall override {line}")

    shift = await who(duty)
    assert shift is not None
    assert (shift.person, shift.until - duty.clock.now()) == (TOMAS, until * HOUR)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("", "Say for which rotation, whom, from when and until when"),
        ("platform", "Say for which rotation, whom, from when and until when"),
        ("platfrom @layla now for 4h", "There is no rotation “platfrom”; did you mean “platform”"),
        ("platform @layla", "Say until when, or for how long"),
        ("platform @layla now", "Say until when, or for how long"),
        ("platform @layla now for ever", "“ever” is not how long"),
        ("platform @layla now for 0h", "It would end before it begins"),
        ("platform @layla now for 99999999999w", "is too long"),
        ("platform @layla now for 100 days", "longer than 92 days"),
        ("platform @layla someday until 22:00", "“someday” is not a time I can read"),
        ("platform @layla 2026-01-01 until 22:00", "has passed"),
        ("platform @nobody now for 4h", "I know nobody called “@nobody” here"),
        ("platform U0STRANGER now for 4h", "Slack knows nobody with the id U0STRANGER"),
    ],
)
async def test_what_is_wrong_is_said_and_nothing_is_changed(duty: HealthBridge, line: str, told: str) -> None:
    with pytest.raises(Refused, match=told):
        await typed(duty, SELMA, f"/oncall override {line}")

    assert await subjects(duty, "override") == []


async def test_a_name_that_two_have_is_asked_back(duty: HealthBridge) -> None:
    duty.directory.people[LAYLA] = Person(LAYLA, "Johannes Haddad", "Asia/Dubai")

    with pytest.raises(Refused, match="“@Johannes” may be Johannes Haddad or Johannes ǃGaeb; write the whole name"):
        await typed(duty, SELMA, "/oncall override platform @Johannes now for 4h")


async def test_who_has_left_slack_cannot_be_put_on(duty: HealthBridge) -> None:
    duty.directory.people[MARIA] = Person(MARIA, "Maria dos Santos", deleted=True)

    with pytest.raises(Refused, match="Maria dos Santos has left this workspace"):
        await typed(duty, SELMA, f"/oncall override platform {MARIA} now for 4h")


async def test_who_has_nothing_to_do_with_a_rotation_changes_nothing(duty: HealthBridge) -> None:
    with pytest.raises(Refused, match="Only production-team may change who is on call for platform"):
        await typed(duty, NDAPEWA, "/oncall override platform me now for 4h")


async def test_of_two_overrides_the_newer_counts_and_that_is_said(duty: HealthBridge) -> None:
    await typed(duty, SELMA, "/oncall override platform @layla now for 8h")

    shown = await said(duty, SELMA, "/oncall override platform @tomas now for 2h")

    assert "It counts more than override 1" in shown
    assert "because it is newer" in shown
    first, then = await who(duty), await who(duty, after=3 * HOUR)
    assert first is not None
    assert then is not None
    assert (first.person, first.until, then.person) == (TOMAS, duty.clock.now() + 2 * HOUR, LAYLA)


async def test_what_is_taken_back_holds_no_longer_and_only_once(duty: HealthBridge) -> None:
    await typed(duty, SELMA, "/oncall override platform @layla now for 8h")

    await typed(duty, LAYLA, "/oncall undo 1")

    shift = await who(duty)
    assert shift is not None
    assert shift.person == JOHANNES
    card = await pictured(duty, "override:1")
    assert "Taken back by \u2068ليلى حداد\u2069" in json.dumps(list(card.blocks), ensure_ascii=False)
    assert "Taken back by" in card.text
    assert buttons(card) == {}
    with pytest.raises(Refused, match="Override 1 has been taken back already"):
        await typed(duty, LAYLA, "/oncall undo 1")
    with pytest.raises(Refused, match="There is no override 7"):
        await typed(duty, LAYLA, "/oncall undo 7")


async def test_what_is_over_cannot_be_taken_back(duty: HealthBridge) -> None:
    await typed(duty, SELMA, "/oncall override platform @layla now for 1h")
    duty.clock.move(2 * HOUR)

    with pytest.raises(Refused, match="Override 1 is over"):
        await typed(duty, SELMA, "/oncall undo 1")


async def test_two_swap_their_next_shifts_and_it_is_taken_back_as_one(duty: HealthBridge) -> None:
    await typed(duty, JOHANNES, "/oncall swap platform @layla")

    now, later = await who(duty), await who(duty, after=8 * DAY)
    assert now is not None
    assert later is not None
    assert (now.person, later.person) == (LAYLA, JOHANNES)
    assert await subjects(duty, "override") == ["override:1"]
    assert (await pictured(duty, "override:1")).text.count("is on call") == 2

    await typed(duty, LAYLA, "/oncall undo 2")
    now, later = await who(duty), await who(duty, after=8 * DAY)
    assert now is not None
    assert later is not None
    assert (now.person, later.person) == (JOHANNES, LAYLA)


async def test_a_swap_needs_two_who_have_shifts(duty: HealthBridge) -> None:
    with pytest.raises(Refused, match="Selma Nakale has no shift there"):
        await typed(duty, SELMA, "/oncall swap platform @layla")
    with pytest.raises(Refused, match="a swap needs two"):
        await typed(duty, LAYLA, "/oncall swap platform @layla")
    await typed(duty, SELMA, "/oncall swap platform @layla with @johannes from monday")
    assert await subjects(duty, "override") == ["override:1"]


async def test_in_a_hole_the_fallback_is_called_and_everybody_is_told_so(duty: HealthBridge) -> None:
    night = await who(duty, "office", after=10 * HOUR)

    assert night is not None
    assert (night.why, set(night.people)) == (Why.FALLBACK, {TOMAS, SELMA, LAYLA})
    assert night.until == datetime(2026, 3, 3, 6, tzinfo=UTC)
    duty.clock.move(10 * HOUR)
    shown = await said(duty, NDAPEWA, "/oncall office")
    assert "nobody is on call until" in shown
    assert "called instead: production-team" in shown


async def test_who_is_no_longer_in_slack_is_a_hole(duty: HealthBridge) -> None:
    duty.directory.people[JOHANNES] = Person(JOHANNES, "Johannes ǃGaeb", deleted=True)

    shift = await who(duty)

    assert shift is not None
    assert (shift.person, shift.why, shift.absent) == (SELMA, Why.FALLBACK, JOHANNES)
    assert "Johannes ǃGaeb would be on call and has no account in this Slack" in await said(duty, NDAPEWA, "/oncall")


async def test_while_slack_is_away_who_is_on_call_stays_on_call(duty: HealthBridge) -> None:
    duty.directory.down = "Slack is away"

    shift = await who(duty)

    assert shift is not None
    assert shift.person == JOHANNES


async def test_holes_are_told_once_a_week_to_who_can_mend_them_and_mended_they_say_so(duty: HealthBridge) -> None:
    for _ in range(3):
        await rotaholes.run(duty.world)

    (hole,) = await subjects(duty, "rotahole")
    card = await pictured(duty, hole)
    assert "Nobody is on call for office" in bare(card)
    assert "<!subteam^S-production-team>" in json.dumps(list(card.blocks))
    await typed(duty, SELMA, "/oncall override office @tomas now for 8 days")
    assert "Somebody is on call for office at all times" in bare(await pictured(duty, hole))


async def test_a_hand_off_calls_who_has_it_now_and_lists_what_is_open(duty: HealthBridge, monitor: Monitor) -> None:
    await handoffs.run(duty.world)
    assert await subjects(duty, "handoff") == []

    number = await monitor.told(monitor.alert(severity="critical"))
    await alerting.acknowledge(duty.world, number, by=SELMA)
    duty.clock.move(7 * DAY)
    for _ in range(3):
        await handoffs.run(duty.world)

    found = await subjects(duty, "handoff")
    (card,) = [one for one in [await pictured(duty, one) for one in found] if "platform" in one.text]
    shown = bare(card)
    assert "ليلى حداد\u2069 is on call for platform, after Johannes ǃGaeb, until" in shown
    assert "BackendDown · critical since" in shown
    assert "Selma Nakale is at it" in shown
    assert f"<@{LAYLA}>" in json.dumps(list(card.blocks))
    assert f"<@{JOHANNES}>" not in json.dumps(list(card.blocks))


async def test_replicas_that_look_at_one_moment_tell_a_hand_off_and_a_digest_once(
    duty: HealthBridge, monitor: Monitor
) -> None:
    number = await monitor.told(monitor.alert(severity="low"))
    async with duty.world.ledger.transaction() as tx:
        await oncall.defer(tx, JOHANNES, number, until=tx.now + DAY)
    await handoffs.run(duty.world)
    duty.clock.move(8 * DAY)

    await asyncio.gather(*(one.run(duty.world) for one in (handoffs, digests, rotaholes) for _ in range(3)))

    assert [len(await subjects(duty, kind)) for kind in ("handoff", "digest", "rotahole")] == [1, 1, 1]


async def test_a_hand_off_into_a_hole_calls_the_fallback(duty: HealthBridge) -> None:
    await handoffs.run(duty.world)
    duty.clock.move(10 * HOUR)
    await handoffs.run(duty.world)

    (told,) = await subjects(duty, "handoff")
    card = await pictured(duty, told)
    assert "Nobody is on call for office until" in bare(card)
    assert "Nothing is open." in bare(card)
    assert "<!subteam^S-production-team>, alerts come to you" in json.dumps(list(card.blocks))


async def test_an_alerts_card_says_who_is_on_call_for_its_route(monitor: Monitor) -> None:
    number = await monitor.told(monitor.alert())

    shown = bare(await monitor.card(number))
    assert "On call for platform: Johannes ǃGaeb, until" in shown
    assert "office" not in shown
    await monitor.told(monitor.alert(ended=1))
    assert "On call" not in bare(await monitor.card(number))


@pytest.mark.parametrize(
    ("at", "severity", "until"),
    [
        ("2026-03-02T21:00", Severity.MEDIUM, "2026-03-03T05:00"),
        ("2026-03-02T20:00", Severity.LOW, "2026-03-03T05:00"),
        ("2026-03-03T04:59", Severity.MEDIUM, "2026-03-03T05:00"),
        ("2026-03-03T05:00", Severity.MEDIUM, None),
        ("2026-03-02T19:59", Severity.MEDIUM, None),
        ("2026-03-02T21:00", Severity.HIGH, None),
        ("2026-03-02T21:00", Severity.CRITICAL, None),
        ("2026-03-28T22:00", Severity.LOW, "2026-03-29T05:00"),
    ],
)
async def test_people_are_left_in_peace_by_the_clock_on_their_own_wall(
    duty: HealthBridge, at: str, severity: Severity, until: str | None
) -> None:
    """Windhoek is two hours ahead of UTC, all the year."""
    when = datetime.fromisoformat(at).replace(tzinfo=UTC)
    expected = datetime.fromisoformat(until).replace(tzinfo=UTC) if until else None

    assert oncall.quiet(duty.world, JOHANNES, "Africa/Windhoek", severity, when) == expected


async def test_the_catalogs_time_zone_counts_more_than_slacks_and_a_wrong_one_is_no_bug(duty: HealthBridge) -> None:
    at = datetime(2026, 3, 2, 19, tzinfo=UTC)  # 23:00 in Dubai

    assert oncall.quiet(duty.world, LAYLA, "Africa/Windhoek", Severity.LOW, at) == datetime(2026, 3, 3, 3, tzinfo=UTC)
    assert oncall.quiet(duty.world, JOHANNES, "Mars/Olympus", Severity.LOW, at) is None


async def test_the_night_in_which_the_clocks_leap_ends_at_seven_too(duty: HealthBridge) -> None:
    at = datetime(2026, 3, 28, 22, tzinfo=UTC)

    assert oncall.quiet(duty.world, TOMAS, "Europe/Berlin", Severity.LOW, at) == datetime(2026, 3, 29, 5, tzinfo=UTC)


async def test_what_came_in_the_night_is_one_message_in_the_morning(duty: HealthBridge, monitor: Monitor) -> None:
    number = await monitor.told(monitor.alert(severity="low"))
    morning = duty.clock.now() + 8 * HOUR
    async with duty.world.ledger.transaction() as tx:
        await oncall.defer(tx, JOHANNES, number, until=morning)
        await oncall.defer(tx, JOHANNES, number, until=morning)
    await digests.run(duty.world)
    assert await subjects(duty, "digest") == []

    duty.clock.move(9 * HOUR)
    for _ in range(3):
        await digests.run(duty.world)

    (digest,) = await subjects(duty, "digest")
    async with duty.world.ledger.transaction() as tx:
        card = await cards.of(tx, digest, "live")
    assert card is not None
    assert card.channel == JOHANNES
    shown = bare(await pictured(duty, digest))
    assert "1 alert groups, 1 of these still open" in shown
    assert "BackendDown · low since" in shown


async def test_a_rotation_that_is_unknown_is_named_with_the_nearest(duty: HealthBridge) -> None:
    with pytest.raises(Refused, match="There is no rotation “plattform”; did you mean “platform”"):
        await typed(duty, NDAPEWA, "/oncall plattform")
    with pytest.raises(Refused, match="Did you mean `/oncall swap`"):
        await typed(duty, NDAPEWA, "/oncall swpa")
    with pytest.raises(Refused, match="I do not know what “tomorrow” means here"):
        await typed(duty, NDAPEWA, "/oncall platform tomorrow")


async def test_without_a_section_it_is_said_that_there_is_none(house: HealthBridge) -> None:
    with pytest.raises(Refused, match="it has no section `on_call`"):
        await typed(house, NDAPEWA, "/oncall")
    for schedule in (handoffs, rotaholes, digests):
        await schedule.run(house.world)


async def test_two_who_override_at_one_moment_are_in_an_order_and_the_newer_counts(duty: HealthBridge) -> None:
    people = ("layla", "tomas")

    await asyncio.gather(*(typed(duty, SELMA, f"/oncall override platform @{one} now for 8h") for one in people))

    async with duty.world.ledger.transaction() as tx:
        laid = await rotas.overrides(tx, "platform", tx.now)
    shift = await who(duty)
    assert shift is not None
    assert {one.override.person for one in laid} == {LAYLA, TOMAS}
    assert shift.person == max(laid, key=lambda one: one.override.number).override.person
