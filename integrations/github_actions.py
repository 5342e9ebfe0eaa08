"""Releases by a workflow of GitHub Actions: Slipway asks for a run, watches it, and keeps a deployment at GitHub.

What was asked for is a deployment that bears the key; what serves is the newest deployment that succeeded. Looking at
a key whose run has ended writes how it ended onto its deployment, once: GitHub removes runs, and keeps deployments.
docs/how-to/deploy-with-github-actions.md has the workflow; docs/decisions/0020-github.md says why it is so.
"""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import Literal
from weakref import WeakValueDictionary

import aiohttp
from pydantic import ConfigDict, Field, ValidationError, field_validator

from bot.domain.errors import GaveUp
from bot.domain.observation import Observed, Phase
from bot.domain.release import Release
from bot.domain.target import Target
from bot.plugins import BackendKind, Surroundings
from bot.ports import Backend, Desired, Section
from integrations._durations import Duration
from integrations._github import cancelling, runs
from integrations._github.access import Access
from integrations._github.account import Account
from integrations._github.client import Client
from integrations._github.course import Course
from integrations._github.notes import Notes, Place, claims, of_key
from integrations._github.shapes import Deployment
from integrations._github.standing import standing
from integrations._github.wire import session
from integrations._github.words import NotTaken

_FILE = re.compile(r"[\w.-]+\.ya?ml")
_BLANK = re.compile(r"\{([a-z_]+)\}")
_OF_TARGET = ("service", "environment")
_OF_RELEASE = (*_OF_TARGET, "version", "commit", "branch", "digest")
_MOST_INPUTS = 24  # GitHub takes 25, and one is ours


