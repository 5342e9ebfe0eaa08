"""Runs git: argv only, no prompt, no pager, no configuration that could change what is printed, a time limit.

git is asked as a program, not through a library, because its answers are the ones people see in their own terminal.
"""

import asyncio
import contextlib
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.domain.errors import GaveUp, Retry
from integrations._environment import minimal

# A mirror is fetched with the credentials people gave to git and ssh; nothing else of ours is passed on.
_LET_THROUGH = ("SSH_AUTH_SOCK", "GIT_SSH_COMMAND", "GIT_ASKPASS", "GIT_CONFIG_GLOBAL", "HTTPS_PROXY", "https_proxy")
_QUIET = {"GIT_TERMINAL_PROMPT": "0", "GIT_NO_REPLACE_OBJECTS": "1", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
_PLAIN = ("-c", "i18n.logOutputEncoding=UTF-8", "-c", "log.showSignature=false", "-c", "core.quotePath=false")
_PASSWORD = re.compile(r"(?<=://)[^/@\s]+@")
_FOR_GOOD = re.compile(
    r"not a git repository|does not appear to be a git repository|repository .* (not found|does not exist)"
    r"|no such file or directory|authentication failed|could not read username|permission denied|dubious ownership",
    re.IGNORECASE,
)
_MISSING = re.compile(r"bad revision|unknown revision|not a valid object|bad object|invalid object name|no such commit")


@dataclass(frozen=True, slots=True)
class Answer:
    """What git printed, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def missing(self) -> bool:
        """Whether git says that what was named does not exist."""
        return self.code != 0 and _MISSING.search(self.err) is not None


async def ask(
    folder: Path, *argv: str, feed: str = "", patience: float = 20.0, variables: Mapping[str, str] | None = None
) -> Answer:
    """Run git in a folder and return its answer, whatever it is; `Retry` when it takes too long.

    `variables` are for its environment: a secret is given there, where no list of processes shows it.
    """
    process = await _started(("git", "--no-pager", *_PLAIN, "-C", str(folder), *argv), feed, variables or {})
    try:
        async with asyncio.timeout(patience):
            out, err = await process.communicate()
    except TimeoutError as error:
        raise Retry(f"git {argv[0]} took longer than {patience:.0f}s") from error
    finally:
        await _end(process)
    return Answer(process.returncode or 0, out.decode(errors="replace"), masked(err.decode(errors="replace")))


async def _started(command: tuple[str, ...], feed: str, variables: Mapping[str, str]) -> asyncio.subprocess.Process:
    """Start git on a file that holds what it is fed: a pipe breaks when git ends before it has read it."""
    with tempfile.TemporaryFile() as fed:
        fed.write(feed.encode())
        fed.seek(0)
        try:
            return await asyncio.create_subprocess_exec(
                *command,
                stdin=fed,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env=minimal({**_QUIET, **variables}, let_through=_LET_THROUGH),
            )
        except FileNotFoundError as error:
            raise GaveUp("git is not installed here, or not on PATH") from error


async def insist(
    folder: Path, *argv: str, feed: str = "", patience: float = 20.0, variables: Mapping[str, str] | None = None
) -> str:
    """Run git and return what it printed; a failure is `GaveUp` or `Retry` in git's own words."""
    answer = await ask(folder, *argv, feed=feed, patience=patience, variables=variables)
    if answer.code != 0:
        raise failure(answer)
    return answer.out


def failure(answer: Answer) -> Retry | GaveUp:
    """Say in git's own words what went wrong, and whether trying again can help."""
    words = " ".join(answer.err.split()) or f"git ended with exit code {answer.code}"
    return GaveUp(words) if answer.missing or _FOR_GOOD.search(words) else Retry(words)


def masked(text: str) -> str:
    """Hide the user and password of every address in a text."""
    return _PASSWORD.sub("***@", text)


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
