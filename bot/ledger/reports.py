"""Reports on what went wrong, and what people answered in them; an answer is never changed, only replaced."""

import json
from collections.abc import Iterable
from dataclasses import asdict

from sqlalchemy import RowMapping, bindparam, select, text, update
from sqlalchemy.dialects.postgresql import insert

from bot.domain.canonical import sha256
from bot.domain.report import Answer, Question, Report
from bot.ledger import cards
from bot.ledger.ledger import Tx
from bot.ledger.queue import USUAL, Job, deferring
from bot.ledger.report_tables import answers
from bot.ledger.report_tables import reports as table
from bot.ledger.statement import Reads, Row, Statement

_GET = Statement(select(table).where(table.c.id == bindparam("its_id")))
_ABOUT = Statement(select(table).where(table.c.subject == bindparam("about")).order_by(table.c.id))
_FOLLOW = Statement(
    text(f"""
    SELECT {deferring("report", lock="'report:' || id", priority=USUAL)} FROM reports
    WHERE subject = :about AND written_at IS NOT NULL AND NOT EXISTS (
        SELECT FROM procrastinate_jobs WHERE queue_name = 'slipway' AND status = 'todo' AND task_name = 'report'
        AND args->>'subject' = reports.id::text
    )
    """)  # noqa: S608 - nothing of it is from outside
)


def subject(report_id: int) -> str:
    """Return how events and cards name a report."""
    return f"report:{report_id}"


def write(report_id: int) -> Job:
    """Return the job that writes a report anew by what the ledger knows; one at a time."""
    return Job("report", report_id, lock=f"report:{report_id}")


def read(row: Row | RowMapping) -> Report:
    """Return the report of a row."""
    return Report(
        id=row["id"],
        template=row["template"],
        subject=row["subject"],
        channel=row["channel"],
        asked_by=row["asked_by"],
        created_at=row["created_at"],
        written_at=row["written_at"],
        title=row["title"],
        markdown=row["markdown"],
        parts=json.loads(row["parts"]),
        questions=[Question(**one) for one in json.loads(row["questions"])],
        fault=row["fault"],
        revision=row["revision"],
    )


async def open_one(tx: Tx, report: Report) -> Report | None:
    """Write a new report down; None when there is one of its template and subject already."""
    values = {
        "template": report.template,
        "subject": report.subject,
        "channel": report.channel,
        "asked_by": report.asked_by,
        "created_at": tx.now,
    }
    made = insert(table).values(values).on_conflict_do_nothing(index_elements=["subject", "template"])
    there = [one for one in await about(tx, report.subject) if one.template == report.template]
    row = None if there else (await tx.execute(made.returning(table))).mappings().first()
    if row is None:  # or somebody else has opened it at this moment
        return None
    opened = read(row)
    what = {"template": opened.template, "about": opened.subject}
    tx.record("report.opened", actor=opened.asked_by or "engine", subject=subject(opened.id), **what)
    return opened


async def get(tx: Reads, report_id: int) -> Report | None:
    """Return a report by its number, or None."""
    row = await tx.row(_GET, its_id=report_id)
    return read(row) if row else None


async def about(tx: Reads, what: str) -> list[Report]:
    """Return the reports about something, oldest first."""
    return [read(row) for row in await tx.rows(_ABOUT, about=what)]


async def locked(tx: Tx, report_id: int) -> Report | None:
    """Return a report that nobody else changes until the commit, or None."""
    row = (await tx.execute(select(table).where(table.c.id == report_id).with_for_update())).mappings().first()
    return read(row) if row else None


async def newest(tx: Tx, *, most: int = 20) -> list[Report]:
    """Return the newest reports, newest first."""
    rows = await tx.execute(select(table).order_by(table.c.id.desc()).limit(most))
    return [read(row) for row in rows.mappings()]


async def written(tx: Tx, report: Report) -> None:
    """Write a report's text down as it was written now, and have its card painted."""
    values = {
        "channel": report.channel,
        "title": report.title,
        "markdown": report.markdown,
        "parts": json.dumps(list(report.parts), ensure_ascii=False),
        "questions": json.dumps([asdict(one) for one in report.questions], ensure_ascii=False),
        "fault": report.fault,
        "written_at": tx.now,
        "revision": table.c.revision + 1,
    }
    await tx.execute(update(table).where(table.c.id == report.id).values(values))
    cards.touch(tx, subject(report.id), urgent=True)


async def answer(tx: Tx, report: Report, question: str, words: str, *, by: str, seen: Iterable[int]) -> None:
    """Write an answer down in the place of those that its author had before them, and of no others."""
    values = {"report_id": report.id, "question": question, "text": words, "by": by, "at": tx.now}
    made = await tx.execute(insert(answers).values(values).returning(answers.c.id))
    number = int(made.scalar_one())
    replaced = update(answers).where(
        answers.c.report_id == report.id,
        answers.c.question == question,
        answers.c.id.in_(list(seen)),
        answers.c.replaced_by.is_(None),
    )
    await tx.execute(replaced.values(replaced_by=number))
    about = {"question": question, "answer": number, "words": sha256(words)}
    tx.record("report.answered", actor=by, subject=subject(report.id), **about)


async def standing(tx: Tx, report_id: int) -> dict[str, list[Answer]]:
    """Return the answers that nobody has replaced, by question, oldest first."""
    query = select(answers).where(answers.c.report_id == report_id, answers.c.replaced_by.is_(None))
    found: dict[str, list[Answer]] = {}
    for row in (await tx.execute(query.order_by(answers.c.id))).mappings():
        one = Answer(row["id"], row["question"], row["text"], row["by"], row["at"])
        found.setdefault(one.question, []).append(one)
    return found


async def every(tx: Tx, report_id: int) -> list[Answer]:
    """Return every answer that was ever given in a report, oldest first."""
    query = select(answers).where(answers.c.report_id == report_id).order_by(answers.c.id)
    return [
        Answer(row["id"], row["question"], row["text"], row["by"], row["at"])
        for row in (await tx.execute(query)).mappings()
    ]


def follow(tx: Tx, what: str) -> None:
    """Have the reports about something written anew, because something happened to it; those that wait for it wait."""
    tx.say(_FOLLOW, about=what)
