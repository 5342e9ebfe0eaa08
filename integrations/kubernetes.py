"""Releases as images of Deployments, StatefulSets and DaemonSets: a server-side apply of the digest, and looking.

Everything but the image, and the annotations that say who asked for it, belongs to whoever made the workload. Rolling
out, waiting and replacing pods are the cluster's; what serves is read off its pods, never off an answer to us.
"""

import contextlib
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from bot.domain.errors import GaveUp, NeverBuilt, Retry
from bot.domain.masking import Mask
from bot.domain.observation import Finding, ImageFacts, Observed, Phase
from bot.domain.target import Target
from bot.plugins import BackendKind, Surroundings
from bot.ports import Backend, Clock, Desired, LoggedRunner, Section
from integrations._durations import Duration
from integrations._kubernetes import podlogs, rights
from integrations._kubernetes.access import Access
from integrations._kubernetes.api import Api, Json
from integrations._kubernetes.looking import Looking, read, workload
from integrations._kubernetes.manifest import MANAGER, VERSION, asked, wanted
from integrations._kubernetes.owners import explained, managers
from integrations._kubernetes.preview import changes, facts
from integrations._kubernetes.reading import Readings
from integrations._kubernetes.reasons import Conflicted
from integrations._kubernetes.runner import Jobs
from integrations._kubernetes.symptoms import Symptom
from integrations._kubernetes.workload import KINDS, Workload

