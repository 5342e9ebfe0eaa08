"""The Docker Engine: what is asked of it, and its answers as values. Every method blocks: call it in its `threads`.

The engine's own errors come out in its own words: `Unreachable` when nobody answers, `Retry` when it failed by itself,
`GaveUp` when what was asked cannot be done. One that takes a connection and is silent is given up in some seconds, and
whoever asks next is told so at once, for some seconds more.
"""

import contextlib
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import docker
from docker.errors import APIError, DockerException, NotFound

from bot.domain.errors import GaveUp, Retry
from integrations._docker.threads import Threads, Unreachable
from integrations._newest import newest

_CONFLICT = 409
_CONNECTS_WITHIN = 5  # seconds, until it has said which version it is
_SILENT_FOR = 10.0  # seconds that one is not asked again which did not say so
_ANSWERS_WITHIN = 60  # seconds
_KEPT: Any = {"Name": "unless-stopped"}  # the library's type asks for a count that the engine refuses here
_CONNECTIONS = 32  # kept open, for as many threads
_FOR_GOOD = re.compile(r"manifest unknown|not found|does not exist|denied|unauthorized|invalid", re.IGNORECASE)
_LINES_SHOWN = 5
_MOST_SHOWN = 64 * 1024  # bytes
_PIECE = 64 * 1024


@dataclass(frozen=True, slots=True)
class Seen:
    """A container as the engine shows it; `health` is None where it has no health check."""

    id: str
    name: str
    status: str  # created, running, restarting, exited, …
    exit_code: int
    health: str | None
    said: str  # by its health check, last
    image: str
    labels: Mapping[str, str] = field(default_factory=dict)
    aliases: Mapping[str, Sequence[str]] = field(default_factory=dict)  # by network
    ports: Mapping[str, int] = field(default_factory=dict)  # of this machine, by ``80/tcp``
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)  # secrets are among it
    restarts: int = 0  # by the engine, after it had ended by itself
    ended_at: str = ""  # when it ended last, as the engine writes it

    @property
    def running(self) -> bool:
        """Whether its program runs."""
        return self.status == "running"


