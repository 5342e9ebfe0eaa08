"""A report on what went wrong: filled in by the ledger and by people, once for each thing, where it may hang."""

import asyncio
import itertools
import json
import os
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from bot import templates, writing
from bot.command import Context, Open, Submission
from bot.domain.errors import Refused
from bot.domain.report import Report
from bot.ledger import cards, reports
from bot.painter.pictures.report import PICTURE
from bot.sandbox.validation import check_blocks, check_view
from bot.usecases import alerting, recounting, reporting
from bot.usecases.reporting import Wanted
from bot.views.kit import Message
from bot.web import alertmanager
from bot.writing.sample import SAMPLE
from commands import incident_report
from tests.fakes.backend import Behaviour
from tests.fakes.healthbridge import LAYLA, NDAPEWA, SELMA, TOMAS, HealthBridge
from tests.fakes.monitor import ALERTS, Monitor
from tests.fakes.shown import bare, buttons, card, typed
from tests.flow.conftest import Edited

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
STAGING = {"environment": "staging"}
_deeds = itertools.count(1)


async def asked(house: HealthBridge, line: str, by: str = SELMA) -> str:
    """Say `/incident-report …`; return what the person is told in the end."""
    house.told.clear()
    answer = await typed(house, by, f"/incident-report {line}")
    assert isinstance(answer, Message)
    await house.drain()
    return house.told[-1]


def incident_context(house: HealthBridge, by: str) -> Context:
    return Context(house.world, by, "C0DEPLOYM2", f"deed-{next(_deeds)}")


async def report(house: HealthBridge, number: int = 1) -> Report:
    found = await reports.get(house.world.ledger.reading, number)
    assert found is not None
    return found


async def shown(house: HealthBridge, number: int = 1, role: str = "live") -> Message:
    """A report's card, or a page of it, as it would be painted now; Slack would take it."""
    async with house.world.ledger.transaction() as tx:
        found = await cards.of(tx, f"report:{number}", role)
        assert found is not None
        draw = await PICTURE.read(house.world, tx, found)
    message = await draw()
    assert check_blocks(list(message.blocks), surface="message") == []
    return message


def words(message: Message) -> str:
    """Every text of a message's blocks, one after the other."""
    found: list[str] = []

    def walk(thing: object) -> None:
        match thing:
            case {"text": str(text)}:
                found.append(text)
            case dict():
                for one in thing.values():
                    walk(one)
            case list():
                for one in thing:
                    walk(one)

    walk(list(message.blocks))
    return "".join(found)


async def filled(house: HealthBridge, by: str, answers: dict[str, str], number: int = 1, *, about: str = "") -> None:
    """Press Fill in…, write, and send the window off."""
    ctx = incident_context(house, by)
    if not about:
        window = await incident_report.fill_in(number, ctx)
        assert isinstance(window, Open)
        assert check_view(window.modal) == []
        about = json.loads(str(window.modal["private_metadata"]))["about"]
    await incident_report.keep(Submission(answers, about), ctx)
    await house.drain()


@pytest.fixture
async def burning(monitor: Monitor) -> int:
    """1.4.2 went live in staging over 1.0.0; six minutes later its alert fires, and Selma is at it after two more."""
    house = monitor.house
    for version in ("1.0.0", "1.4.2"):
        house.source.commit("backend", version)
        await house.deployed("staging", "backend")
        house.clock.move(6 * MINUTE)
    number = await monitor.told(monitor.alert(severity="critical", **STAGING))
    await house.drain()
    house.clock.move(2 * MINUTE)
    await alerting.acknowledge(house.world, number, by=SELMA)
    return number


async def test_it_says_what_the_ledger_knows(monitor: Monitor, burning: int) -> None:
    monitor.house.clock.move(74 * HOUR)
    await monitor.told(monitor.alert(began=-60 * 74 - 2, ended=0, severity="critical", **STAGING))

    said = await asked(monitor.house, f"alert {burning}")

    assert said == "Incident report 1 is in #deployments."
    text = (await report(monitor.house)).markdown
    assert "# Incident report 1: BackendDown after a change of backend/staging" in text
    assert "BackendDown (critical): BackendDown: nobody answers" in text
    assert "**Trigger:** deploy of backend/staging 1.4.2" in text
    assert "(2 min after it was detected), by Selma Nakale" in text
    assert "(3 d 2 h in all)" in text
    assert "- backend/staging: 1.4.2" in text
    assert words(await shown(monitor.house)).count("BackendDown began to fire, says the monitor") == 1
    line = text.index("change 2 ended: succeeded")
    assert line < text.index("BackendDown began to fire") < text.index("said that they are at it")


