"""`/logs`: what programs printed is shown to who may read it, masked, in pages, and never more than Slack holds."""

import json
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.command import Context
from bot.domain.errors import Refused
from bot.domain.masking import Mask
from bot.domain.pages import MOST_PAGES
from bot.domain.target import Target
from bot.ledger import cards
from bot.ledger.cards import Card
from bot.painter.pictures.excerpt import PICTURE
from bot.sandbox.validation import check_blocks
from bot.views.kit import Message
from bot.vocabulary import Vocabulary
from tests.fakes.backend import ScriptedBackend
from tests.fakes.fuse import Fuse, FusedBackend, FusedLedger, Killed
from tests.fakes.healthbridge import JOHANNES, NDAPEWA, HealthBridge
from tests.flow.conftest import Edited

STAGING, PRODUCTION = Target("backend", "staging"), Target("backend", "production")
MINUTE = timedelta(minutes=1)


async def asked(house: HealthBridge, *words: str, by: str = NDAPEWA) -> str | None:
    """Type `/logs words…`, do what follows, and return what the person is told."""
    ctx = Context(house.world, by, "C0DEPLOYM2", f"logs-{len(house.told)}-{' '.join(words)}")
    await Vocabulary.found().say("logs", " ".join(words), ctx)
    told = len(house.told)
    await house.drain()
    return house.told[told] if len(house.told) > told else None


async def shown(house: HealthBridge, excerpt: int = 1) -> list[Message]:
    """Return what is pictured of an excerpt: the message, and the pages in its thread."""
    head = await _card(house, f"excerpt:{excerpt}", "live")
    assert head is not None, house.told
    found = [head]
    for page in range(1, MOST_PAGES + 2):
        card = await _card(house, f"excerpt:{excerpt}", f"page/{page}")
        if card is not None:
            assert card.thread_of == head.id
            found.append(card)
    return [await _drawn(house, card) for card in found]


async def _card(house: HealthBridge, subject: str, role: str) -> Card | None:
    async with house.world.ledger.transaction() as tx:
        return await cards.of(tx, subject, role)


async def _drawn(house: HealthBridge, card: Card) -> Message:
    async with house.world.ledger.transaction() as tx:
        draw = await PICTURE.read(house.world, tx, card)
    message = await draw()
    assert check_blocks(list(message.blocks), surface="message") == []
    return message


def text(page: Message) -> str:
    return str(page.blocks[0]["elements"][0]["elements"][0]["text"])  # type: ignore[index]  # blocks are plain JSON


async def test_what_was_printed_lately_is_in_the_thread_of_a_message(house: HealthBridge) -> None:
    house.backend.prints(STAGING, "long ago\n", house.clock.now() - 20 * MINUTE)
    house.backend.prints(STAGING, "GET /patients 200\n", house.clock.now() - 5 * MINUTE)
    house.backend.prints(Target("frontend", "staging"), "not this one\n", house.clock.now())

    told = await asked(house, "staging", "backend")

    head, page = await shown(house)
    assert head.text.startswith("📜 backend/staging · what it printed in the last 10m\nasked by Ndapewa Shilongo · ")
    assert head.text.endswith(" · 1 page in the thread")
    assert text(page) == "GET /patients 200\n"
    assert told == '{"excerpt":1}'


async def test_how_far_back_is_said(house: HealthBridge) -> None:
    house.backend.prints(STAGING, "an hour ago\n", house.clock.now() - 60 * MINUTE)

    await asked(house, "staging", "backend", "--since 2h")

    _, page = await shown(house)
    assert text(page) == "an hour ago\n"


async def test_more_than_slack_holds_is_the_newest_of_it(house: HealthBridge) -> None:
    lines = "".join(f"{number:06} {'x' * 90}\n" for number in range(20_000))
    house.backend.prints(STAGING, lines, house.clock.now())

    await asked(house, "staging", "backend")

    head, *pages = await shown(house)
    assert len(pages) == MOST_PAGES
    assert head.text.endswith(f"the newest {MOST_PAGES} pages; there is more")
    assert text(pages[-1]).endswith(f"019999 {'x' * 90}\n")
    assert lines.endswith("".join(text(page) for page in pages))


async def test_secrets_are_covered_before_they_are_written_down(house: HealthBridge) -> None:
    house.world = replace(house.world, mask=Mask(["a-secret-value"]))
    house.backend.prints(STAGING, "login with a-secret-value\nAUTH_TOKEN=1234567890abcdef\n", house.clock.now())

    await asked(house, "staging", "backend")

    _, page = await shown(house)
    assert text(page) == "login with •••\nAUTH_TOKEN=•••\n"


