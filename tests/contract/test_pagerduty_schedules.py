"""Schedules of PagerDuty at the wire: who has what, by email where it may be seen, and why it does not answer."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web

from bot.domain.errors import GaveUp, Retry
from bot.ports import Told
from integrations.environment_secrets import EnvironmentSecrets
from integrations.pagerduty_schedules import PagerDutySchedule
from tests.fakes.pagerduty_schedules import SCHEDULE, TOKEN, PagerDuty, pagerduty

SECRETS = EnvironmentSecrets({"PAGERDUTY_KEY": TOKEN, "OLD": "an-older-one"}, lambda _: None)
SINCE = datetime(2026, 3, 1, tzinfo=UTC)
UNTIL = SINCE + timedelta(days=30)
WHOLE, USERS = f"/schedules/{SCHEDULE}", f"/schedules/{SCHEDULE}/users"


@pytest.fixture
async def there() -> AsyncIterator[PagerDuty]:
    async with pagerduty() as made:
        made.users = {"PJ": ("Johannes ǃGaeb", "johannes@healthbridge.example"), "PL": ("ليلى حداد", "layla@x.example")}
        made.entries = [
            ("2026-03-02T09:00:00+02:00", "2026-03-09T09:00:00+02:00", "PJ"),
            ("2026-03-09T07:00:00Z", "2026-03-16T07:00:00Z", "PL"),
        ]
        yield made


async def spans(there: PagerDuty, *, secret: str = "PAGERDUTY_KEY", schedule: str = SCHEDULE) -> list[Told]:
    async with PagerDutySchedule(schedule, SECRETS, token=secret, url=f"{there.url}/") as made:
        return list(await made.spans(since=SINCE, until=UNTIL))


async def test_who_has_what_with_email_and_name(there: PagerDuty) -> None:
    told = await spans(there)

    monday = datetime(2026, 3, 2, 7, tzinfo=UTC)
    week = timedelta(days=7)
    assert told == [
        Told(monday, monday + week, ("johannes@healthbridge.example", "Johannes ǃGaeb")),
        Told(monday + week, monday + 2 * week, ("layla@x.example", "ليلى حداد")),
    ]
    over = {"since": "2026-03-01T00:00:00Z", "until": "2026-03-31T00:00:00Z"}
    assert there.asked == [(WHOLE, {**over, "time_zone": "UTC"}), (USERS, over)]


async def test_where_users_may_not_be_seen_the_on_calls_tell_page_by_page(there: PagerDuty) -> None:
    there.trouble[USERS] = web.json_response({"error": {"message": "Forbidden"}}, status=403)
    there.page = 1

    assert [one.said[0] for one in await spans(there)] == ["johannes@healthbridge.example", "layla@x.example"]
    assert [path for path, _ in there.asked].count("/oncalls") == 2


async def test_a_wrong_key_and_a_wrong_schedule_are_named_and_the_key_is_not_shown(there: PagerDuty) -> None:
    with pytest.raises(GaveUp, match="does not know the key in the secret OLD") as told:
        await spans(there, secret="OLD")
    assert "an-older-one" not in told.value.reason
    with pytest.raises(GaveUp, match="PagerDuty has no schedule PXXX"):
        await spans(there, schedule="PXXX")


async def test_when_it_wants_to_be_left_in_peace_it_says_for_how_long(there: PagerDuty) -> None:
    there.trouble[WHOLE] = web.Response(status=429, headers={"ratelimit-reset": "37"})

    with pytest.raises(Retry, match="left in peace") as told:
        await spans(there)
    assert told.value.after == timedelta(seconds=37)


@pytest.mark.parametrize(
    ("answer", "kind", "told"),
    [
        (web.Response(status=502), Retry, "PagerDuty answers 502"),
        (web.Response(status=400, text="since is wrong"), GaveUp, r"PagerDuty refuses it \(400\): since is wrong"),
        (web.Response(status=302, headers={"location": "/elsewhere"}), GaveUp, "refuses it"),
        (web.Response(text="<html>proxy</html>", content_type="text/html"), GaveUp, "is not PagerDuty's API"),
        (web.json_response([1]), GaveUp, "is not PagerDuty's API"),
        (web.json_response({"schedule": {"final_schedule": None}}), GaveUp, "a schedule without"),
        (
            web.json_response({"schedule": {"final_schedule": {"rendered_schedule_entries": [{"start": "soon"}]}}}),
            GaveUp,
            "of another form",
        ),
    ],
)
async def test_what_it_answers_otherwise_is_said(
    there: PagerDuty, answer: web.Response, kind: type[Exception], told: str
) -> None:
    there.trouble[WHOLE] = answer

    with pytest.raises(kind, match=told):
        await spans(there)


async def test_what_cannot_be_reached_is_asked_again_later(there: PagerDuty) -> None:
    there.url = "http://127.0.0.1:9"

    with pytest.raises(Retry, match="cannot be reached"):
        await spans(there)