async def test_the_same_asked_twice_is_one_and_it_says_where_it_is(monitor: Monitor, burning: int) -> None:
    await asked(monitor.house, f"alert {burning}")
    again = await asked(monitor.house, f"incident-report alert {burning}", by=TOMAS)

    assert again.startswith("Incident report 1 is there already, in #deployments")
    assert await asked(monitor.house, f"post-mortem alert {burning}") == "Post-mortem 2 is in #deployments."


async def test_it_is_on_the_alerts_card(monitor: Monitor, burning: int) -> None:
    assert buttons(await monitor.card(burning))["incident_report"] == "Incident report…"

    await asked(monitor.house, f"alert {burning}")

    assert "Incident report 1" in bare(await monitor.card(burning))


async def test_it_goes_on_when_what_it_is_about_does(monitor: Monitor, burning: int) -> None:
    await asked(monitor.house, f"alert {burning}")
    assert "**Over:** not yet" in (await report(monitor.house)).markdown

    monitor.house.clock.move(10 * MINUTE)
    await monitor.told(monitor.alert(began=-12, ended=0, severity="critical", **STAGING))
    await monitor.house.drain()

    assert "(12 min in all)" in (await report(monitor.house)).markdown
    assert "nothing of it fires any more" in (await report(monitor.house)).markdown


async def test_an_alert_that_began_anew_did_not_begin_after_it_was_detected(monitor: Monitor, burning: int) -> None:
    opened = (await monitor.group(burning)).opened_at
    monitor.house.clock.move(10 * MINUTE)
    await monitor.told(monitor.alert(severity="critical", **STAGING))

    await asked(monitor.house, f"alert {burning}")

    text = (await report(monitor.house)).markdown
    assert f"**Began:** {recounting.stamp(opened)}" in text
    assert f"**Detected:** {recounting.stamp(opened)} (after 0 s), by the monitor" in text


async def test_after_a_rollback_it_is_written_by_itself(house: HealthBridge) -> None:
    for version in ("1.0.0", "1.4.2"):
        house.source.commit("backend", version)
        await house.deployed("staging", "backend")
        house.clock.move(6 * MINUTE)
    change = await house.rolled_back("staging")

    text = (await report(house)).markdown
    assert (await report(house)).subject == f"change:{change.id}"
    assert "Critical bug: the search is empty" in text
    assert f"by change {change.id} of Tomas Müller" in text
    assert "by Tomas Müller, who asked for the rollback" in text
    assert text.index("change 3 was asked for") < text.index("change 3 began") < text.index("change 3 ended")
    assert "- backend/staging: 1.4.2" in text
    assert buttons(await card(house, change))["incident_report_of_change"] == "Incident report…"
    assert await asked(house, f"change {change.id}") == "Incident report 1 is there already, in #deployments: " + link(
        house
    )


def link(house: HealthBridge) -> str:
    return str(house.world.directory.link("deployments", "1.000001"))


async def test_after_what_went_back_by_itself_too(house: HealthBridge, edited: Edited) -> None:
    house.with_catalog(edited(("on_failure: ask", "on_failure: roll_back")))
    house.source.commit("backend", "1.0.0")
    await house.deployed("staging", "backend")
    house.source.commit("backend", "1.4.2")
    house.backend.then(Behaviour.FAIL, "exit code 1")
    change = await house.deployed("staging", "backend")
    assert (await house.op(change)).state == "rolled_back"

    assert (await report(house)).subject == f"change:{change.id}"
    assert "by Slipway, when a step failed" in (await report(house)).markdown


@pytest.mark.parametrize("said", ["{ after_rollback: false }", "{ after_rollback_in: [production] }"])
async def test_the_catalog_may_not_want_that(house: HealthBridge, edited: Edited, said: str) -> None:
    house.with_catalog(edited(("channels:", f"incidents: {said}\nchannels:")))
    for version in ("1.0.0", "1.4.2"):
        house.source.commit("backend", version)
        await house.deployed("staging", "backend")
    await house.rolled_back("staging")

    assert await reports.get(house.world.ledger.reading, 1) is None


