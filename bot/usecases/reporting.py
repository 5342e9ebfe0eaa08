"""Reports on what went wrong: asked for by people, or written by themselves after a rollback; filled in by people.

A report is about one thing by one template, and there is one of it. It is written by a job, again whenever what it is
about moves on, and the row holds what was written: the card pictures that, and the terminal exports it.
"""

from collections.abc import Mapping
from dataclasses import replace

import structlog
from pydantic import BaseModel, ConfigDict

from bot import templates, writing
from bot.catalog import nearest
from bot.domain.errors import Refused, Retry
from bot.domain.report import FIRST, Answer, Report, went_back
from bot.ledger import alertgroups, cards, changes, operations, painting, reports, requests
from bot.ledger.ledger import Tx
from bot.ledger.requests import Asked
from bot.usecases import incident, recounting
from bot.usecases.incident import Incident
from bot.usecases.proposing import Planner
from bot.views.reports import pages, together
from bot.world import World
from bot.writing import Fault, Template, Written

MOST_WORDS = 3000  # of an answer; what one of Slack's inputs holds
LIVE, PAGE = "live", "page"

log = structlog.get_logger(__name__)


class Wanted(BaseModel):
    """The template, and what the report is about: `alertgroup:7` or `change:42`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    template: str
    subject: str


def known(world: World) -> list[str]:
    """Return the names of the templates there are, the usual one first."""
    every = {*templates.names(), *world.catalog.incidents.templates}
    return sorted(every, key=lambda name: (name != FIRST, name))


async def check(world: World, person: str, wish: Wanted) -> None:
    """Refuse at once what can be refused: a template or a subject that is not there, a guest."""
    if wish.template not in known(world):
        close = nearest(wish.template, known(world))
        hint = f"Did you mean {close}?" if close else f"There are {', '.join(known(world))}."
        raise Refused(f"There is no template “{wish.template}”. {hint}")
    await may_write(world, person)
    async with world.ledger.transaction() as tx:
        await _require(tx, wish.subject)


async def may_write(world: World, person: str) -> None:
    """Refuse who has no say here: guests, bots, and who has left."""
    if person not in await world.directory.with_say([person]):
        raise Refused("Only members of this workspace write reports, and you are a guest here, or have left.")


async def _require(tx: Tx, subject: str) -> None:
    noun, _, number = subject.partition(":")
    there = await (alertgroups.get(tx, int(number)) if noun == "alertgroup" else changes.get(tx, int(number)))
    if there is None:
        raise Refused(f"There is no {'alert group' if noun == 'alertgroup' else 'change'} {number}.")


async def plan(world: World, asked: Asked) -> None:
    """Open the report that was asked for and write it; tell who asked where it is, and what its template lacks."""
    wish = Wanted.model_validate(asked.args)
    await check(world, asked.person, wish)
    report, fresh = await open_one(world, wish, by=asked.person)
    if report.written_at is None:
        report = await write(world, report.id) or report
    async with world.ledger.transaction() as tx:
        await requests.answer(tx, asked, await _where(world, tx, report, fresh=fresh))


async def _where(world: World, tx: Tx, report: Report, *, fresh: bool) -> str:
    place = (await cards.places(tx, [reports.subject(report.id)])).get(reports.subject(report.id))
    url = world.directory.link(place.channel, place.ts) if place else None
    there = f"{report.name} {report.id} is {'' if fresh else 'there already, '}in #{report.channel.removeprefix('#')}"
    fault = f" Your own template was not used, for it is wrong: {report.fault}" if report.fault else ""
    return f"{there}{f': {url}' if url else '.'}{fault}"


async def open_one(world: World, wish: Wanted, *, by: str | None) -> tuple[Report, bool]:
    """Return the report of a template about something, opened now if there is none; and whether it was."""
    async with world.ledger.transaction() as tx:
        found = await incident.read(tx, wish.subject)
        draft = Report(0, wish.template, wish.subject, channel(world, found), by, tx.now)
        opened = await reports.open_one(tx, draft)
        if opened is not None:
            if by is None:
                tx.enqueue(reports.write(opened.id))
            cards.touch(tx, wish.subject, role="live")
            return opened, True
        there = [one for one in await reports.about(tx, wish.subject) if one.template == wish.template]
        return there[0], False


def channel(world: World, found: Incident) -> str:
    """Return where a report on an incident hangs: elsewhere if the catalog says that it is not for everybody."""
    return world.catalog.incidents.elsewhere_of(found.alerts, found.triggers) or for_everybody(world)


def for_everybody(world: World) -> str:
    """Return where reports hang that are for everybody."""
    return world.catalog.channels.incidents or world.catalog.channels.deployments


# --- writing --------------------------------------------------------------------------------------------------------


async def write(world: World, report_id: int) -> Report | None:
    """Write a report by what the ledger knows now; who writes at the same time writes the same."""
    async with world.ledger.transaction() as tx:
        report = await reports.get(tx, report_id)
        if report is None:
            return None
        found = await incident.read(tx, report.subject)
        standing = await reports.standing(tx, report_id)
        now = tx.now
    names = await world.names(recounting.people_in(report, found, standing))
    said = recounting.values(report, found, names, now=now)
    written, fault = await _written(world, report.template, said, recounting.answered(standing, names))
    async with world.ledger.transaction() as tx:
        locked = await reports.locked(tx, report_id)
        if locked is None or locked.revision != report.revision:
            tx.enqueue(reports.write(report_id))  # somebody has written it meanwhile, perhaps by less than we know
            return locked
        after = replace(
            locked,
            channel=channel(world, found),
            title=world.mask(recounting.title(found)),
            markdown=written.markdown,
            parts=written.parts,
            questions=written.questions,
            fault=fault,
        )
        await reports.written(tx, after)
        await _show(tx, locked, after)
        return after


async def _show(tx: Tx, before: Report, after: Report) -> None:
    """Have the card shown, and as many pages in its thread as it takes.

    What is no longer for everybody, because something joined that is not, goes where it may hang.
    """
    subject = reports.subject(after.id)
    await cards.add(tx, subject, LIVE, after.channel)
    live = await cards.of(tx, subject, LIVE)
    assert live is not None  # noqa: S101 - it was just written, if it was not there
    for number in range(2, len(pages(after)) + 1):
        await cards.add(tx, subject, f"{PAGE}/{number}", after.channel, thread_of=live.id)
    if before.channel != after.channel:
        for one in await cards.every(tx, subject):
            await painting.move(tx, one, channel=after.channel, fault="")


async def _written(
    world: World, name: str, said: Mapping[str, object], answers: Mapping[str, object]
) -> tuple[Written, str]:
    """Fill a template in: the organisation's own, or ours if that is wrong or there is none; say what was wrong."""
    own = own_template(world, name)
    fault = ""
    if own is not None:
        made = own if isinstance(own, Fault) else await writing.fill_in(own, said, answers)
        if isinstance(made, Written):
            return made, ""
        fault = world.mask(str(made))
        log.warning("a template is wrong", template=name, fault=fault)
    ours = name if name in templates.names() else FIRST
    made = await writing.fill_in(Template(f"{ours}.md", templates.text(ours)), said, answers)
    if isinstance(made, Fault):
        raise Retry(str(made))
    return made, fault


