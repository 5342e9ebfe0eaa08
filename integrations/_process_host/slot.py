"""One target: what should serve there, what does, and how one becomes the other.

At most two tasks work on it: one brings up what is pending and makes it live, one keeps what is live alive, starting
it again with growing pauses when it ends by itself. A newer wish ends the bringing-up of an older one.
"""

import asyncio
import contextlib
import copy
import logging
from collections.abc import Coroutine, Iterator, Mapping
from dataclasses import asdict, replace
from typing import Any

from bot.domain.observation import LogChunk, Observed, Phase
from integrations._logs import chunk
from integrations._process_host.artefact import NotUp
from integrations._process_host.child import Child, adopt, spawn
from integrations._process_host.course import Course
from integrations._process_host.folder import Folder
from integrations._process_host.front import Front, Upstream
from integrations._process_host.health import well
from integrations._process_host.record import Asked, Process, Record, Wish

_PAUSES = (0.5, 1, 2, 4, 8, 16, 30)  # seconds before a version that ended by itself is started again
_STEADY = 30.0  # seconds of life after which the pauses begin anew

log = logging.getLogger(__name__)


class Slot:
    """See above. `folder` holds the record, the logs and what is unpacked; `mark` tells our processes from others."""

    def __init__(self, record: Record, folder: Folder, mark: str) -> None:
        self.record = record
        self._folder = folder
        self._mark = f"{mark}:{record}"
        self._fronts: dict[int, Front] = {}  # by port; more than one only while a target changes its port
        self._child: Child | None = None
        self._adopted: Child | None = None  # taken over, and waiting for the public port
        self._course = Course()
        self._bringing: asyncio.Task[None] | None = None
        self._keeping: asyncio.Task[None] | None = None
        self._leaving: set[asyncio.Task[None]] = set()

    async def ask(self, wish: Mapping[str, Any]) -> None:
        """See `control.Slot`. What should run from now on is written down, then brought up."""
        self._take(Wish(**wish))

    def _take(self, wish: Wish) -> None:
        if wish.key in self.record.asked:
            return
        with self._written() as record:
            if record.pending is not None:
                said = f"superseded: {wish.version} was asked for before {record.pending.version} was live"
                record.asked[record.pending.key] = replace(
                    record.asked[record.pending.key], phase=Phase.FAILED, detail=said
                )
            record.asked[wish.key] = Asked(Phase.PROGRESSING)
            record.pending = wish
        self._course.progress = ""
        self._bringing = self._instead(self._bringing, self._bring_up(wish))

    def resume(self, unrecorded: list[Process]) -> None:
        """Bring back what was live, go on with what was pending, end what should not be there."""
        record = self.record
        for stray in [*record.strays, *unrecorded]:
            child = adopt(stray)
            if child is not None:
                self._dismiss(child, None, 0.0)
        record.strays = []
        self._adopted = adopt(record.process) if record.process else None
        if record.live is not None:
            self._keeping = self._instead(None, self._keep(record.live, self._adopted))
        if record.pending is not None:
            self._bringing = self._instead(None, self._bring_up(record.pending))

    async def observe(self, key: str) -> Observed:
        """See `bot.ports.Backend`."""
        live, serving = self.record.live, self._serving()
        phase, detail = self._course.standing(self.record, key, serving=serving)
        wanted = int(live is not None or self.record.pending is not None)
        if live is not None and serving:
            return Observed(phase, live.key, live.digest, live.version, detail, replicas=(1, wanted))
        return Observed(phase, detail=detail, replicas=(0, wanted))

    def knows(self, key: str) -> bool:
        """See `control.Slot`."""
        return key in {*self.record.asked, str(self.record)}

    def tail(self, key: str, offset: int) -> LogChunk:
        """Return what the process of a key said, or of what is live where the key is the target's name."""
        said = self.record.asked.get(key) or (self.record.process if key == str(self.record) else None)
        return chunk(self._folder.log(said.generation if said else 0), offset)

    def wish(self) -> dict[str, Any] | None:
        """See `control.Keeper`."""
        return asdict(self.record.live) if self.record.live else None

    def printed(self, since: float, most: int) -> str:
        """See `control.Keeper`."""
        return self._folder.printed(since, most)

    async def stop(self) -> None:
        """End everything gracefully; the record keeps what was live, for the next start."""
        tasks = [task for task in (self._bringing, self._keeping) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        upstream, child = self._upstream(), self._child or self._adopted
        await asyncio.gather(*(front.close() for front in self._fronts.values()))
        if child is not None:
            self._dismiss(child, upstream, self.record.live.grace if self.record.live else 0.0)
        await asyncio.gather(*self._leaving)

    def tidy(self) -> None:
        """Keep what lies on disk within bounds."""
        alive = [process.generation for process in [self.record.process, *self.record.strays] if process]
        self._folder.tidy({*alive, self.record.generation})

    async def _bring_up(self, wish: Wish) -> None:
        """Start it beside what is live, and let it serve when it is well."""
        try:
            await self._open(wish.port)
            child = await self._start(wish)
            self._switch(wish, child)
        except NotUp as no:
            self._fail(wish, str(no))
        await self._close_all_but(self.record.live.port if self.record.live else wish.port)

    def _switch(self, wish: Wish, child: Child) -> None:
        """Make it what is live: written down first, then the next request goes there, then the old one may leave."""
        old, upstream = self._child or self._adopted, self._upstream()
        grace = self.record.live.grace if self.record.live else 0.0
        try:
            with self._written() as record:
                record.live, record.process, record.pending = wish, child.process, None
                record.asked[wish.key] = replace(record.asked[wish.key], phase=Phase.LIVE, detail="")
                record.strays = _without(record.strays, child) + ([old.process] if old else [])
        except NotUp:
            self._dismiss(child, None, wish.grace)
            raise
        self._course = Course()
        self._serve(wish, child)
        if old is not None:
            self._dismiss(old, upstream, grace)
        self._keeping = self._instead(self._keeping, self._keep(wish, child))

    def _fail(self, wish: Wish, detail: str) -> None:
        """Remember that it did not come up. If that cannot be written down, whoever comes next tries once more."""
        log.warning("%s: %s does not come up: %s", self.record, wish.version, detail)
        asked = self.record.asked
        asked[wish.key] = replace(asked[wish.key], phase=Phase.FAILED, detail=detail)
        self.record.pending = None
        self._save()

    async def _keep(self, wish: Wish, child: Child | None) -> None:
        """Keep what is live alive. `child` is its process, if it has one already."""
        failures = 0
        while True:
            try:
                await self._open(wish.port)
                child = child or await self._start(wish)
                if self._child is not child:
                    self._take_up(wish, child)
                lived = await self._watch(child)
                said = f"{wish.version} ended by itself: {self._ended(child)}"
                failures = 0 if lived > _STEADY else failures
                child = None
            except NotUp as no:
                said = f"{wish.version} does not come up again: {no}"
            pause = _PAUSES[min(failures, len(_PAUSES) - 1)]
            failures += 1
            self._in_trouble(f"{said}; it is started again in {pause:g}s")
            await asyncio.sleep(pause)

    async def _watch(self, child: Child) -> float:
        """Return when it has ended, with the seconds that it lived."""
        began = asyncio.get_running_loop().time()
        await child.gone()
        upstream = self._upstream()
        self._child = self.record.process = None
        for front in self._fronts.values():
            front.upstream = None
        self._dismiss(child, upstream, 0.0)
        self._course.restarts += 1
        return asyncio.get_running_loop().time() - began

    async def _start(self, wish: Wish) -> Child:
        """Start a process of it and return when its health path says that it is well; `NotUp` when it does not."""
        with self._written() as record:  # before its folder is: a number is never given twice, whenever we are killed
            record.generation = generation = record.generation + 1
            record.asked[wish.key] = replace(record.asked[wish.key], generation=generation)
        await self._folder.unpack(wish.digest, generation)
        places = self._folder.run(generation), self._folder.log(generation)
        child = spawn(wish, *places, generation, f"{self._mark}:{generation}")
        up = False
        try:
            with self._written() as record:
                record.strays.append(child.process)
            await self._until_well(wish, child)
            up = True
        finally:
            if not up:
                self._dismiss(child, None, wish.grace)
        return child

    async def _until_well(self, wish: Wish, child: Child) -> None:
        """Return when the child says that it is well; `NotUp` when it ends, or takes too long."""

        def progress(said: str) -> None:
            self._course.progress = f"{wish.version} is starting: {said}"

        said = await well(child, wish.health, wish.start_within, progress)
        if said is not None and child.alive:
            raise NotUp(
                f"not up within {wish.start_within:g}s: {said}{self._folder.last_words(child.process.generation)}"
            )
        if said is not None:
            raise NotUp(f"it ended before it was up: {self._ended(child)}")

    def _take_up(self, wish: Wish, child: Child) -> None:
        """Let a new process of what is live serve, once it is written down; `NotUp` when it cannot be."""
        try:
            with self._written() as record:
                record.process, record.strays = child.process, _without(record.strays, child)
        except NotUp:
            self._dismiss(child, None, wish.grace)
            raise
        self._serve(wish, child)

    def _serve(self, wish: Wish, child: Child) -> None:
        """Let the next request go to it."""
        self._child, self._adopted = child, None
        self._fronts[wish.port].upstream = Upstream(child.process.port)

    def _dismiss(self, child: Child, upstream: Upstream | None, grace: float) -> None:
        """Let it answer what it is answering, then ask it to end, then end it."""
        task = asyncio.create_task(self._see_off(child, upstream, grace))
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    async def _see_off(self, child: Child, upstream: Upstream | None, grace: float) -> None:
        if upstream is not None:
            await upstream.idle(grace)
        await child.end(grace)
        if upstream is not None:
            await upstream.close()
        self.record.strays = _without(self.record.strays, child)
        self._save()
        await self._folder.remove(child.process.generation)

    async def _open(self, port: int) -> None:
        await self._fronts.setdefault(port, Front(str(self.record), port)).open()

    async def _close_all_but(self, port: int) -> None:
        for other in [other for other in self._fronts if other != port]:
            await self._fronts.pop(other).close()

    def _in_trouble(self, words: str) -> None:
        log.warning("%s: %s", self.record, words)
        self._course.trouble = words
        for front in self._fronts.values():
            front.why = words

    def _serving(self) -> bool:
        return self._child is not None and self._child.alive and self._upstream() is not None

    def _upstream(self) -> Upstream | None:
        front = self._fronts.get(self.record.live.port) if self.record.live else None
        return front.upstream if front else None

    def _ended(self, child: Child) -> str:
        return f"{child.ending}{self._folder.last_words(child.process.generation)}"

    @contextlib.contextmanager
    def _written(self) -> Iterator[Record]:
        """Change a copy of the record, and make it the record when it is on disk; `NotUp` leaves all as it was."""
        changed = copy.deepcopy(self.record)
        yield changed
        self._folder.write(changed)
        self.record = changed

    def _save(self) -> None:
        """Write down what is only good to know: whoever comes next finds it out without."""
        try:
            self._folder.write(self.record)
        except NotUp as no:
            log.warning("%s: %s", self.record, no)

    @staticmethod
    def _instead(task: asyncio.Task[None] | None, work: Coroutine[object, object, None]) -> asyncio.Task[None]:
        """End one task and begin another."""
        if task is not None:
            task.cancel()
        return asyncio.create_task(work)


def _without(strays: list[Process], child: Child) -> list[Process]:
    return [stray for stray in strays if stray != child.process]
