"""Any program as a backend: one that brings a release there, one that looks, and one that shows what is printed there.

`apply` runs apart from the bot under its key (integrations/detached.py), so that a bot that was killed finds it again,
and its output is read like that of any command. Whether it worked is for `observe` to say, never for an exit code.
"""

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from bot.domain.errors import GaveUp, Retry
from bot.domain.observation import Finding, Observed, Phase, Run, RunState
from bot.domain.target import Target
from bot.plugins import BackendKind, Surroundings
from bot.ports import Backend, Desired, Invocation, Section
from integrations._command.answer import Asked, Wrong, judge, read
from integrations._command.config import Config
from integrations._command.notes import note, noted
from integrations._command.program import Said, run
from integrations._command.words import filled, variables
from integrations._environment import is_found, minimal
from integrations._logs import last_lines
from integrations._newest import cut
from integrations._sections import checked
from integrations.detached import Detached

_MOST_ANSWER = 64 * 1024
_LINES_SHOWN = 3
_MOST_WORDS = 2000  # characters


class Commands:
    """Implements `bot.ports.Backend`, `Output` and `Examined`."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._data, self._secrets = surroundings.data.absolute(), surroundings.secrets
        self._mask = surroundings.mask
        self._runs = Detached(surroundings.data, surroundings.clock)

    async def apply(self, target: Target, desired: Desired, *, key: str) -> None:
        """See `bot.ports.Backend`."""
        named, release = checked(Config, desired.config, target), desired.release
        words = {
            **_words(target),
            "key": key,
            "version": release.version,
            "commit": release.commit.id,
            "digest": release.digest or "",
            "artefact": self._artefact(release.digest),
        }
        environment = {**self._given(named), **variables(words)}
        invocation = Invocation(filled(named.apply, words), environment, self._folder(named), named.timeout)
        asked = Asked(key, release.version, release.digest)
        await asyncio.to_thread(note, self._note(target, key), asked)
        await self._runs.start(invocation, key=key)

    async def observe(self, target: Target, *, key: str, config: Section) -> Observed:
        """See `bot.ports.Backend`."""
        named = checked(Config, config, target)
        asked = await asyncio.to_thread(noted, self._note(target, key), key)
        apply = await self._runs.observe(key=key) if asked else Run(RunState.ABSENT)
        if apply.state is RunState.RUNNING:
            return Observed(Phase.PROGRESSING, detail="its apply is running")
        said = await self._said(named, named.observe, {**_words(target), "key": key}, most=_MOST_ANSWER)
        if said.code:
            raise Retry(f"observe ended with exit code {said.code}{self._words_of(said)}")
        try:
            seen = read(said.output, self._mask, cut=said.cut)
        except Wrong as no:
            return Observed(Phase.UNKNOWN, detail=f"observe gave no answer: {no}")
        return judge(seen, asked or Asked(key, "", None), apply, await self._last_words(key, apply))

    async def output(self, target: Target, *, config: Section, since: datetime, most: int) -> str:
        """See `bot.ports.Output`."""
        named = checked(Config, config, target)
        if not named.logs:
            raise GaveUp(f"the catalog names no program for the logs of {target}: add “logs” to its backend")
        words = {**_words(target), "since": since.astimezone(UTC).isoformat(timespec="seconds")}
        said = await self._said(named, named.logs, words, most=most)
        if said.code:
            raise GaveUp(f"logs ended with exit code {said.code}{self._words_of(said)}")
        return (cut(said.output) if said.cut else said.output).decode(errors="replace")

    async def examine(self, target: Target, *, config: Section) -> Sequence[Finding]:
        """See `bot.ports.Examined`."""
        named = checked(Config, config, target)
        programs = dict.fromkeys(argv[0] for argv in (named.apply, named.observe, named.logs) if argv)
        there = {program: is_found(program, named.folder) for program in programs}
        return [Finding(ok, f"{program} is {'there' if ok else 'not found'}") for program, ok in there.items()]

    async def _said(self, config: Config, argv: tuple[str, ...], words: dict[str, str], *, most: int) -> Said:
        environment = minimal({**self._given(config), **variables(words)})
        folder = self._folder(config) or str(self._data)
        return await asyncio.to_thread(run, filled(argv, words), environment, folder, config.answer_within, most=most)

    def _words_of(self, said: Said) -> str:
        return f": {self._mask.end(said.words, _MOST_WORDS)}" if said.words else ""

    async def _last_words(self, key: str, apply: Run) -> str:
        if not apply.exit_code:
            return ""
        lines = await asyncio.to_thread(last_lines, self._runs.log(key), count=_LINES_SHOWN)
        return " / ".join(lines)

    def _given(self, config: Config) -> dict[str, str]:
        return {**config.environment, **{name: self._secrets.read(of) for name, of in config.secrets.items()}}

    def _folder(self, config: Config) -> str | None:
        return str(Path(config.folder).absolute()) if config.folder else None

    def _artefact(self, digest: str | None) -> str:
        return str(self._data / "artefacts" / f"{digest.removeprefix('sha256:')}.tar") if digest else ""

    def _note(self, target: Target, key: str) -> Path:
        """Return where it is noted what was asked of a target under a key."""
        folder = self._data / "command" / f"{target.service}@{target.environment}"
        return folder / f"{hashlib.sha256(key.encode()).hexdigest()[:24]}.json"


def _words(target: Target) -> dict[str, str]:
    return {"target": str(target), "service": target.service, "environment": target.environment}


@contextlib.asynccontextmanager
async def _open(surroundings: Surroundings) -> AsyncIterator[Backend]:
    yield Commands(surroundings)


BACKEND = BackendKind("command", Config, _open)
