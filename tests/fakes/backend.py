"""A backend that lives in memory: a working one, held to the same contract as the real ones, that can also misbehave.

It keeps what serves on every target and what became of every key. `then` says how the next applies go, `settle` and
`crash` move the world under the bot's feet, and `effects` lists what truly changed outside, so that a test can count
doubled or lost mutations. The other three fakes are re-exported here, so that one import brings the whole world.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bot.domain.errors import GaveUp, Retry
from bot.domain.observation import ImageFacts, Observed, Phase
from bot.domain.release import Release
from bot.domain.target import Target
from bot.ports import Desired, LoggedRunner, Section
from tests.fakes.probe import ScriptedProbe as ScriptedProbe
from tests.fakes.runner import Ending as Ending
from tests.fakes.runner import ScriptedRunner as ScriptedRunner
from tests.fakes.source import ScriptedSource as ScriptedSource

IMAGE = ImageFacts(
    "", "1000", limits={"cpu": "1", "memory": "512Mi"}, user_field="USER", limits_field="resources.limits"
)


class Behaviour(StrEnum):
    """How one apply goes."""

    WORK = "work"
    FAIL = "fail"  # it is taken, and the new release does not come up: what served before still serves
    HANG = "hang"  # it is taken and stays PROGRESSING until `settle`
    REFUSE = "refuse"  # `GaveUp`, nothing happened
    BUSY = "busy"  # `Retry`, nothing happened
    LOSE_ANSWER = "lose answer"  # the work is done, then `Retry`
    HANG_LOSE_ANSWER = "hang, lose answer"  # it is taken and hangs, then `Retry`
    FORGET = "forget"  # it is done, and the backend can no longer tell under which key


@dataclass(frozen=True, slots=True)
class Effect:
    """One change of what serves on a target."""

    target: Target
    version: str
    digest: str | None
    key: str


@dataclass(slots=True)
class _Asked:
    target: Target
    release: Release
    phase: Phase
    detail: str = ""
    stopped: bool = False


class ScriptedBackend:
    """Implements `bot.ports.Backend` and its other roles in memory. Without a script every apply works at once."""

    def __init__(self) -> None:
        self.effects: list[Effect] = []
        self.asks: list[tuple[Target, str]] = []  # every call of apply that got through, repeated ones too
        self.observations = 0
        self.image: ImageFacts | Retry | GaveUp = IMAGE
        self.would: list[str] | GaveUp | None = None  # what a preview says instead of its own words
        self.down = ""  # when not empty, every verb raise `Retry` with these words
        self._script: deque[tuple[Behaviour, str]] = deque()
        self._asked: dict[str, _Asked] = {}
        self._serving: dict[Target, Effect] = {}
        self._crashed: dict[Target, str] = {}
        self._printed: dict[Target, list[tuple[datetime, str]]] = {}

    def prints(self, target: Target, text: str, at: datetime) -> None:
        """Let a program of the target print something."""
        self._printed.setdefault(target, []).append((at, text))

    def then(self, behaviour: Behaviour, detail: str = "", *, times: int = 1) -> None:
        """Say how the next new applies go, in order; after the script is through they work."""
        self._script.extend([(behaviour, detail)] * times)

    def settle(self, key: str, phase: Phase = Phase.LIVE, detail: str = "") -> None:
        """Let what hangs under the key come to its end."""
        asked = self._asked[key]
        asked.phase, asked.detail = phase, detail
        if phase is Phase.LIVE:
            self._serve(asked, key)

    def crash(self, target: Target, detail: str = "exit code 1") -> None:
        """What serves there dies by itself; `revive` brings it back."""
        self._crashed[target] = detail

    def revive(self, target: Target) -> None:
        """What crashed there serves again."""
        self._crashed.pop(target, None)

    def drift(self, target: Target, version: str, digest: str) -> None:
        """Somebody else puts something there, past Slipway."""
        self._serving[target] = Effect(target, version, digest, "somebody-else")

    def forget(self, key: str) -> None:
        """The backend loses its memory of a key; what serves keeps serving."""
        self._asked.pop(key, None)

    def serving(self, target: Target) -> str | None:
        """Return the version that serves there."""
        effect = self._serving.get(target)
        return None if effect is None or target in self._crashed else effect.version

    async def apply(self, target: Target, desired: Desired, *, key: str) -> None:
        """See `bot.ports.Backend`."""
        self._reachable()
        self.asks.append((target, key))
        if key in self._asked:
            return
        behaviour, detail = self._script.popleft() if self._script else (Behaviour.WORK, "")
        if behaviour is Behaviour.REFUSE:
            raise GaveUp(detail or "the backend refuses")
        if behaviour is Behaviour.BUSY:
            raise Retry(detail or "the backend is busy")
        self._take(_Asked(target, desired.release, Phase.PROGRESSING), key, behaviour, detail)

    def _take(self, asked: _Asked, key: str, behaviour: Behaviour, detail: str) -> None:
        self._asked[key] = asked
        if behaviour is Behaviour.FAIL:
            self.settle(key, Phase.FAILED, detail or "it does not come up: exit code 1")
        elif behaviour not in {Behaviour.HANG, Behaviour.HANG_LOSE_ANSWER}:
            self.settle(key)
        if behaviour is Behaviour.FORGET:
            self.forget(key)
        if behaviour in {Behaviour.LOSE_ANSWER, Behaviour.HANG_LOSE_ANSWER}:
            raise Retry(detail or "the connection broke before the answer")

    async def observe(self, target: Target, *, key: str, config: Section) -> Observed:  # noqa: ARG002 - it knows its targets
        """See `bot.ports.Backend`."""
        self._reachable()
        self.observations += 1
        serving = self._serving.get(target)
        phase, detail = self._standing(target, key, serving)
        stopped = key in self._asked and self._asked[key].stopped
        if serving is None or target in self._crashed:
            return Observed(phase, detail=detail, replicas=(0, 0 if serving is None else 1), stopped=stopped)
        return Observed(phase, serving.key, serving.digest, serving.version, detail, (1, 1), stopped)

    async def output(self, target: Target, *, config: Section, since: datetime, most: int) -> str:  # noqa: ARG002 - it knows its targets
        """See `bot.ports.Output`."""
        self._reachable()
        text = "".join(printed for at, printed in self._printed.get(target, []) if at >= since).encode()
        newest = text if len(text) <= most else text[text.find(b"\n", len(text) - most - 1) + 1 :]
        return newest.decode()

    async def preview(self, target: Target, desired: Desired) -> Sequence[str]:
        """See `bot.ports.Preview`."""
        self._reachable()
        serving, release = self._serving.get(target), desired.release
        if isinstance(self.would, GaveUp):
            raise self.would
        if self.would is not None:
            return self.would
        if serving is not None and serving.digest == release.digest:
            return []
        return [f"version: {serving.version if serving else 'nothing'} → {release.version}"]

    async def inspect(self, target: Target, desired: Desired) -> ImageFacts:  # noqa: ARG002 - all are run alike
        """See `bot.ports.Inspector`."""
        self._reachable()
        if desired.release.digest is None:
            raise GaveUp(f"there is no image of {desired.release.version}")
        if not isinstance(self.image, ImageFacts):
            raise self.image
        return replace(self.image, digest=desired.release.digest)

    def _standing(self, target: Target, key: str, serving: Effect | None) -> tuple[Phase, str]:
        asked = self._asked.get(key)
        if asked is None or asked.target != target:
            return Phase.ABSENT, "nothing was asked under this key"
        if asked.phase is not Phase.LIVE:
            return asked.phase, asked.detail
        if serving is None or serving.key != key:
            return Phase.FAILED, f"superseded: it was live, then {serving.version if serving else 'nothing'} took over"
        if target in self._crashed:
            return Phase.FAILED, self._crashed[target]
        return Phase.LIVE, asked.detail

    def _serve(self, asked: _Asked, key: str) -> None:
        effect = Effect(asked.target, asked.release.version, asked.release.digest, key)
        self.effects.append(effect)
        self._serving[asked.target] = effect
        self._crashed.pop(asked.target, None)

    def _reachable(self) -> None:
        if self.down:
            raise Retry(self.down)


class ScriptedEnder(ScriptedBackend):
    """The same, and it ends what it is at when it is asked to: `bot.ports.Stops`.

    `stops` are the keys it was asked about; `refusals` is what it raises first, one for each time it is asked.
    """

    def __init__(self) -> None:
        super().__init__()
        self.stops: list[str] = []
        self.refusals: deque[Retry | GaveUp] = deque()
        self.before_it_ends: Callable[[str], object] = lambda _: None  # called with the key

    async def stop(self, target: Target, *, key: str, config: Section) -> None:  # noqa: ARG002 - it knows its targets
        """See `bot.ports.Stops`."""
        self._reachable()
        self.stops.append(key)
        self.before_it_ends(key)
        if self.refusals:
            raise self.refusals.popleft()
        asked = self._asked.get(key)
        if asked is not None and asked.phase is Phase.PROGRESSING:
            asked.phase, asked.detail, asked.stopped = Phase.FAILED, "it was ended", True


class ScriptedPlace(ScriptedBackend):
    """The same, and it runs programs where its targets run: `bot.ports.RunsThere`. `asked` says for what."""

    def __init__(self, there: ScriptedRunner) -> None:
        super().__init__()
        self.there = there
        self.asked: set[tuple[Target, str]] = set()

    def runner(self, target: Target, desired: Desired) -> LoggedRunner:
        """See `bot.ports.RunsThere`."""
        self.asked.add((target, desired.release.version))
        return self.there