class Config(Access):
    """A target's `backend` section: the workflow that deploys it, and what it is told.

    In `ref` and `inputs` {service}, {environment}, {version}, {commit}, {branch} and {digest} stand for the target's
    and the release's; in `environment` the first two. The workflow gets one more input, whose name `correlation` says,
    and shows it in its run-name: by it a run is known.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["github_actions"] = "github_actions"
    workflow: str = Field(
        description="the workflow's file, such as `deploy.yml`; it has the trigger `workflow_dispatch`"
    )
    ref: str = Field("{branch}", min_length=1, description="the branch or tag whose workflow file is run")
    environment: str = Field("{environment}", min_length=1, description="the environment at GitHub that is deployed to")
    inputs: dict[str, str] = Field(default_factory=dict, description="what the workflow is told")
    correlation: str = Field("slipway", min_length=1, description="the input that the workflow shows in its run-name")
    cancels_within: Duration = Field(
        timedelta(minutes=5), description="how long a cancelled run may take to end before GitHub is asked to force it"
    )
    look_every: Duration = Field(
        timedelta(seconds=3), description="how long an answer about a run that goes on is good for"
    )

    @field_validator("workflow")
    @classmethod
    def _is_file(cls, value: str) -> str:
        if not _FILE.fullmatch(value):
            raise ValueError(f"“{value}” is not a file in .github/workflows, such as deploy.yml")
        return value

    @field_validator("environment")
    @classmethod
    def _is_known_without_release(cls, value: str) -> str:
        return _fillable(value, _OF_TARGET)

    @field_validator("ref")
    @classmethod
    def _is_known_with_release(cls, value: str) -> str:
        return _fillable(value, _OF_RELEASE)

    @field_validator("inputs")
    @classmethod
    def _are_known_and_not_too_many(cls, value: dict[str, str]) -> dict[str, str]:
        if len(value) > _MOST_INPUTS:
            raise ValueError(
                f"{len(value)} inputs are more than the {_MOST_INPUTS} that GitHub takes beside Slipway's own"
            )
        return {name: _fillable(text, _OF_RELEASE) for name, text in value.items()}


def _fillable(text: str, known: tuple[str, ...]) -> str:
    for blank in _BLANK.findall(text):
        if blank not in known:
            raise ValueError(
                f"{{{blank}}} stands for nothing here: there are {', '.join(f'{{{one}}}' for one in known)}"
            )
    return text


class Actions:
    """Implements `bot.ports.Backend`, `Preview` and `Stops`.

    `_came_to_nothing` are this process's claims that GitHub certainly turned away: they may be used again. After a
    restart nobody knows that of them any more, and they are as unclear as every claim without a run.
    """

    def __init__(self, opened: aiohttp.ClientSession, surroundings: Surroundings) -> None:
        self._session, self._surroundings = opened, surroundings
        self._accounts: dict[Access, Account] = {}
        self._came_to_nothing: set[int] = set()
        self._going_on: dict[str, tuple[datetime, Observed]] = {}
        self._one_at_a_time: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def apply(self, target: Target, desired: Desired, *, key: str) -> None:
        """See `bot.ports.Backend`."""
        config, client, notes = self._opened(target, desired.config)
        ask = _ask(config, target, desired.release, mark := notes.place.mark(key))
        self._going_on.pop(mark, None)
        async with self._one_at_a_time.setdefault(mark, asyncio.Lock()):
            note = await _written(notes, desired.release, key)
            claim = await self._claim(notes, note)
            if claim is not None:
                await self._send(client, notes, note, claim, ask)

    async def observe(self, target: Target, *, key: str, config: Section) -> Observed:
        """See `bot.ports.Backend`."""
        section, client, notes = self._opened(target, config)
        mark, now = notes.place.mark(key), self._surroundings.clock.now()
        at, seen = self._going_on.pop(mark, (now, None))
        if seen is not None and now - at < section.look_every:
            self._going_on[mark] = at, seen
            return seen
        seen = await self._look(client, notes, section, key)
        if seen.phase is Phase.PROGRESSING:
            self._going_on[mark] = now, seen
        return seen

    async def stop(self, target: Target, *, key: str, config: Section) -> None:
        """See `bot.ports.Stops`."""
        section, client, notes = self._opened(target, config)
        self._going_on.pop(mark := notes.place.mark(key), None)
        async with self._one_at_a_time.setdefault(mark, asyncio.Lock()):
            look = await Course(client, notes, section.workflow).of(await notes.newest_first(key), key)
            now = self._surroundings.clock.now()
            await cancelling.cancel(client, notes, look, patience=section.cancels_within, now=now)

    async def preview(self, target: Target, desired: Desired) -> Sequence[str]:
        """See `bot.ports.Preview`."""
        config, client, notes = self._opened(target, desired.config)
        ask = _ask(config, target, desired.release, "")
        serving = await Course(client, notes, config.workflow).serving(await notes.newest_first())
        if serving is not None and serving.digest == desired.release.digest is not None:
            return []
        told = [f"{name}: {value}" for name, value in ask.inputs.items() if name != config.correlation]
        brought = f"{serving.words if serving else 'nothing'} → {desired.release.version}"
        return [f"{config.repository}: {brought}", f"workflow {ask.workflow} is run on {ask.ref}", *told]

    async def _look(self, client: Client, notes: Notes, config: Config, key: str) -> Observed:
        known = await notes.newest_first(key)
        course = Course(client, notes, config.workflow)
        look, serving = await course.of(known, key), await course.serving(known)
        if look and look.claim and look.claim.id in self._came_to_nothing:
            phase, detail = Phase.ABSENT, "GitHub turned the run away; it can be asked for again"
        else:
            phase, detail = await standing(client, look, serving, mark=notes.place.mark(key), now=client.now())
        if look and look.news:
            await course.close(look, known, detail)
        stopped = phase is Phase.FAILED and look is not None and look.stopped
        if serving is None:
            return Observed(phase, detail=detail, stopped=stopped)
        copies = (1, 1) if phase is Phase.LIVE else None  # GitHub does not count them; what went well is there
        return Observed(phase, serving.key, serving.digest, serving.version, detail, copies, stopped)

    async def _claim(self, notes: Notes, note: Deployment) -> int | None:
        """Take the right to ask for the run; None when somebody has it."""
        taken = claims(await notes.statuses(note))
        if taken:
            return taken[0].id if taken[0].id in self._came_to_nothing else None
        mine = await notes.add(note, "queued", "Slipway asks for a run")
        first = claims([mine, *await notes.statuses(note)])[0]
        return mine.id if first.id == mine.id else None

    async def _send(self, client: Client, notes: Notes, note: Deployment, claim: int, ask: runs.Ask) -> None:
        """Ask for the run, and write down what is certain of it: which run it is, or that there will be none."""
        self._came_to_nothing.discard(claim)
        try:
            begun = await runs.dispatch(client, ask)
        except NotTaken:
            self._came_to_nothing.add(claim)
            raise
        except GaveUp as no:
            await notes.try_to_add(note, "error", no.reason)
            raise
        if begun is not None:
            await notes.try_to_add(note, "in_progress", "the run was begun", begun.html_url)

    def _opened(self, target: Target, section: Section) -> tuple[Config, Client, Notes]:
        """Return a target's section, and who asks GitHub about it; `GaveUp` when the section is wrong."""
        try:
            config = Config.model_validate(dict(section))
        except ValidationError as error:
            words = "; ".join(f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in error.errors())
            raise GaveUp(f"the backend section of {target} is wrong: {words}") from error
        account = self._accounts.setdefault(config.access, Account(config.access, self._surroundings))
        client = Client(self._session, account)
        return config, client, Notes(client, Place(target, _filled(config.environment, target)))


async def _written(notes: Notes, release: Release, key: str) -> Deployment:
    """Return the deployment of a key, written down if it was not; of two written at one moment, the first."""
    found = of_key(await notes.newest_first(key), key)
    if found:
        return found[0]
    mine = await notes.begin(release, key)
    return of_key([mine, *await notes.newest_first(key)], key)[0]


def _ask(config: Config, target: Target, release: Release, mark: str) -> runs.Ask:
    ref = _filled(config.ref, target, release)
    if not ref:
        raise GaveUp(
            f"{release.version} is on no branch: say in the backend section of {target} which `ref` is to be run"
        )
    inputs = {name: _filled(text, target, release) for name, text in config.inputs.items()}
    return runs.Ask(config.workflow, ref, {**inputs, config.correlation: mark})


def _filled(text: str, target: Target, release: Release | None = None) -> str:
    """Return a text of the section with the target's and the release's words in their places."""
    known = {"service": target.service, "environment": target.environment}
    if release is not None:
        said = {"version": release.version, "commit": release.commit.id, "branch": release.branch}
        known |= {**said, "digest": release.digest or ""}
    return _BLANK.sub(lambda blank: known.get(blank[1], blank[0]), text)


@contextlib.asynccontextmanager
async def _open(surroundings: Surroundings) -> AsyncIterator[Backend]:
    async with session() as opened:
        yield Actions(opened, surroundings)


BACKEND = BackendKind("github_actions", Config, _open)
