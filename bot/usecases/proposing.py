"""Proposing a change: a plan becomes rows (change, operations, steps, cards) and an answer, in one transaction."""

import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.domain import gate as gates_domain
from bot.domain.change import Blocked, Change, Cleared, State
from bot.domain.gate import GateResult
from bot.domain.operation import Operation
from bot.domain.plan import Plan
from bot.domain.step import Step
from bot.domain.target import Target
from bot.ledger import cards, changes, operations, requests, steps
from bot.ledger.ledger import Tx
from bot.ledger.queue import URGENT, Job
from bot.ledger.requests import Asked
from bot.world import World

BLOCKED_FOR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Planner:
    """The use case behind a word that leads to a change."""

    word: str
    plan: Callable[[World, Asked], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A plan with who asked for it and why. `left_out` says of each service that is not in it why it is not.

    That informs people and decides nothing, so it is noted with the change and is no part of the plan they approve.
    """

    plan: Plan
    gates: list[GateResult]
    asked_by: str
    channel: str
    reason: str = ""
    trigger: str = ""
    left_out: Sequence[str] = ()


async def propose(
    world: World, asked: Asked | None, proposal: Proposal, *, first: Callable[[Tx], Awaitable[object]] | None = None
) -> int:
    """Write a change down, let it go as far as its gates and its policy allow, and have it pictured.

    What has to happen `first` happens in the same transaction.
    """
    async with world.ledger.transaction() as tx:
        if asked is not None:
            known = await changes.of_request(tx, asked.id)
            if known is not None:
                return known
        if first is not None:
            await first(tx)
        number = await write(world, tx, proposal, request_id=asked.id if asked else None)
        if asked is not None:
            await requests.answer(tx, asked, None, leads_to={"change": number})
        return number


async def write(world: World, tx: Tx, proposal: Proposal, *, request_id: int | None = None) -> int:
    """Write a proposal down within a transaction; return the change's number."""
    change = await _rows(tx, proposal, request_id)
    await cards.add(tx, changes.subject(change.id), "live", world.catalog.channels.deployments)
    await clear(world, tx, change, proposal.gates)
    return change.id


async def _rows(tx: Tx, proposal: Proposal, request_id: int | None) -> Change:
    plan = proposal.plan
    draft = Change(
        id=0,
        kind=plan.kind,
        environment=plan.environment,
        asked_by=proposal.asked_by,
        plan=plan,
        channel=proposal.channel,
        reason=proposal.reason,
        trigger=proposal.trigger,
        approvals_needed=plan.approvals,
    )
    number = await changes.add(tx, draft, request_id=request_id)
    tx.record(
        "change.proposed",
        actor=proposal.asked_by,
        subject=changes.subject(number),
        plan=plan.digest,
        deed=plan.kind,
        environment=plan.environment,
        to={op.service: op.to.version for op in plan.operations},
        reason=proposal.reason,
        trigger=proposal.trigger,
        left_out=list(proposal.left_out),
    )
    await _operations(tx, number, plan)
    change = await changes.get(tx, number)
    assert change is not None  # noqa: S101 - it was just written
    return change


async def _operations(tx: Tx, change_id: int, plan: Plan) -> None:
    for position, planned in enumerate(plan.operations):
        draft = Operation(
            id=0,
            change_id=change_id,
            position=position,
            kind=plan.kind,
            target=Target(planned.service, plan.environment),
            from_release=planned.before.id if planned.before else None,
            to_release=planned.to.id,
        )
        op = await operations.add(tx, draft)
        await steps.add(
            tx,
            [
                Step(0, op.id, place, step.kind, step.name, new_key(op.id, step.name), options=step.options)
                for place, step in enumerate(planned.steps)
            ],
        )


def new_key(operation_id: int, name: str) -> str:
    """Return a key for a step that no other step ever had, even under another ledger."""
    word = "".join(letter if letter.isalnum() and letter.isascii() else "-" for letter in name.lower())
    return f"op{operation_id}-{word}-{secrets.token_hex(6)}"


async def clear(world: World, tx: Tx, change: Change, gates: list[GateResult]) -> Change:
    """Let a change go as far as its gates and its policy allow: blocked, waiting, or approved and started."""
    for result in gates:
        tx.record(
            "change.gate",
            actor="engine",
            subject=changes.subject(change.id),
            gate=result.gate,
            target=result.target,
            verdict=result.verdict,
            words=result.words,
        )
    obstacle = gates_domain.obstacle(gates)
    if obstacle is not None:
        await changes.set_expiry(tx, change, tx.now + BLOCKED_FOR)
        return changes.happen(tx, change, Blocked(obstacle), actor="engine")
    change = changes.happen(tx, change, Cleared(), actor="engine")
    if change.state is State.APPROVED:
        tx.enqueue(start(change.id))
        return change
    policy = world.catalog.policy(change.environment)
    if policy is not None:
        await changes.set_expiry(tx, change, tx.now + policy.expires)
    await cards.add(tx, changes.subject(change.id), "approval", world.catalog.channels.approvals)
    return change


def start(change_id: int) -> Job:
    """Return the job that starts an approved change."""
    return Job("start", change_id, lock=f"change:{change_id}", priority=URGENT)