async def test_the_rest_of_a_key_whose_beginning_is_too_long_ago_is_left_out(house: HealthBridge) -> None:
    end = "-----END RSA PRIVATE KEY-----"
    house.backend.prints(STAGING, f"MIIEpAIBAAKCAQEA\nq83vEjRWeJCrze8=\n{end}\nready\n", house.clock.now())

    await asked(house, "staging", "backend")

    _, page = await shown(house)
    assert text(page).strip() == "ready"


async def test_who_read_it_and_how_much_is_in_the_ledger(house: HealthBridge) -> None:
    await asked(house, "staging", "backend")

    assert await house.happened("target:backend/staging") == ["target.read"]


async def test_who_may_not_deploy_or_roll_back_there_may_not_read_it(house: HealthBridge) -> None:
    with pytest.raises(Refused, match=r"^Only developers or qa may read what programs print in staging, and you are"):
        await asked(house, "staging", "backend", by=JOHANNES)


async def test_a_rule_of_its_own_says_who_may_read(house: HealthBridge, edited: Edited) -> None:
    rule = "    deployers: [developers, qa]\n"
    house.with_catalog(edited((rule, f"{rule}    logs: {{ by: [on-call] }}\n")))

    await asked(house, "staging", "backend", by=JOHANNES)
    with pytest.raises(Refused, match="Only on-call may read"):
        await asked(house, "staging", "backend", by=NDAPEWA)

    assert len(await shown(house)) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("staging", "Say which service. Usage: `/logs <environment> <service> [--since 10m]`"),
        ("stagging backend", "There is no environment “stagging”; did you mean “staging”?"),
        ("staging bakend", "There is no service “bakend”; did you mean “backend”?"),
        ("development frontend", "frontend has no place in development; there are “backend”."),
        ("staging backend --since soon", "“soon” is not a duration; write for example 20s, 10m, 1h30m or 2d"),
        ("staging backend --since 0s", "“0s” is not how far I look back: say for example --since 10m, at most 7d."),
        ("staging backend --since 900d", "at most 7d"),
    ],
)
async def test_what_is_wrong_is_said_at_once(house: HealthBridge, words: str, said: str) -> None:
    with pytest.raises(Refused) as no:
        await asked(house, words)

    assert said in str(no.value)


async def test_a_backend_that_cannot_show_it_says_so(house: HealthBridge) -> None:
    house.world = replace(house.world, backends={"scripted": FusedBackend(ScriptedBackend(), Fuse())})

    told = await asked(house, "staging", "backend")

    assert told == "backend/staging runs on scripted, which cannot show what its programs print."


async def test_a_backend_that_does_not_answer_is_told_in_its_own_words(house: HealthBridge) -> None:
    house.backend.down = "connection refused"

    told = await asked(house, "staging", "backend")

    assert told == "What backend/staging prints cannot be read now: connection refused."


async def test_killed_in_the_middle_it_is_shown_once(house: HealthBridge) -> None:
    house.backend.prints(STAGING, "ready\n", house.clock.now())
    number = await house.take("logs", NDAPEWA, {"environment": "staging", "service": "backend", "since": "10m"})
    whole, killed = house.world, 0
    for place in range(1, 7):
        house.world = replace(whole, ledger=FusedLedger(whole.ledger, Fuse(place)))
        with suppress(Killed):
            await house.drain()
            continue
        killed += 1
        house.world = whole
        await house.restart()
    house.world = whole
    await house.answered(number)

    (told,) = house.told
    assert killed
    assert [text(page) for page in (await shown(house, json.loads(told)["excerpt"]))[1:]] == ["ready\n"]
    assert await house.happened("target:backend/staging") == ["target.read"]


# --- where nothing was printed ----------------------------------------------------------------------------------------


async def test_where_nothing_was_ever_deployed_that_is_said(house: HealthBridge) -> None:
    await asked(house, "staging", "backend")

    (head,) = await shown(house)
    assert head.text.endswith(" · nothing was ever deployed there")


async def test_what_does_not_run_is_said_not_to_and_where_an_earlier_release_is_read(house: HealthBridge) -> None:
    house.source.commit("backend", "1.0.0")
    change = await house.deployed("staging", "backend")
    house.backend.crash(STAGING)

    await asked(house, "staging", "backend")

    (head,) = await shown(house)
    assert " · it is not running, and printed nothing\n" in head.text
    assert head.text.endswith(
        f"What a release said while it was deployed is in the thread of its card; the last was change {change.id}."
    )
    assert f"|change {change.id}>" in str(head.blocks)


async def test_nothing_printed_is_said_and_how_to_look_further_back(house: HealthBridge) -> None:
    house.source.commit("backend", "1.0.0")
    await house.deployed("staging", "backend")

    await asked(house, "staging", "backend")

    (head,) = await shown(house)
    assert " · nothing was printed; --since looks further back\n" in head.text
