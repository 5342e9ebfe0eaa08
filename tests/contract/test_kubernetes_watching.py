"""How the Kubernetes backend hears of progress: by a watch that rings, and by reading whenever it cannot be sure."""

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.observation import Observed, Phase
from integrations._kubernetes.looking import OLDEST
from integrations.kubernetes import BACKEND
from tests.contract.kubernetes_bench import KubernetesBench, kubernetes
from tests.contract.living import surroundings, until
from tests.contract.wishes import TARGET
from tests.fakes.clock import FakeClock
from tests.fakes.kubernetes.cluster import Cluster


@dataclass
class Rollout:
    """A release that is on its way and goes no further until the cluster is let go."""

    bench: KubernetesBench
    clock: FakeClock

    @property
    def cluster(self) -> Cluster:
        return self.bench.cluster

    async def look(self) -> Observed:
        return await self.bench.backend.observe(TARGET, key="k1", config=self.bench.section(TARGET))

    def asked(self) -> Counter[str]:
        """What was asked of the server since this was last called, by verb."""
        verbs = Counter(verb for verb, _, _ in self.cluster.asked)
        self.cluster.asked.clear()
        return verbs

    def many(self, verb: str) -> int:
        """How often this was asked."""
        return sum(asked[0] == verb for asked in self.cluster.asked)

    async def watched(self) -> None:
        """Wait until both watches are open."""

        async def open_now() -> bool:
            return self.cluster.watching == 2

        await until(open_now)


@pytest.fixture
async def rollout(tmp_path: Path) -> AsyncIterator[Rollout]:
    clock = FakeClock()
    around = replace(surroundings(tmp_path), clock=clock)
    async with kubernetes(tmp_path) as bench, BACKEND.open(around) as backend:
        bench.backend = backend
        bench.cluster.held = True
        await backend.apply(TARGET, bench.good("1.0.0"), key="k1")
        rollout = Rollout(bench, clock)
        rollout.asked()
        assert (await rollout.look()).phase is Phase.PROGRESSING
        yield rollout


async def test_while_nothing_moves_nothing_is_asked(rollout: Rollout) -> None:
    await rollout.watched()
    assert rollout.asked() == {"get": 1, "list": 1, "watch": 2}

    seen = [await rollout.look() for _ in range(50)]
    assert set(seen) == {await rollout.look()}
    assert rollout.asked() == {}


async def test_what_moves_is_seen(rollout: Rollout) -> None:
    await rollout.watched()
    rollout.cluster.held = False
    rollout.cluster.store.ring()

    async def live() -> bool:
        return (await rollout.look()).phase is Phase.LIVE

    await until(live)


async def test_what_came_up_is_no_longer_watched(rollout: Rollout) -> None:
    await test_what_moves_is_seen(rollout)

    async def nobody() -> bool:
        return rollout.cluster.watching == 0

    await until(nobody)


async def test_a_watch_that_ends_as_usual_goes_on_from_where_it_was(rollout: Rollout) -> None:
    async def resumed() -> bool:
        await rollout.look()
        if rollout.cluster.watching == 2:
            rollout.cluster.end_watches()
        return rollout.many("watch") >= 10

    await until(resumed)
    assert rollout.asked()["get"] == 1


async def test_a_version_that_is_too_old_is_read_anew(rollout: Rollout) -> None:
    await rollout.watched()
    rollout.asked()
    rollout.cluster.bookmarks = False
    rollout.cluster.make("deployments", "other")
    rollout.cluster.store.compact()
    await rollout.look()
    rollout.cluster.end_watches()

    async def read_anew() -> bool:
        await rollout.look()
        return rollout.many("get") >= 1

    await until(read_anew)
    await rollout.watched()


async def test_a_broken_line_is_read_anew(rollout: Rollout) -> None:
    await rollout.watched()
    rollout.asked()
    rollout.cluster.down = True
    rollout.cluster.store.ring()

    async def gone() -> bool:
        return rollout.cluster.watching == 0

    await until(gone)
    rollout.cluster.down = False

    async def read_anew() -> bool:
        await rollout.look()
        return rollout.many("get") >= 1

    await until(read_anew)
    await rollout.watched()


async def test_a_silent_line_is_not_believed_for_long(rollout: Rollout) -> None:
    await rollout.watched()
    rollout.asked()
    rollout.clock.move(OLDEST + timedelta(seconds=1))
    await rollout.look()

    assert rollout.asked() == {"get": 1, "list": 1}


async def test_who_may_not_watch_asks_at_every_look(tmp_path: Path) -> None:
    async with kubernetes(tmp_path) as bench:
        bench.cluster.denied |= {("watch", "deployments"), ("watch", "pods")}
        bench.cluster.held = True
        await bench.backend.apply(TARGET, bench.good("1.0.0"), key="k1")
        rollout = Rollout(bench, FakeClock())
        rollout.asked()

        async def asked_often() -> bool:
            await rollout.look()
            return rollout.many("get") >= 5

        await until(asked_often)
        assert rollout.asked()["watch"] == 2