async def test_what_is_reported_on_because_of_an_alert_is_not_once_more_because_of_its_rollback(
    monitor: Monitor, burning: int
) -> None:
    await asked(monitor.house, f"alert {burning}")

    change = await monitor.house.rolled_back("staging")

    assert await reports.get(monitor.house.world.ledger.reading, 2) is None
    await reporting.write(monitor.house.world, 1)
    assert f"by change {change.id} of Tomas" in (await report(monitor.house)).markdown


# --- filling in -----------------------------------------------------------------------------------------------------


async def test_what_people_fill_in_is_on_the_card_with_who_and_when(monitor: Monitor, burning: int) -> None:
    await asked(monitor.house, f"alert {burning}")
    assert buttons(await shown(monitor.house)) == {"fill_in": "Fill in…"}
    monitor.house.painted.clear()

    await filled(monitor.house, LAYLA, {"impact": "مرضى في عيادتين\nand <!channel> *all* of Windhoek", "next": ""})

    assert len(set(monitor.house.painted)) == 1
    said = words(await shown(monitor.house))
    assert "مرضى في عيادتين" in said
    assert "<!channel> *all* of Windhoek" in said
    assert "ليلى حداد" in said
    assert "To be filled in." in said
    async with monitor.house.world.ledger.transaction() as tx:
        (one,) = await reports.every(tx, 1)
    assert (one.question, one.by) == ("impact", LAYLA)
    assert "report.answered" in await monitor.house.happened("report:1")


async def test_two_people_at_once_lose_no_words(monitor: Monitor, burning: int) -> None:
    await asked(monitor.house, f"alert {burning}")
    await filled(monitor.house, SELMA, {"impact": "two clinics"})
    window = await incident_report.fill_in(1, incident_context(monitor.house, TOMAS))
    assert isinstance(window, Open)
    about = json.loads(str(window.modal["private_metadata"]))["about"]

    await filled(monitor.house, SELMA, {"impact": "two clinics, in Windhoek"})
    await filled(monitor.house, TOMAS, {"impact": "two clinics, for an hour"}, about=about)

    said = words(await shown(monitor.house))
    assert "two clinics, in Windhoek" in said
    assert "two clinics, for an hour" in said

    await filled(monitor.house, LAYLA, {"impact": "two clinics in Windhoek, for an hour"})
    said = words(await shown(monitor.house))
    assert said.count("two clinics") == 1
    async with monitor.house.world.ledger.transaction() as tx:
        assert len(await reports.every(tx, 1)) == 4


async def test_a_window_that_is_sent_off_again_changes_nothing(monitor: Monitor, burning: int) -> None:
    await asked(monitor.house, f"alert {burning}")
    await filled(monitor.house, SELMA, {"impact": "two clinics"}, about="1")
    await filled(monitor.house, SELMA, {"impact": "two clinics"}, about="1")
    await filled(monitor.house, SELMA, {"impact": "two clinics"})

    async with monitor.house.world.ledger.transaction() as tx:
        assert len(await reports.every(tx, 1)) == 1


async def test_what_is_too_long_for_a_window_stays_and_is_added_to(monitor: Monitor, burning: int) -> None:
    await asked(monitor.house, f"alert {burning}")
    for person in (SELMA, TOMAS):
        await filled(monitor.house, person, {"impact": f"{person} " + "x" * 2900}, about="1")

    await filled(monitor.house, LAYLA, {"impact": "and more"})

    async with monitor.house.world.ledger.transaction() as tx:
        assert len((await reports.standing(tx, 1))["impact"]) == 3


async def test_a_secret_in_an_answer_is_covered(monitor: Monitor, burning: int) -> None:
    await asked(monitor.house, f"alert {burning}")
    await filled(monitor.house, SELMA, {"impact": f"token={monitor.house.secrets['ALERTS_TOKEN']}"})

    assert monitor.house.secrets["ALERTS_TOKEN"] not in (await report(monitor.house)).markdown


# --- where it hangs -------------------------------------------------------------------------------------------------

SECURITY = """incidents:
  elsewhere:
    - { labels: { team: security }, channel: security-incidents }
    - { trigger: security, channel: security-incidents }
channels:"""


