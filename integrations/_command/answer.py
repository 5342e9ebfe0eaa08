"""What an `observe` program prints, checked strictly, and what it means together with how the `apply` stands."""

import json
from dataclasses import dataclass, replace

from bot.domain.masking import Mask
from bot.domain.observation import Observed, Phase, Run, RunState

_TEXTS = ("key", "digest", "version", "detail")
_KNOWN = ("phase", *_TEXTS, "replicas")
_PHASES = ", ".join(phase.value for phase in Phase)
_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked under a key: the release's version, and its digest where it has one."""

    key: str
    version: str
    digest: str | None

    def is_what(self, seen: Observed) -> bool:
        """Whether it is this that serves. A program that knows no keys is believed by digest, or else by version."""
        if seen.key is not None:
            return seen.key == self.key
        if seen.digest is not None and self.digest is not None:
            return seen.digest == self.digest
        return seen.version == self.version


class Wrong(Exception):  # noqa: N818 - it says what the answer is
    """What was printed is no answer; the sentence says why."""


def read(output: bytes, mask: Mask, *, cut: bool) -> Observed:
    """Read the JSON document; `Wrong` says what is wrong with it, what is quoted masked."""
    if cut:
        raise Wrong("it printed more than 64 kB")
    try:
        said = json.loads(output)
    except (ValueError, RecursionError) as error:
        raise Wrong(f"it printed no JSON, but {_shown(output.decode(errors='replace').strip(), mask)}") from error
    if not isinstance(said, dict):
        raise Wrong(f"it printed {_shown(said, mask)}, and a JSON object was expected")
    strange = [name for name in said if name not in _KNOWN]
    if strange:
        raise Wrong(f"it printed “{strange[0]}”, which is unknown; there are {', '.join(_KNOWN)}")
    if said.get("phase") not in list(Phase):
        raise Wrong(f"its phase is {_shown(said.get('phase'), mask)}, and one of {_PHASES} was expected")
    for name in _TEXTS:
        if not isinstance(said.get(name), str | None):
            raise Wrong(f"its {name} is {_shown(said[name], mask)}, and text was expected")
    return _observed(said, mask)


def _observed(said: dict[str, object], mask: Mask) -> Observed:
    key, digest, version, detail = (str(said[name]) if said.get(name) else None for name in _TEXTS)
    phase = Phase(str(said["phase"]))
    if phase is Phase.LIVE and not (key or digest or version):
        raise Wrong("it says live, and names neither key, digest nor version of what serves")
    return Observed(phase, key, digest, version, detail or "", _replicas(said.get("replicas"), mask))


def _replicas(said: object, mask: Mask) -> tuple[int, int] | None:
    match said:
        case None:
            return None
        case [int(ready), int(wanted)] if not isinstance(ready, bool) and not isinstance(wanted, bool):
            return ready, wanted
        case _:
            raise Wrong(f"its replicas are {_shown(said, mask)}, and [ready, wanted] was expected, such as [2, 3]")


def judge(seen: Observed, asked: Asked, apply: Run, words: str) -> Observed:
    """Say how far a key has come whose `apply` does not run: what was seen decides.

    An exit code is never believed where `observe` says something else under the key that was asked. One that names no
    key may have said the same before: what failed to begin a release anew is not told from it, so nobody knows.
    `words` are the last that the `apply` said.
    """
    another = seen.phase is Phase.LIVE and not asked.is_what(seen)
    if apply.state is RunState.ABSENT and seen.phase is Phase.LIVE and seen.key != asked.key:
        return replace(seen, phase=Phase.ABSENT, detail="nothing was asked under this key")
    if seen.phase is Phase.LIVE and not another and seen.key is None and apply.exit_code:
        told = f"{_ended(apply, words)}; observe says that {seen.version or seen.digest} serves, and under no key"
        return replace(seen, phase=Phase.UNKNOWN, detail=told)
    if not another and seen.phase is not Phase.ABSENT:
        unexplained = seen.phase is Phase.FAILED and not seen.detail and apply.exit_code
        return replace(seen, detail=_ended(apply, words)) if unexplained else seen
    return _contradicted(seen, apply, words, another=another)


def _contradicted(seen: Observed, apply: Run, words: str, *, another: bool) -> Observed:
    """Say what it means that the `apply` is over, and what was asked does not serve."""
    match apply.state:
        case RunState.ABSENT:
            return seen
        case RunState.EXITED if apply.exit_code:
            return replace(seen, phase=Phase.FAILED, detail=_ended(apply, words))
        case RunState.EXITED if another:
            told = f"superseded, or never in effect: {seen.version or seen.digest or seen.key} serves"
            return replace(seen, phase=Phase.FAILED, detail=f"{told}; its apply ended with exit code 0")
        case RunState.EXITED:
            told = "its apply ended with exit code 0, and observe says that nothing was ever asked under this key"
            return replace(seen, phase=Phase.UNKNOWN, detail=told)
        case _:
            told = "its apply was started and is gone without an exit code, and observe does not show what was asked"
            return replace(seen, phase=Phase.UNKNOWN, detail=told)


def _ended(apply: Run, words: str) -> str:
    why = apply.detail or words
    return f"its apply ended with exit code {apply.exit_code}" + (f": {why}" if why else "")


def _shown(said: object, mask: Mask) -> str:
    text = mask(said if isinstance(said, str) else json.dumps(said, ensure_ascii=False))
    return f"“{text if len(text) <= _SHOWN else text[:_SHOWN] + '…'}”" if text else "nothing"