class Engine:
    """The engine at an address; without one as DOCKER_HOST says, or the local socket."""

    def __init__(
        self,
        address: str | None = None,
        *,
        now: Callable[[], float] = time.monotonic,
        connects_within: int = _CONNECTS_WITHIN,
    ) -> None:
        self._address, self._now, self._connects_within = address, now, connects_within
        self._where = address or "DOCKER_HOST, or the local socket"
        self._client: docker.DockerClient | None = None
        self._connecting = threading.Lock()
        self._silent_until = float("-inf")
        self.threads = Threads(self._where)

    def close(self) -> None:
        """Let go of every connection."""
        self.threads.close()
        if self._client is not None:
            self._client.close()
            self._client = None

    def container(self, name: str) -> Seen | None:
        """Look at a container by its id or name."""
        with self._asked() as client:
            try:
                return seen(client.api.inspect_container(name))
            except NotFound:
                return None

    def containers(self, *labels: str) -> list[Seen]:
        """Look at all containers, ended ones too, that bear all of these labels (``name=value``)."""
        with self._asked() as client:
            listed = client.api.containers(all=True, filters={"label": list(labels)})
        looked = [self.container(one["Id"]) for one in listed]
        return [one for one in looked if one is not None]

    def create(self, image: str, **options: Any) -> Seen | None:  # noqa: ANN401 - as the library has it
        """Make a container; None when the name is taken."""
        with self._asked() as client:
            try:
                made = str(client.containers.create(image, detach=True, **options).id)
            except APIError as error:
                if error.status_code == _CONFLICT:
                    return None
                raise
            return seen(client.api.inspect_container(made))

    def start(self, container: str) -> None:
        """Start it; one that runs is left alone."""
        with self._asked() as client:
            client.api.start(container)

    def keep(self, container: str) -> None:
        """Let the engine start it again whenever it ends by itself, or the machine does."""
        with self._asked() as client:
            client.api.update_container(container, restart_policy=_KEPT)

    def call(self, container: str, network: str, alias: str) -> None:
        """Let a network find the container under an alias."""
        with self._asked() as client:
            client.api.disconnect_container_from_network(container, network)
            client.api.connect_container_to_network(container, network, aliases=[alias])

    def end(self, container: str, grace: float) -> None:
        """Ask it to end, end it after the grace, and remove it with what it alone had; one that is gone is fine."""
        with self._asked() as client, contextlib.suppress(NotFound):
            client.api.stop(container, timeout=round(grace))
            client.api.remove_container(container, v=True, force=True)

    def wait(self, container: str) -> int:
        """Return how it ended, when it has."""
        with self._asked() as client:
            return int(client.api.wait(container)["StatusCode"])

    def output(self, container: str, *, since: datetime | None = None, follow: bool = False) -> Iterator[bytes]:
        """Yield what it prints, piece by piece."""
        beginning = (since.timestamp() if since else 0) or None  # the library takes no 0
        with self._asked() as client:
            pieces = client.api.logs(container, stdout=True, stderr=True, stream=True, follow=follow, since=beginning)
            with contextlib.closing(pieces):
                yield from pieces

    def last_words(self, container: str) -> str:
        """Return its last lines, whole, as it printed them: secrets may be among them."""
        with self._asked() as client:
            pieces = client.api.logs(container, stdout=True, stderr=True, stream=True, follow=False, tail=_LINES_SHOWN)
            with contextlib.closing(pieces):
                return newest(pieces, _MOST_SHOWN).decode(errors="replace")

    def put(self, container: str, folder: str, archive: bytes) -> None:
        """Unpack a tar in a container's folder."""
        with self._asked() as client:
            client.api.put_archive(container, folder, archive)

    def get(self, container: str, path: str, most: int) -> bytes | None:
        """Return the first bytes of a tar of a path in a container, at least `most`; None when it is not there."""
        with self._asked() as client:
            try:
                pieces, _ = client.api.get_archive(container, path, chunk_size=_PIECE)
            except NotFound:
                return None
            packed = bytearray()
            with contextlib.closing(pieces):
                while len(packed) < most and (piece := next(pieces, b"")):
                    packed += piece
            return bytes(packed)

    def image(self, name: str) -> Mapping[str, Any] | None:
        """Return what the engine knows of an image that it has, or None."""
        with self._asked() as client:
            try:
                return dict(client.images.get(name).attrs)
            except NotFound:
                return None

    def pull(self, repository: str, digest: str) -> None:
        """Fetch an image from its registry; `GaveUp`, or `Retry`, in the registry's words."""
        with self._asked() as client:
            try:
                steps = client.api.pull(repository, tag=digest, stream=True, decode=True)
                said = [str(step["error"]) for step in steps if "error" in step]
            except APIError as error:  # the engine answers 500 to whatever a registry says
                said = [error.explanation or str(error)]
        if said:
            words = f"{repository}@{digest} cannot be pulled: {said[0]}"
            raise GaveUp(words) if _FOR_GOOD.search(words) else Retry(words)

    @contextlib.contextmanager
    def _asked(self) -> Iterator[docker.DockerClient]:
        """Give a connected client, and say what goes wrong with it in our kinds of no."""
        try:
            yield self._connected()
        except APIError as error:
            words = error.explanation or str(error)
            raise (Retry(words) if error.is_server_error() else GaveUp(words)) from error
        except (DockerException, OSError) as error:  # the library's HTTP errors are OSErrors
            cause = _cause(error)
            if isinstance(cause, TimeoutError):
                self._client = None  # who comes next asks it for its version first, which is known to be quick
            said = str(cause) or type(cause).__name__
            raise Unreachable(f"the Docker Engine ({self._where}) does not answer: {said}") from error

    def _connected(self) -> docker.DockerClient:
        """Return the client, connected; of many who find an engine silent, one waits for it."""
        with self._connecting:
            if self._client is None:
                if self._now() < self._silent_until:
                    raise Unreachable(
                        f"the Docker Engine ({self._where}) did not answer just now, and is not asked yet"
                    )
                try:
                    self._client = self._connect()
                except (DockerException, OSError) as error:
                    if isinstance(_cause(error), TimeoutError):
                        self._silent_until = self._now() + _SILENT_FOR
                    raise
            return self._client

    def _connect(self) -> docker.DockerClient:
        environment = {"DOCKER_HOST": self._address} if self._address else None
        client = docker.from_env(timeout=self._connects_within, max_pool_size=_CONNECTIONS, environment=environment)
        client.api.timeout = _ANSWERS_WITHIN
        return client


def seen(attrs: Mapping[str, Any]) -> Seen:
    """Read what the engine says of a container."""
    state, networks = attrs["State"], attrs["NetworkSettings"]["Networks"] or {}
    health = state.get("Health") or {}
    log = health.get("Log") or [{}]
    bound = attrs["NetworkSettings"].get("Ports") or {}
    return Seen(
        id=attrs["Id"],
        name=attrs["Name"].lstrip("/"),
        status=state["Status"],
        exit_code=state["ExitCode"],
        health=health.get("Status"),
        said=" ".join(str((log[-1] or {}).get("Output", "")).split()),
        image=attrs["Image"],
        labels=attrs["Config"].get("Labels") or {},
        aliases={name: one.get("Aliases") or [] for name, one in networks.items()},
        ports={port: int(where[0]["HostPort"]) for port, where in bound.items() if where},
        environment=dict(one.partition("=")[::2] for one in attrs["Config"].get("Env") or []),
        restarts=attrs.get("RestartCount", 0),
        ended_at=state.get("FinishedAt", ""),
    )


def _cause(error: BaseException) -> BaseException:
    """Return the innermost cause: what lies around it speaks of the library, not of the engine."""
    while (inner := error.__cause__ or error.__context__) is not None:
        error = inner
    return error
