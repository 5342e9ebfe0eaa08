"""What people do in PagerDuty is done here too: signed, once, and it does not go round in a circle."""

import json

import pytest
from starlette.requests import Request

from bot.domain.alertgroup import State
from bot.ledger import escalations
from bot.schedules import leases
from bot.usecases import alerting
from bot.web import pagerduty
from tests.contract.pagerduty_wire import signature, webhook
from tests.fakes.healthbridge import LAYLA, SELMA, HealthBridge
from tests.fakes.monitor import TOKEN
from tests.flow.conftest import Edited
from tests.flow.test_escalating import ALERTS, MINUTE, Town

SECRET = "whisper-of-pagerduty-7791"


@pytest.fixture
def town(house: HealthBridge, edited: Edited) -> Town:
    house.with_catalog(edited(("channels:", ALERTS)))
    house.secrets |= {"ALERTS_TOKEN": TOKEN, "PD_WEBHOOK": SECRET}
    return Town(house)


async def tell(town: Town, body: bytes, *, signed: str | None = None, pager: str = "pagerduty") -> tuple[int, object]:
    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body, "more_body": False}

    shown = signature(SECRET, body) if signed is None else signed
    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "path_params": {"pager": pager}}
    request = Request({**scope, "headers": [(b"x-pagerduty-signature", shown.encode())]}, receive)
    answer = await pagerduty.route(town.house.world).endpoint(request)
    return answer.status_code, json.loads(bytes(answer.body))


def key(town: Town) -> str:
    return town.incidents.pages[-1].key


def done(town: Town, kind: str = "incident.acknowledged", *, event: str = "01CH", **more: object) -> bytes:
    return webhook(key(town), kind=kind, at=town.house.clock.now().isoformat(), event=event, **more)


async def test_an_ack_in_pagerduty_is_an_ack_here_and_is_not_sent_back(town: Town) -> None:
    number = await town.fired()
    assert await tell(town, done(town)) == (200, {"ok": True, "heard": True})
    await town.house.drain()

    group = await town.group(number)
    assert (group.state, group.acked_by) == (State.ACKNOWLEDGED, LAYLA)
    assert [verb for verb, _ in town.incidents.asked] == ["tell"]
    await town.tick(60 * MINUTE)
    assert len(await town.told_of(number)) == 1


async def test_the_same_told_again_is_told_once(town: Town) -> None:
    number = await town.fired()
    body = done(town)
    await tell(town, body)
    await alerting.take_back(town.house.world, number, by=SELMA)

    assert await tell(town, body) == (200, {"ok": True, "heard": False})
    assert (await town.group(number)).state is State.FIRING


async def test_what_was_done_before_it_was_opened_again_is_old_news(town: Town) -> None:
    number = await town.fired()
    late = done(town)
    await alerting.acknowledge(town.house.world, number, by=SELMA)
    town.house.clock.move(MINUTE)
    await alerting.take_back(town.house.world, number, by=SELMA)

    assert await tell(town, late) == (200, {"ok": True, "heard": False})
    assert (await town.group(number)).state is State.FIRING


async def test_what_we_told_pagerduty_ourselves_is_not_heard(town: Town) -> None:
    await town.fired()
    ours = done(town, agent={"id": "PINT", "type": "inbound_integration_reference", "summary": "Events API v2"})

    assert await tell(town, ours) == (200, {"ok": True, "heard": False})


async def test_who_is_nobody_here_is_named_as_there_and_is_not_called(town: Town) -> None:
    number = await town.fired()
    stranger = {"id": "POTHER", "type": "user_reference", "summary": "Zoë <!channel>"}
    await tell(town, done(town, agent=stranger))

    said = await town.card(number)
    assert "Zoë" in said.text
    assert "<!channel>" not in str(said.blocks)
    assert (await town.group(number)).acked_by == "Zoë <!channel> (pagerduty)"

    town.house.clock.move(61 * MINUTE)
    await leases.run(town.house.world)
    question = await town.card(number, (await town.roles(number))[-1])
    assert "are you still at it?" in question.text
    assert "<!channel>" not in str(question.blocks)


async def test_an_ack_taken_back_in_pagerduty_is_taken_back_here_and_only_if_it_was_given_there(town: Town) -> None:
    number = await town.fired()
    await tell(town, done(town))
    town.house.clock.move(MINUTE)
    await tell(town, done(town, "incident.unacknowledged", event="02CH"))
    assert (await town.group(number)).state is State.FIRING

    await alerting.acknowledge(town.house.world, number, by=SELMA)
    await tell(town, done(town, "incident.unacknowledged", event="03CH"))
    assert (await town.group(number)).acked_by == SELMA


async def test_what_is_over_there_is_not_over_here(town: Town) -> None:
    number = await town.fired()

    assert await tell(town, done(town, "incident.resolved")) == (200, {"ok": True, "heard": False})
    assert (await town.group(number)).state is State.FIRING
    assert await escalations.live(town.house.world.ledger.reading, number) is not None


@pytest.mark.parametrize("signed", ["", "v1=", "v1=00", "v0=abc", "v1=é"])
async def test_who_does_not_sign_is_told_nothing_but_that(town: Town, signed: str) -> None:
    await town.fired()

    status, _ = await tell(town, done(town), signed=signed)
    assert status == 401
    assert (await tell(town, done(town), pager="elsewhere"))[0] == 401
    assert (await tell(town, done(town), pager="email"))[0] == 401


async def test_two_signatures_while_the_secret_changes(town: Town) -> None:
    await town.fired()
    body = done(town)

    assert (await tell(town, body, signed=f"v1=00,{signature(SECRET, body)}"))[0] == 200


@pytest.mark.parametrize(
    ("body", "named"), [(b"{", "body"), (b"{}", "event"), (b'{"event": {"id": "1", "event_type": "x"}}', "occurred_at")]
)
async def test_what_is_wrong_is_named_by_its_field(town: Town, body: bytes, named: str) -> None:
    status, said = await tell(town, body)

    assert status == 400
    assert named in str(said)


async def test_a_secret_that_is_not_set_lets_it_tell_again_later(town: Town) -> None:
    await town.fired()
    town.house.secrets.pop("PD_WEBHOOK")

    assert (await tell(town, done(town)))[0] == 503