@pytest.fixture
async def guarded(monitor: Monitor, edited: Edited) -> Monitor:
    catalog = edited(("channels:", ALERTS), ("\nchannels: {", f"\n{SECURITY} {{ incidents: incidents, "))
    monitor.house.with_catalog(catalog)
    monitor.way = alertmanager.route(monitor.house.world)
    return monitor


async def test_what_is_not_for_everybody_hangs_elsewhere_and_nowhere_else(guarded: Monitor) -> None:
    house = guarded.house
    house.source.commit("backend", "1.0.0")
    change = await house.deployed("staging", "backend")
    house.clock.move(3 * MINUTE)
    number = await guarded.told(guarded.alert("Intruder", severity="critical", team="security", **STAGING))
    await house.drain()

    assert await asked(house, f"alert {number}") == "Incident report 1 is in #security-incidents."
    assert await asked(house, f"post-mortem change {change.id}") == "Post-mortem 2 is in #security-incidents."
    said = bare(await card(house, change))
    assert "Intruder" not in said
    assert "An alert fires since" in said
    async with house.world.ledger.transaction() as tx:
        found = await cards.of(tx, "report:1", "live")
        assert found is not None
        assert PICTURE.places is not None
        assert await PICTURE.places(house.world, tx, found) == ("security-incidents", "security-incidents")


async def test_a_rollback_for_security_is_not_for_everybody(guarded: Monitor) -> None:
    for version in ("1.0.0", "1.4.2"):
        guarded.house.source.commit("backend", version)
        await guarded.house.deployed("staging", "backend")
    wish = {"environment": "staging", "service": "backend", "trigger": "security", "reason": "CVE-1"}
    await guarded.house.ask("rollback", TOMAS, wish)

    assert (await report(guarded.house)).channel == "security-incidents"


async def test_what_is_for_everybody_moves_when_something_joins_that_is_not(guarded: Monitor) -> None:
    number = await guarded.told(guarded.alert(severity="critical", **STAGING))
    assert await asked(guarded.house, f"alert {number}") == "Incident report 1 is in #incidents."

    await guarded.told(guarded.alert("Intruder", severity="critical", team="security", **STAGING))
    await guarded.house.drain()

    async with guarded.house.world.ledger.transaction() as tx:
        found = await cards.of(tx, "report:1", "live")
    assert found is not None
    assert found.channel == "security-incidents"
    assert "Intruder" in (await report(guarded.house)).markdown


# --- templates ------------------------------------------------------------------------------------------------------


def with_template(house: HealthBridge, edited: Edited, folder: Path, text: str | None) -> None:
    catalog = edited(
        ("channels:", ALERTS), ("\nchannels:", "\nincidents: { templates: { incident-report: own.md } }\nchannels:")
    )
    if text is not None:
        (folder / "own.md").write_text(text, encoding="utf-8")
    catalog.incidents.read_from(folder)
    house.with_catalog(catalog)


async def test_an_organisation_writes_its_own(monitor: Monitor, burning: int, edited: Edited, tmp_path: Path) -> None:
    own = "# {{ title }}\n\n{{ ask('clinics', 'Which clinics?') }}\n\n<!channel> {{ severity }}\n"
    with_template(monitor.house, edited, tmp_path, own)

    await asked(monitor.house, f"alert {burning}")
    await filled(monitor.house, SELMA, {"clinics": "Katutura"})

    message = await shown(monitor.house)
    assert "Katutura" in words(message)
    assert {block["type"] for block in message.blocks} == {"rich_text", "context", "actions"}
    assert "Which clinics?" not in words(message)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("# {{ title }}\n\n{{ severty }}\n", "own.md:3: 'severty' is undefined"),
        ("# x\n{% if %}\n", "own.md:2: Expected an expression"),
        ("{{ ''.__class__ }}", "own.md:1: access to attribute '__class__'"),
        ("a\n\n{{ ask('X Y', 'What?') }}", "own.md:3: “X Y” is no name of a question"),
        (None, "own.md: there is no such file"),
    ],
)
async def test_a_wrong_template_is_named_and_ours_is_used(
    monitor: Monitor, burning: int, edited: Edited, tmp_path: Path, text: str | None, fault: str
) -> None:
    with_template(monitor.house, edited, tmp_path, text)

    said = await asked(monitor.house, f"alert {burning}")

    assert f"Your own template was not used, for it is wrong: {fault}" in said
    assert "## Timeline" in (await report(monitor.house)).markdown
    assert fault in words(await shown(monitor.house))


