"""One target: what should serve there, what does, and how one container takes over from another.

What is asked for is written down, its container is made beside what is live and asked how it is; when it is well the
record names it as live, the next request goes to it, and the others leave. An engine that does not answer in the
middle is asked again as long as the new one may take; what has to leave is seen off however long that takes.
"""

import asyncio
import contextlib
import copy
import logging
from collections.abc import Callable, Coroutine, Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from bot.domain.errors import GaveUp, Retry
from bot.domain.observation import LogChunk, Observed, Phase
from integrations._docker import labels, wellness
from integrations._docker.engine import Engine, Seen
from integrations._docker.fronts import Fronts
from integrations._docker.means import Means
from integrations._docker.record import Leaving, Record, Wish
from integrations._docker.threads import Unreachable
from integrations._pauses import growing
from integrations._process_host.artefact import NotUp
from integrations._process_host.course import Course
from integrations._process_host.front import Upstream
from integrations._process_host.record import Asked

_ASK_EVERY = 0.1  # seconds, of an engine that does not answer
_SOON, _LATEST = 0.5, 30.0  # seconds before it is tried again to see somebody off: ever more

Found = TypeVar("Found")
log = logging.getLogger(__name__)


class Slot:
    """Implements `control.Slot`."""

    def __init__(self, record: Record, means: Means) -> None:
        self.record = record
        self._means = means
        self._fronts = Fronts(str(record))
        self._progress = ""
        self._unheld = ""  # why the public port of what is live is not held
        self._holding: asyncio.Task[None] | None = None
        self._bringing: asyncio.Task[None] | None = None
        self._making: asyncio.Task[Seen] | None = None
        self._leaving: dict[Leaving, asyncio.Task[None]] = {}

    async def ask(self, wish: Mapping[str, Any]) -> None:
        """See `control.Slot`. Secrets are handed on in memory, and never written down."""
        told = dict(wish)
        secrets = told.pop("secrets")
        wanted = Wish(**told)
        self._means.words.learn(secrets.values())
        if wanted.key not in self.record.asked:
            await self._engine(wanted).threads.look(self._means.maker(wanted, self.record).check, wanted)
            self._take(wanted, secrets)

    def _take(self, wish: Wish, secrets: Mapping[str, str]) -> None:
        """Write down what should run from now on, and begin to bring it up, unless somebody else just did."""
        if wish.key in self.record.asked:
            return
        with self._written() as record:
            if record.pending is not None:
                said = f"superseded: {wish.version} was asked for before {record.pending.version} was live"
                record.asked[record.pending.key] = Asked(Phase.FAILED, said)
                record.leaving.append(self._marked(record.pending))
            record.asked[wish.key] = Asked(Phase.PROGRESSING)
            record.pending = wish
        self._instead(self._bring_up(wish, secrets))
        self._see_off_all()

    def resume(self) -> None:
        """Hold the public port of what is live again, go on with what was pending, see off what has to leave."""
        if self.record.live is not None:
            self._holding = asyncio.create_task(self._hold(self.record.live))
        if self.record.pending is not None:
            self._instead(self._bring_up(self.record.pending, None))
        self._see_off_all()

    async def observe(self, key: str) -> Observed:
        """See `bot.ports.Backend`. The engine is asked what serves, so that what others did to it is seen."""
        record, live = self.record, self.record.live
        wanted = 0 if live is None and record.pending is None else 1
        found, trouble, restarts = None, "", 0
        if live is not None:
            found = await self._looked(live, live.container)
            trouble = wellness.still(self._means.section(live), found, live.version) or self._unheld
            restarts = found.restarts if found is not None else 0
        course = Course(self._progress, trouble or wellness.ended(found), restarts)
        phase, detail = course.standing(record, key, serving=not trouble)
        if live is None or found is None or not found.running:
            return Observed(phase, detail=detail, replicas=(0, wanted))
        return Observed(phase, live.key, live.digest, live.version, detail, replicas=(0 if trouble else 1, wanted))

    def knows(self, key: str) -> bool:  # noqa: ARG002 - the engine keeps the logs, not the host
        """See `control.Slot`."""
        return False

    def tail(self, key: str, offset: int) -> LogChunk:  # noqa: ARG002 - see above
        """See `control.Slot`."""
        return LogChunk("", offset)

    async def stop(self) -> None:
        """Let go of the public ports. Containers stay: the engine runs them, not we."""
        tasks = [task for task in (self._holding, self._bringing, *self._leaving.values()) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._fronts.close()

    def tidy(self) -> None:
        """See `control.Slot`: a record forgets old keys when it is written."""

    async def _hold(self, live: Wish) -> None:
        """Hold the public port of what is live, as soon as whoever may have it meanwhile lets go."""
        section = self._means.section(live)
        for pause in growing(_SOON, _LATEST, by=2):
            try:
                await self._fronts.open(section)
                break
            except NotUp as no:
                self._unheld = str(no)
                log.warning("%s: %s", self.record, no)
            await asyncio.sleep(pause)
        self._fronts.lead(section, live.private)
        self._unheld = ""

    async def _bring_up(self, wish: Wish, secrets: Mapping[str, str] | None) -> None:
        """Start it beside what is live, and let it serve when it is well. `secrets` is None when they are not known."""
        section, maker = self._means.section(wish), self._means.maker(wish, self.record)
        self._progress = f"{wish.version} is being started"
        try:
            await self._fronts.open(section)
            await self._patiently(wish, lambda: self._made(wish, secrets))
            container = await self._well(wish)
            threads = self._engine(wish).threads
            others = await self._patiently(wish, lambda: threads.deed(maker.others, container))
            await self._patiently(wish, lambda: threads.deed(maker.settle, container))
            self._switch(wish, container, others)
        except (NotUp, Retry, GaveUp) as no:
            self._fail(wish, str(no))
        await self._fronts.close(but=self._means.section(self.record.live or wish).port)

    async def _made(self, wish: Wish, secrets: Mapping[str, str] | None) -> Seen:
        """Make its container, or take over what a host that was killed has begun."""
        if secrets is None:
            begun = await self._mine(wish)
            if begun is None and self._means.section(wish).secrets:
                raise NotUp("its host was ended before it was started, and no secrets are kept; nothing has changed")
        maker = self._means.maker(wish, self.record)
        if maker.alone and self._leaving:
            await asyncio.wait(self._leaving.values())
        self._making = asyncio.create_task(self._engine(wish).threads.deed(maker.make, wish, secrets or {}))
        return await asyncio.shield(self._making)  # a thread cannot be ended: who supersedes it waits for it

    async def _well(self, wish: Wish) -> Seen:
        """Return the container as soon as it is well; `NotUp` when it will not be, with its last words."""
        section, loop = self._means.section(wish), asyncio.get_running_loop()
        patience = section.start_within.total_seconds()
        until, missing, pauses = loop.time() + patience, "it was not asked yet", growing()
        try:
            while loop.time() < until:
                container = await self._patiently(wish, lambda: self._mine(wish))
                said = await wellness.state(section, container)
                if said is None and container is not None:
                    return container
                missing = str(said)
                self._progress = f"{wish.version} is starting: {missing}"
                await asyncio.sleep(next(pauses))
        except NotUp as no:
            raise NotUp(f"{no}{await self._last_words(wish)}") from no
        raise NotUp(f"not up within {patience:g}s: {missing}{await self._last_words(wish)}")

    async def _patiently(self, wish: Wish, deed: Callable[[], Coroutine[Any, Any, Found]]) -> Found:
        """Do it again while the engine does not answer, as long as the new one may take."""
        loop, patience = asyncio.get_running_loop(), self._means.section(wish).start_within.total_seconds()
        until = loop.time() + patience
        while True:
            try:
                return await deed()
            except Unreachable as no:
                self._progress = f"{wish.version} is being started: {no}"
                if loop.time() > until:
                    raise NotUp(f"not up within {patience:g}s: {no}") from no
                await asyncio.sleep(_ASK_EVERY)

    def _switch(self, wish: Wish, container: Seen, others: list[str]) -> None:
        """Make it what is live: written down first, then the next request goes there, then the others may leave."""
        section, old = self._means.section(wish), self.record.live
        private = wellness.private_port(section, container) if section.port else 0
        before = self._means.section(old) if old else section
        grace = before.grace.total_seconds()
        away = {Leaving(one, grace, section.engine) for one in others}
        if old is not None and old.container != container.id:
            away.add(Leaving(old.container, grace, before.engine))
        with self._written() as record:
            record.live, record.pending = replace(wish, container=container.id, private=private), None
            record.asked[wish.key] = Asked(Phase.LIVE)
            record.leaving += away
        if self._holding is not None:
            self._holding.cancel()
        self._progress = self._unheld = ""
        retired = self._fronts.lead(section, private)
        self._see_off_all(retired)

    def _fail(self, wish: Wish, detail: str) -> None:
        """Remember that it did not come up. If that cannot be written down, whoever comes next tries once more."""
        detail = self._means.words.masked(detail)
        log.warning("%s: %s does not come up: %s", self.record, wish.version, detail)
        self.record.asked[wish.key] = Asked(Phase.FAILED, detail)
        self.record.pending = None
        self.record.leaving.append(self._marked(wish))
        self._save()
        self._see_off_all()

    def _see_off_all(self, retired: Upstream | None = None) -> None:
        """Begin to see off what is to go and is not seen off yet; `retired` is what it may still be answering."""
        for leaving in self.record.leaving:
            if leaving not in self._leaving:
                task = asyncio.create_task(self._see_off(leaving, retired, self._making))
                self._leaving[leaving] = task

    async def _see_off(self, leaving: Leaving, retired: Upstream | None, making: asyncio.Task[Seen] | None) -> None:
        """Let it answer what it is answering, then end it, and remove it."""
        if making is not None:
            await asyncio.wait({making})
        if retired is not None:
            await retired.idle(leaving.grace)
        for pause in growing(_SOON, _LATEST, by=2):
            try:
                await self._means.engine(leaving.engine).threads.deed(self._end, leaving)
                break
            except (Retry, GaveUp) as no:
                said = self._means.words.masked(str(no))
                log.warning("%s: %s cannot leave yet: %s", self.record, leaving.word, said)
                await asyncio.sleep(pause)
        if retired is not None:
            await retired.close()
        del self._leaving[leaving]
        self.record.leaving = [one for one in self.record.leaving if one != leaving]
        self._save()

    def _end(self, leaving: Leaving) -> None:
        engine = self._means.engine(leaving.engine)
        labelled = "=" in leaving.word
        for one in [one.id for one in labels.bearing(engine, leaving.word)] if labelled else [leaving.word]:
            engine.end(one, leaving.grace)

    async def _mine(self, wish: Wish) -> Seen | None:
        """Look for the wish's container."""
        engine = self._engine(wish)
        found = await engine.threads.look(labels.bearing, engine, self._marked(wish).word)
        mine = max(found, key=lambda one: one.running, default=None)
        return mine and self._means.words.of(self._means.section(wish), mine)

    async def _looked(self, wish: Wish, container: str) -> Seen | None:
        engine = self._engine(wish)
        found = await engine.threads.look(engine.container, container)
        return found and self._means.words.of(self._means.section(wish), found)

    async def _last_words(self, wish: Wish) -> str:
        engine = self._engine(wish)
        with contextlib.suppress(Retry, GaveUp):
            container = await self._mine(wish)
            if container is not None:
                return self._means.words.lines(await engine.threads.look(engine.last_words, container.id))
        return ""

    def _marked(self, wish: Wish) -> Leaving:
        """Return what is to go of a wish, whatever of it there is: all that bears its mark."""
        section = self._means.section(wish)
        word = f"{labels.MARK}={labels.mark(self._means.home, self.record.target, wish.key)}"
        return Leaving(word, section.grace.total_seconds(), section.engine)

    def _engine(self, wish: Wish) -> Engine:
        return self._means.engine(self._means.section(wish).engine)

    @contextlib.contextmanager
    def _written(self) -> Iterator[Record]:
        """Change a copy of the record, and make it the record when it is on disk; `NotUp` leaves all as it was."""
        changed = copy.deepcopy(self.record)
        yield changed
        self._means.write(changed)
        self.record = changed

    def _save(self) -> None:
        """Write down what is only good to know: whoever comes next finds it out without."""
        try:
            self._means.write(self.record)
        except NotUp as no:
            log.warning("%s: %s", self.record, no)

    def _instead(self, work: Coroutine[Any, Any, None]) -> None:
        """End one bringing-up and begin another."""
        if self._bringing is not None:
            self._bringing.cancel()
        self._bringing = asyncio.create_task(work)