def own_template(world: World, name: str) -> Template | Fault | None:
    """Return an organisation's own template, or why it cannot be read; None where it has none."""
    return writing.own(world.catalog.incidents, name)


# --- after a rollback -----------------------------------------------------------------------------------------------


async def after_rollback(world: World, change_id: int) -> None:
    """Open a report about a change that took something back, unless there is one about what it was taken back for."""
    async with world.ledger.transaction() as tx:
        change = await changes.get(tx, change_id)
        ops = await operations.of_change(tx, change_id)
        if change is None or not went_back(change, [op.state for op in ops]):
            return
        if not world.catalog.incidents.wants_one(change.environment) or await _reported(tx, change_id):
            return
    await open_one(world, Wanted(template=FIRST, subject=changes.subject(change_id)), by=None)


async def _reported(tx: Tx, change_id: int) -> bool:
    """Whether what a change was about is reported on already, because of an alert."""
    found = await incident.read(tx, changes.subject(change_id))
    subjects = [alertgroups.subject(group.id) for group, _ in found.groups]
    known = [one for subject in subjects for one in await reports.about(tx, subject)]
    return any(one.template == FIRST for one in known)


# --- filling in -----------------------------------------------------------------------------------------------------


async def to_fill_in(world: World, report_id: int) -> tuple[Report, dict[str, list[Answer]]]:
    """Return a report and the answers that stand in it, for the window; `Refused` where there is nothing to say yet."""
    async with world.ledger.transaction() as tx:
        report = await reports.get(tx, report_id)
        if report is None:
            raise Refused(f"There is no report {report_id}.")
        if not report.questions:
            yet = "." if report.written_at else " yet; try again in a moment."
            raise Refused(f"{report.name} {report_id} asks nothing{yet}")
        return report, await reports.standing(tx, report_id)


async def answer(world: World, report_id: int, said: Mapping[str, str], seen: frozenset[int], *, by: str) -> int:
    """Note what somebody has filled in; return to how many questions.

    `seen` are the answers that they had before them. What somebody else has said meanwhile stays beside it.
    """
    await may_write(world, by)
    async with world.ledger.transaction() as tx:
        report = await reports.locked(tx, report_id)
        if report is None:
            raise Refused(f"There is no report {report_id}.")
        standing = await reports.standing(tx, report_id)
        every = {one.id: one for one in await reports.every(tx, report_id)}
        changed = 0
        for question, text in said.items():
            words = world.mask(text.strip())[:MOST_WORDS]
            before = [every[one] for one in sorted(seen) if one in every and every[one].question == question]
            if words == together(before).strip() or words in [one.text for one in standing.get(question, [])]:
                continue
            await reports.answer(tx, report, question, words, by=by, seen=seen)
            changed += 1
        if changed:
            tx.enqueue(reports.write(report_id))
        return changed


PLANNER = Planner("incident-report", plan)