async def test_answers_to_what_is_no_longer_asked_are_kept(
    monitor: Monitor, burning: int, edited: Edited, tmp_path: Path
) -> None:
    await asked(monitor.house, f"alert {burning}")
    await filled(monitor.house, SELMA, {"impact": "two clinics"})

    with_template(monitor.house, edited, tmp_path, "# {{ title }}\n")
    await reporting.write(monitor.house.world, 1)

    assert "two clinics" in (await report(monitor.house)).markdown


async def test_the_sample_has_what_real_reports_have(monitor: Monitor, burning: int) -> None:
    await asked(monitor.house, f"alert {burning}")
    async with monitor.house.world.ledger.transaction() as tx:
        found = await reporting.incident.read(tx, f"alertgroup:{burning}")
        now = tx.now
    real = recounting.values(await report(monitor.house), found, {}, now=now)

    assert shape(real) == shape(SAMPLE)


def shape(value: object) -> object:
    match value:
        case {"service": _}:
            return "labels"
        case dict():
            return {name: shape(one) for name, one in value.items()}
        case [first, *_]:
            return [shape(first)]
        case _:
            return type(value)


@pytest.mark.parametrize("name", ["incident-report", "root-cause-analysis", "post-mortem"])
async def test_ours_are_right(name: str) -> None:
    made = await writing.fill_in(writing.Template(name, templates.text(name)), SAMPLE, {})

    assert isinstance(made, writing.Written), made
    assert made.questions


# --- long, odd, wrong -----------------------------------------------------------------------------------------------


async def test_a_long_report_goes_on_in_the_thread(monitor: Monitor, burning: int) -> None:
    await asked(monitor.house, f"post-mortem alert {burning}")
    for question in ("summary", "impact", "cause", "well", "badly", "lessons", "actions"):
        await filled(monitor.house, SELMA, {question: f"{question} " + "wort " * 580}, about="1")

    first, second = await shown(monitor.house), await shown(monitor.house, role="page/2")
    assert "The rest is in the thread." in words(first)
    assert "change 2 began" in words(await shown(monitor.house, role="page/3"))
    assert sum(len(text) for text in words(first)) < 12_000
    assert second.blocks


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("alert 99", "There is no alert group 99"),
        ("change 99", "There is no change 99"),
        ("postmortem alert 1", "Did you mean post-mortem?"),
        ("", "Say what it is about"),
        ("alert", "Say which alert, by its number."),
        ("alert x", "“x” is none"),
        ("post-mortem incident alert 1", "I do not know what “incident” means here"),
    ],
)
async def test_wrong_words_are_refused(monitor: Monitor, burning: int, line: str, told: str) -> None:
    assert burning == 1
    with pytest.raises(Refused, match=told):
        await typed(monitor.house, SELMA, f"/incident-report {line}")


async def test_a_guest_writes_none(monitor: Monitor, burning: int) -> None:
    with pytest.raises(Refused, match="Only members"):
        await reporting.check(
            monitor.house.world, "U0GUESTXX9", Wanted(template="post-mortem", subject=f"alertgroup:{burning}")
        )


async def test_the_window_offers_every_template(monitor: Monitor, burning: int) -> None:
    answer = await incident_report.of_group(burning, incident_context(monitor.house, NDAPEWA))
    assert isinstance(answer, Open)
    assert check_view(answer.modal) == []

    sent = Submission({"template": "root-cause-analysis"}, f"alertgroup:{burning}")
    assert await incident_report.submit(sent, incident_context(monitor.house, NDAPEWA)) is None
    await monitor.house.drain()
    assert (await report(monitor.house)).name == "Root cause analysis"


async def test_the_terminal_lists_and_exports_them(monitor: Monitor, burning: int, database_url: str) -> None:
    await asked(monitor.house, f"alert {burning}")

    listed, told = await slipway(database_url, "list"), await slipway(database_url, "export", "1")
    assert "1  2026-03-02 09:14 UTC  Incident report  alertgroup:1  BackendDown" in listed[1]
    assert told == (0, (await report(monitor.house)).markdown + "\n")
    assert await slipway(database_url, "export", "99") == (1, "")


async def slipway(url: str, *words: str) -> tuple[int, str]:
    """Type `slipway incidents …`; return its exit code, and what it printed."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.cli", "incidents", *words),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={**os.environ, "DATABASE_URL": url},
    )
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode()
