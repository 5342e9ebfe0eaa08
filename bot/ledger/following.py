"""What those are told who were told before: that somebody is at it, that it is over, or that it is open again.

Only what can be followed is (PagerDuty keeps an incident open; a mail does not), and only what may have arrived.
"""

from sqlalchemy import Text, bindparam, case, cast, func, literal, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.dialects.postgresql import insert as upsert

from bot.domain.escalation import Escalation
from bot.domain.notification import State, Verb
from bot.ledger.escalation_tables import notifications as table
from bot.ledger.ledger import Tx
from bot.ledger.queue import COSMETIC, URGENT, Job
from bot.ledger.statement import Statement
from bot.ledger.states import written_out

_SAME = ("escalation_id", "group_id", "kind", "name", "way")


def job(number: int) -> Job:
    """Return the job that tells one thing to one."""
    return Job("notify", number, priority=URGENT)


def repainting(group_id: int) -> Job:
    """Return the job that has what people were told of a group in Slack painted anew."""
    return Job("notified", group_id, priority=COSMETIC)


def _following() -> Statement:
    """Say in SQL: of what was told in a turn, once for each way, tell this too. `but_by` is who said it himself."""
    its = table.c
    verb, to_turn, new_key = (
        bindparam("verb", type_=Text),
        bindparam("to_turn", type_=its.turn.type),
        bindparam("new_key", type_=Text),
    )
    told = (
        select(
            *(its[name] for name in _SAME),
            to_turn,
            its.round,
            its.step,
            its.place,
            verb,
            case((verb == "tell", cast(new_key, Text)), else_=its.key),
            literal("due"),
            bindparam("now", type_=its.made_at.type),
            literal(value=True),
        )
        .ext(distinct_on(its.way, its.key))
        .where(
            its.escalation_id == bindparam("its_escalation"),
            its.turn == bindparam("its_turn"),
            its.verb == "tell",
            its.follows,
            its.state.in_(written_out([State.ASKED, State.DELIVERED, State.UNKNOWN])),
            func.concat("pager/", its.way) != bindparam("but_by", type_=Text),
        )
        .order_by(its.way, its.key, its.id)
    )
    names = [*_SAME, "turn", "round", "step", "place", "verb", "key", "state", "made_at", "follows"]
    return Statement(upsert(table).from_select(names, told).on_conflict_do_nothing().returning(its.id))


_FOLLOW = _following()


async def acknowledge(tx: Tx, one: Escalation, *, actor: str) -> None:
    """Have those who were told hear that somebody is at it, except where they said so themselves."""
    await _follow(tx, one, Verb.ACKNOWLEDGE, but_by=actor)


async def resolve(tx: Tx, one: Escalation) -> None:
    """Have those who were told hear that it is over."""
    await _follow(tx, one, Verb.RESOLVE)


async def tell_anew(tx: Tx, before: Escalation, after: Escalation) -> None:
    """Have those who were told, and heard that somebody was at it, told once more: nobody is any longer."""
    await _follow(tx, before, Verb.RESOLVE)
    await _follow(tx, before, Verb.TELL, to=after)


async def _follow(tx: Tx, one: Escalation, verb: Verb, *, but_by: str = "", to: Escalation | None = None) -> None:
    told = {"its_escalation": one.id, "its_turn": one.turn, "verb": verb.value, "but_by": but_by, "now": tx.now}
    to = to or one
    for row in await tx.rows(_FOLLOW, **told, to_turn=to.turn, new_key=key_of(to)):
        tx.enqueue(job(row["id"]))


def key_of(one: Escalation) -> str:
    """Return the key under which an escalation is told in its turn: one incident elsewhere, however many steps."""
    return f"{one.key}.{one.turn}"
