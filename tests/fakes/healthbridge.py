"""HealthBridge at work in a test: the ledger is real, the clock is moved, everything outside is scripted.

`ask` does what a slash command does after its words are understood, and `drain` does the jobs that follow, one after
the other, in this process. A job that meets a bug makes the test fail.
"""

import itertools
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial

from procrastinate.jobs import Job as QueuedJob
from procrastinate.jobs import Status

from bot.catalog import Catalog
from bot.domain.change import Change
from bot.domain.errors import Retry
from bot.domain.masking import Mask
from bot.domain.operation import Operation
from bot.domain.step import Step
from bot.domain.target import Target
from bot.engine import changes as starting
from bot.engine import requests as planning
from bot.engine.advance import Mover, take_up
from bot.engine.touching import touch
from bot.jobs import JobKind, kinds
from bot.ledger import chain, changes, operations, painting, releases, requests, steps, targets
from bot.ledger.ledger import Ledger
from bot.ledger.queue import Job, Queue
from bot.ledger.requests import Deed
from bot.painter.pictures import Picture
from bot.plugins import introduced
from bot.sandbox.cast import JOHANNES as JOHANNES
from bot.sandbox.cast import LAYLA as LAYLA
from bot.sandbox.cast import MARIA as MARIA
from bot.sandbox.cast import NDAPEWA as NDAPEWA
from bot.sandbox.cast import SELMA as SELMA
from bot.sandbox.cast import TOMAS as TOMAS
from bot.usecases import decisions
from bot.world import World
from integrations.environment_secrets import EnvironmentSecrets
from tests.fakes.backend import ScriptedBackend, ScriptedProbe, ScriptedRunner, ScriptedSource
from tests.fakes.backups import PROGRAMS, ScriptedBackups
from tests.fakes.clock import FakeClock
from tests.fakes.databases import libpq
from tests.fakes.directory import FakeDirectory
from tests.fakes.fuse import Fuse, FusedLedger, FusedRunner, Killed, fused, fused_pager
from tests.fakes.graphs import KeptPictures, ScriptedPlots
from tests.fakes.metrics import ScriptedMetrics

Task = Callable[[int, object], Awaitable[object]]

PICTURES = {one.kind: one for one in introduced("bot.painter.pictures", "PICTURE", Picture)}

_deeds = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a request: a change, or a reply."""

    change: int | None
    reply: str | None


@dataclass
class ThisProcess:
    """Implements `bot.ledger.queue.Hands`: what the process that a test stands for does itself, when it is drained."""

    queue: Queue
    worker_id: int | None = None
    held: deque[tuple[int, Job, object]] = field(default_factory=deque)
    doubtful: list[int] = field(default_factory=list)
    died: bool = False

    def do(self, job_id: int, job: Job, known: object) -> None:
        self.held.append((job_id, job, known))

    def doubt(self, job_id: int) -> None:
        """See `bot.ledger.queue.Hands`."""
        self.doubtful.append(job_id)

    async def worker(self) -> int:
        """Return its number in the queue; it has one from the first time on."""
        if self.worker_id is None:
            self.worker_id = await self.queue.app.job_manager.register_worker()
            self.queue.hands = self
        return self.worker_id

    def die(self) -> None:
        """It was ended: what it had in hand is nobody's now, and is given out again when the next one works."""
        self.held.clear()
        self.died = True

    async def rescue(self) -> None:
        """Give out again what the process that died had taken, and what nobody knows of."""
        await self.queue.give_out(self.doubtful)
        self.doubtful.clear()
        if self.died:
            self.died = False
            for job in await self.queue.app.job_manager.list_jobs_async(status="doing"):
                await self.queue.app.job_manager.retry_job(job)