_NAME = re.compile(r"[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


class Config(BaseModel):
    """A target's `backend` section: which workload runs it, and where its images are.

    Without `kubeconfig` and `context`, Slipway uses the service account of the pod it runs in, and outside of a
    cluster what kubectl would use. The workload itself is made by you; Slipway only sets the image of one container.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["kubernetes"] = "kubernetes"
    workload: str = Field(description="what runs it: `deployment/web`, `statefulset/db` or `daemonset/agent`")
    namespace: str = Field("default", description="the namespace it is in")
    container: str | None = Field(None, description="the container that gets the image, where there are several")
    image: str = Field(description="the repository of its images, without tag and digest")
    kubeconfig: str | None = Field(None, description="the file that says how the cluster is reached")
    context: str | None = Field(None, description="the context in it, when not its current one")
    take_over: tuple[str, ...] = Field(
        (), description="field managers that the image may be taken from, such as `helm`"
    )
    keep_jobs: Duration = Field(timedelta(days=7), description="how long one-off work is kept after its end")

    @field_validator("workload")
    @classmethod
    def _is_workload(cls, value: str) -> str:
        word, _, name = value.partition("/")
        if word not in KINDS or not _NAME.fullmatch(name):
            raise ValueError(f"“{value}” is not a workload: write {', '.join(f'{kind}/name' for kind in KINDS)}")
        return value

    @field_validator("namespace")
    @classmethod
    def _is_name(cls, value: str) -> str:
        if not _NAME.fullmatch(value):
            raise ValueError(f"“{value}” is not a namespace: lower-case letters, digits and hyphens")
        return value

    @field_validator("image")
    @classmethod
    def _is_repository(cls, value: str) -> str:
        if not value or "@" in value or ":" in value.rpartition("/")[2] or any(mark.isspace() for mark in value):
            raise ValueError(
                f"“{value}” is not a repository: leave out its tag and digest, such as example.org/shop/web"
            )
        return value

    @property
    def place(self) -> Workload:
        """Where the workload is."""
        word, _, name = self.workload.partition("/")
        return Workload(word, name, self.namespace, self.container)

    @property
    def access(self) -> Access:
        """How its cluster is reached."""
        return Access(self.kubeconfig, self.context)

    def image_of(self, desired: Desired) -> str:
        """Return the image of a release, by its digest; `GaveUp` when it has none."""
        release = desired.release
        if release.digest is None:
            raise NeverBuilt(f"{release.service} {release.version} was never built, so there is no image to run")
        if not _DIGEST.fullmatch(release.digest):
            raise GaveUp(f"“{release.digest}” is not the digest of an image: sha256: and 64 hexadecimal digits")
        return f"{self.image}@{release.digest}"


class Kubernetes:
    """Implements `bot.ports.Backend`, and its further roles: to run there, show output, preview, inspect, examine."""

    def __init__(self, clock: Clock, mask: Mask) -> None:
        self._mask = mask
        self._apis: dict[Access, Api] = {}
        self._looking = Looking(clock)
        self._readings = Readings()

    async def apply(self, target: Target, desired: Desired, *, key: str) -> None:
        """See `bot.ports.Backend`."""
        config, api = self._at(target, desired.config)
        image, place = config.image_of(desired), config.place
        seen = await workload(api, place)
        if key in asked(seen):
            return
        if seen["spec"].get("paused"):
            raise GaveUp(f"{place} in {place.namespace} is paused: kubectl rollout resume {place}")
        body = wanted(place, seen, target, desired.release, image, key)
        try:
            await _put(api, config, body)
        except Conflicted as no:
            if no.held:
                raise GaveUp(explained(no, place, seen)) from no
            if key not in asked(await workload(api, place)):
                raise Retry(f"{place} was changed by somebody at the same moment: {no.reason}") from no

    async def observe(self, target: Target, *, key: str, config: Section) -> Observed:
        """See `bot.ports.Backend`."""
        found, api = self._at(target, config)
        seen, ails = await self._looking.look(api, found.place, key)
        if seen.phase is not Phase.FAILED:
            return seen
        words = [seen.detail, await self._last_words(api, found.place, ails) if ails else "", _serves(seen)]
        return replace(seen, detail="\n".join(word for word in words if word))

    async def _last_words(self, api: Api, place: Workload, ails: Symptom) -> str:
        """Return what the cluster and the pod itself said last; that they cannot be asked hides nothing else."""
        try:
            told = await podlogs.events(api, place, ails.pod)
            if ails.container is not None:
                told += await podlogs.last_lines(api, place, ails.pod, ails.container, before=ails.restarted)
        except (Retry, GaveUp) as no:
            return f"(more of it cannot be read: {no.reason})"
        return "\n".join(told)

    def runner(self, target: Target, desired: Desired) -> LoggedRunner:
        """See `bot.ports.RunsThere`."""
        config, api = self._at(target, desired.config)
        said = {"slipway/target": str(target), VERSION: desired.release.version}
        return Jobs(api, self._readings, config.place, config.image_of(desired), said, config.keep_jobs)

    async def output(self, target: Target, *, config: Section, since: datetime, most: int) -> str:
        """See `bot.ports.Output`."""
        found, api = self._at(target, config)
        return await podlogs.newest(api, await read(api, found.place), since, most)

    async def preview(self, target: Target, desired: Desired) -> Sequence[str]:
        """See `bot.ports.Preview`. The server works it out, with everything that would change it on its way."""
        config, api = self._at(target, desired.config)
        place = config.place
        seen = await workload(api, place)
        body = wanted(place, seen, target, desired.release, config.image_of(desired), "preview")
        try:
            after, taken = await _put(api, config, body, {"dryRun": "All"})
        except Conflicted as no:
            return [f"it would be refused: {explained(no, place, seen) if no.held else no.reason}"]
        lines = changes(place, seen, after)
        return [*lines, f"the image is taken over from {', '.join(sorted(taken))}"] if taken else lines

    async def inspect(self, target: Target, desired: Desired) -> ImageFacts:
        """See `bot.ports.Inspector`."""
        config, api = self._at(target, desired.config)
        config.image_of(desired)
        return facts(config.place, await workload(api, config.place), str(desired.release.digest))

    async def examine(self, target: Target, *, config: Section) -> Sequence[Finding]:
        """See `bot.ports.Examined`."""
        found, api = self._at(target, config)
        place = found.place
        lacking = await rights.missing(api, place)
        findings = [
            Finding(ok=False, words=f"may not {right.named} in {place.namespace}: {right.why}") for right in lacking
        ]
        if lacking:
            findings[-1] = replace(findings[-1], remedy=rights.role(place, lacking))
            return findings
        place.chosen((await workload(api, place))["spec"]["template"])
        return [Finding(ok=True, words=f"{place} in {place.namespace} is there, and every right that is needed")]

    async def close(self) -> None:
        """Let go of every connection."""
        await self._looking.close()
        await self._readings.close()
        for api in self._apis.values():
            await api.close()

    def _at(self, target: Target, section: Section) -> tuple[Config, Api]:
        try:
            config = Config.model_validate(dict(section))
        except ValidationError as error:
            raise GaveUp(f"the backend section of {target} is wrong: {_words(error)}") from error
        if config.access not in self._apis:
            self._apis[config.access] = Api(config.access, self._mask)
        return config, self._apis[config.access]


async def _put(
    api: Api, config: Config, body: Json, how: Mapping[str, str] | None = None
) -> tuple[Json, frozenset[str]]:
    """Apply; a field is taken from those whom the catalog lets us take it from, and from nobody else."""
    query = {"fieldManager": MANAGER, **(how or {})}
    try:
        return await api.apply(*config.place.path, body=body, query=query), frozenset()
    except Conflicted as no:
        if not no.held or not managers(no) <= set(config.take_over):
            raise
        forced = await api.apply(*config.place.path, body=body, query={**query, "force": "true"})
        return forced, managers(no)


def _serves(seen: Observed) -> str:
    """Say what serves, when it was seen to."""
    ready, wanted = seen.replicas or (0, 0)
    if seen.digest is None:
        return "nothing serves"
    return f"{seen.version or seen.digest} serves: {ready} of {wanted} ready"


def _words(error: ValidationError) -> str:
    return "; ".join(f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in error.errors())


@contextlib.asynccontextmanager
async def _open(surroundings: Surroundings) -> AsyncIterator[Backend]:
    opened = Kubernetes(surroundings.clock, surroundings.mask)
    try:
        yield opened
    finally:
        await opened.close()


BACKEND = BackendKind("kubernetes", Config, _open)