@dataclass
class HealthBridge:
    """An organisation with its world and everything in it that a test may move."""

    world: World
    queue: Queue
    clock: FakeClock
    source: ScriptedSource
    backend: ScriptedBackend
    runner: ScriptedRunner
    probe: ScriptedProbe
    metrics: ScriptedMetrics
    directory: FakeDirectory
    hands: ThisProcess
    secrets: dict[str, str]  # those that the catalog may name
    told: list[str] = field(default_factory=list)  # replies, in the order they would be told
    shows: bool = True  # whether Slack shows what is painted
    painted: list[int] = field(default_factory=list)  # cards, in the order they would be painted
    put_back: list[Job] = field(default_factory=list)  # jobs that are to be tried again later

    def with_catalog(self, catalog: Catalog) -> None:
        """The catalog has been edited, and the bot started again with it."""
        kinds = {plan.backend.kind for place in catalog.environments.values() for plan in place.targets.values()}
        backends = {kind: backend for kind, backend in self.world.backends.items() if kind in kinds}
        sources = dict.fromkeys(catalog.services, self.source)
        self.world = replace(self.world, catalog=catalog, backends=backends, sources=sources)
        self.hands.die()

    def idle(self) -> None:
        """This process only serves: another does the jobs, so what people decide begins by the queue."""
        self.queue.hands = None

    # what people do

    async def ask(self, word: str, by: str, args: Mapping[str, object], *, key: str | None = None) -> Answer:
        """Take a request as the Slack edge does, do what follows, and return what came of it."""
        return await self.answered(await self.take(word, by, args, key=key))

    async def answered(self, number: int) -> Answer:
        """Do what follows, and return what came of a request."""
        await self.drain()
        async with self.world.ledger.transaction() as tx:
            asked = await requests.get(tx, number)
            assert asked is not None
            assert asked.answered
            return Answer(await changes.of_request(tx, number), asked.reply)

    async def take(self, word: str, by: str, args: Mapping[str, object], *, key: str | None = None) -> int:
        """Take a request, and leave what follows to later."""
        deed = Deed(key or f"deed-{next(_deeds)}", by, "C0DEPLOYM2", word, self.world.covered(args))
        async with self.world.ledger.transaction() as tx:
            number = await requests.take(tx, deed)
        assert number is not None
        return number

    async def deploy(
        self, environment: str, *words: str, by: str = NDAPEWA, reason: str = "", dry_run: bool = False
    ) -> Answer:
        """Say `/deploy environment words…`."""
        args = {"environment": environment, "words": list(words), "reason": reason, "dry_run": dry_run}
        return await self.ask("deploy", by, args)

    async def deployed(self, environment: str, *words: str, by: str = NDAPEWA) -> Change:
        """Say `/deploy environment words…`, and return the change, which there has to be."""
        answer = await self.deploy(environment, *words, by=by)
        assert answer.change is not None, answer.reply
        return await self.change(answer.change)

    async def rollback(
        self,
        environment: str,
        service: str | None = "backend",
        to: str | None = None,
        *,
        by: str = TOMAS,
        reason: str = "the search is empty",
        **options: bool,
    ) -> Answer:
        """Say `/rollback environment service`, with options such as `across_migration`."""
        args = {"environment": environment, "service": service, "to": to, "trigger": "bug", "reason": reason}
        return await self.ask("rollback", by, args | options)

    async def rolled_back(self, environment: str, service: str = "backend", to: str | None = None) -> Change:
        """Say `/rollback environment service`, and return the change, which there has to be."""
        answer = await self.rollback(environment, service, to)
        assert answer.change is not None, answer.reply
        return await self.change(answer.change)

    async def restart_of(
        self, environment: str, service: str = "backend", *, by: str = TOMAS, reason: str = ""
    ) -> Answer:
        """Say `/restart environment service`."""
        return await self.ask("restart", by, {"environment": environment, "service": service, "reason": reason})

    async def restarted(self, environment: str, service: str = "backend", *, reason: str = "") -> Change:
        """Say `/restart environment service`, and return the change, which there has to be."""
        answer = await self.restart_of(environment, service, reason=reason)
        assert answer.change is not None, answer.reply
        return await self.change(answer.change)

    async def approve(self, change: Change, by: str) -> Change:
        """Press Approve, and do what follows."""
        await decisions.approve(self.world, change.id, by=by)
        await self.drain()
        return await self.change(change.id)

    async def approved(self, change: Change, *by: str) -> Change:
        """Have several people press Approve; by default the two who usually do."""
        for person in by or (SELMA, TOMAS):
            change = await self.approve(change, person)
        return change

    async def check_again(self, change: Change) -> Change:
        """Press Check again on a blocked change, and do what follows."""
        await decisions.check_again(self.world, change.id)
        await self.drain()
        return await self.change(change.id)

    async def good_in_staging(self, version: str, service: str = "backend") -> None:
        """Make a commit, have it deployed to staging, and merge it to main."""
        self.source.commit(service, version)
        change = await self.deployed("staging", service)
        assert change.state == "succeeded", change
        self.source.merge()

    async def live_in_production(self, version: str, service: str = "backend") -> None:
        """Bring a new commit all the way to production."""
        await self.good_in_staging(version, service)
        change = await self.approved(await self.deployed("production", service))
        assert change.state == "succeeded", change

    async def plan_only(self, request: int) -> None:
        """Plan a request, and leave what follows to later."""
        await planning.plan(self.world, request)

    async def put_off(self, task: str, subject: int) -> None:
        """Take a job out of the queue, or out of this process's hands; the test does it when it is time."""
        jobs = self.queue.app.job_manager
        for held in [held for held in self.hands.held if (held[1].task, held[1].subject) == (task, subject)]:
            self.hands.held.remove(held)
            await jobs.finish_job_by_id_async(held[0], Status.SUCCEEDED, delete_job=True)
        for job in await jobs.list_jobs_async(task=task, status="todo"):
            if job.task_kwargs["subject"] == subject and job.id is not None:
                await jobs.cancel_job_by_id_async(job.id, delete_job=True)

    async def reply(self, request: int) -> str | None:
        """Return what a request was answered."""
        async with self.world.ledger.transaction() as tx:
            asked = await requests.get(tx, request)
        return asked.reply if asked else None

    # what the ledger holds

    async def change(self, number: int) -> Change:
        """Return a change."""
        return await decisions.peek(self.world, number)

    async def newest_change(self) -> Change:
        """Return the change that was asked for last and has not ended."""
        async with self.world.ledger.transaction() as tx:
            return (await changes.open_in(tx))[-1]

    async def ops(self, change: Change) -> list[Operation]:
        """Return a change's operations."""
        async with self.world.ledger.transaction() as tx:
            return await operations.of_change(tx, change.id)

    async def op(self, change: Change) -> Operation:
        """Return the only operation of a change."""
        (op,) = await self.ops(change)
        return op

    async def recent(self) -> list[Operation]:
        """Return the newest operations of all, newest first."""
        async with self.world.ledger.transaction() as tx:
            return [op for op, _ in await operations.recent(tx, None, None)]

    async def steps(self, op: Operation) -> list[Step]:
        """Return an operation's steps."""
        async with self.world.ledger.transaction() as tx:
            return (await steps.of_operations(tx, [op.id]))[op.id]

    async def live(self, service: str, environment: str) -> str | None:
        """Return the version that the ledger says is live."""
        async with self.world.ledger.transaction() as tx:
            known = await targets.live(tx, Target(service, environment))
            release = await releases.get(tx, known.release_id) if known and known.release_id else None
        return release.version if release else None

    async def held(self, service: str, environment: str) -> dict[str, str]:
        """Return the versions that are held off a target, each with why."""
        async with self.world.ledger.transaction() as tx:
            holds = await targets.holds_on(tx, Target(service, environment))
            known = await releases.some(tx, list(holds))
        return {known[number].version: one.reason for number, one in holds.items()}

    async def happened(self, subject: str) -> list[str]:
        """Return the kinds of what happened to a subject, oldest first."""
        async with self.world.ledger.transaction() as tx:
            return [row["kind"] for row in await chain.of_subject(tx, subject)]

    async def log_of(self, op: Operation) -> str:
        """Return an operation's log, page by page."""
        async with self.world.ledger.transaction() as tx:
            return "".join([await steps.log_page(tx, op.id, page) for page in range(1, steps.MOST_PAGES + 1)])

    def effects(self, service: str = "backend", environment: str = "staging") -> list[str]:
        """Return the versions that truly went live on a target, in order."""
        target = Target(service, environment)
        return [effect.version for effect in self.backend.effects if effect.target == target]

    # what the engine does

    async def drain(self) -> None:
        """Do the jobs that this process has in hand or are in the queue, and those that follow, one after the other."""
        jobs = self.queue.app.job_manager
        worker = await self.hands.worker()
        await self.hands.rescue()
        tasks = self._tasks()
        while True:
            if self.hands.held:
                number, job, known = self.hands.held.popleft()
                await tasks[job.task](int(job.subject), known)
                await jobs.finish_job_by_id_async(number, Status.SUCCEEDED, delete_job=True)
            elif queued := await jobs.fetch_job(queues=["slipway"], worker_id=worker):
                await self._do(tasks, queued)
            else:
                return

    async def _do(self, tasks: Mapping[str, Task], job: QueuedJob) -> None:
        subject = job.task_kwargs["subject"]
        assert isinstance(subject, int)
        await tasks[job.task_name](subject, None)
        await self.queue.app.job_manager.finish_job(job=job, status=Status.SUCCEEDED, delete_job=True)

    def _tasks(self) -> Mapping[str, Task]:
        return {name: partial(self._job, kind) for name, kind in kinds().items()} | {
            "plan": lambda number, _: planning.plan(self.world, number),
            "start": lambda number, _: starting.start(self.world, number),
            "advance": Mover(self.world).advance,
            "reply": lambda number, _: self._reply(number),
            "paint": lambda number, _: self._paint(number),
            "touch": lambda number, _: touch(self.world, number),
        }

    async def _job(self, kind: JobKind, number: int, _: object) -> None:
        try:
            await kind.do(self.world, number)
        except Retry:
            self.put_back.append(Job(kind.name, number))

    async def try_again(self) -> None:
        """Do what was put back for later, and what follows."""
        async with self.world.ledger.transaction() as tx:
            while self.put_back:
                tx.enqueue(self.put_back.pop(0))
        await self.drain()

    async def _reply(self, number: int) -> None:
        async with self.world.ledger.transaction() as tx:
            asked = await requests.get(tx, number)
            assert asked is not None
            await requests.replied(tx, number)
        self.told.append(asked.reply or "")

    async def _paint(self, number: int) -> None:
        """Note that a card is to be painted; unless a test paints for itself, Slack is taken to show it at once."""
        self.painted.append(number)
        if self.shows:
            async with self.world.ledger.transaction() as tx:
                card = await painting.begin_painting(tx, number)
                assert card is not None
                await painting.shown(tx, card, ts="1.000001", channel=card.channel, revision=card.revision)
                became = PICTURES[card.subject.partition(":")[0]].became
                if card.ts is None and became is not None:
                    await became(self.world, tx, card, None)

    async def until_killed(self, fuse: Fuse) -> bool:
        """Do jobs until there are none, or the fuse kills the bot; return whether it did."""
        whole = self.world
        self.world = replace(
            whole,
            ledger=FusedLedger(whole.ledger, fuse),
            backends={name: fused(backend, fuse) for name, backend in whole.backends.items()},
            runner=FusedRunner(whole.runner, fuse),
            pagers={name: fused_pager(opened, fuse) for name, opened in whole.pagers.items()},
        )
        try:
            await self.drain()
        except Killed:
            return True
        finally:
            self.world = whole
        return False

    async def restart(self) -> None:
        """The bot was killed and has been started again: its jobs are taken up anew, and open operations as well."""
        self.hands.die()
        await self.hands.rescue()
        async with self.world.ledger.transaction() as tx:
            await take_up(tx, everything=True)


@asynccontextmanager
async def healthbridge(
    url: str, catalog: Catalog, *, secrets: tuple[str, ...] = (), clock: FakeClock | None = None
) -> AsyncIterator[HealthBridge]:
    """Give a HealthBridge on a fresh database."""
    clock, queue = clock or FakeClock(), Queue(libpq(url))
    source, backend, probe, directory = ScriptedSource(), ScriptedBackend(), ScriptedProbe(), FakeDirectory()
    runner, metrics = ScriptedRunner(clock, PROGRAMS), ScriptedMetrics(clock)
    ledger = Ledger(url, clock=clock, queue=queue, patience=60)  # the machine may be busy
    mask, kept = Mask(secrets), dict[str, str]()
    world = World(
        ledger=ledger,
        clock=clock,
        catalog=catalog,
        directory=directory,
        backends={"scripted": backend},
        sources=dict.fromkeys(catalog.services, source),
        runner=runner,
        backups=ScriptedBackups(),
        probe=probe,
        metrics=dict.fromkeys(catalog.environments, metrics),
        plots=ScriptedPlots(),
        pictures=KeptPictures(),
        secrets=EnvironmentSecrets(kept, mask.learn),
        mask=mask,
    )
    async with queue.app.open_async():
        try:
            hands = ThisProcess(queue)
            yield HealthBridge(world, queue, clock, source, backend, runner, probe, metrics, directory, hands, kept)
        finally:
            await ledger.close()
