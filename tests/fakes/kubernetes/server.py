"""The HTTP of the API server: paths, verbs, Status answers, watches and logs, and the faults of a network.

Paths: https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-uris. Every error is a Status.
"""

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from aiohttp import web

from tests.fakes.kubernetes.applying import applied
from tests.fakes.kubernetes.cluster import TOKEN, Cluster, Fault
from tests.fakes.kubernetes.store import Event

Json = dict[str, Any]

_PATH = re.compile(
    r"/(?:api|apis/(?P<group>[^/]+))/v1(?:/namespaces/(?P<namespace>[^/]+))?/(?P<resource>[^/]+)(?:/(?P<name>[^/]+))?(?P<log>/log)?"
)


class No(Exception):  # noqa: N818 - it is an answer
    """An answer that is not 2xx."""

    def __init__(self, code: int, reason: str, message: str, causes: list[Json] | None = None) -> None:
        super().__init__(message)
        details = {"causes": causes} if causes else {}
        self.code = code
        self.body = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": message}
        self.body |= {"reason": reason, "code": code, "details": details}


@dataclass
class Asked:
    """One request, taken apart."""

    verb: str
    group: str
    namespace: str
    resource: str
    name: str
    query: dict[str, str]

    @property
    def place(self) -> tuple[str, str, str]:
        return self.resource, self.namespace, self.name

    @property
    def kind(self) -> str:
        return f"{self.resource}.{self.group}" if self.group else self.resource


@contextlib.asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[tuple[Cluster, str]]:
    """Give a cluster, and a kubeconfig that leads to it."""
    cluster = Cluster(folder)
    runner = web.AppRunner(_app(cluster), access_log=None, shutdown_timeout=0, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    living = asyncio.create_task(cluster.live())
    try:
        yield cluster, str(kubeconfig(folder / "kubeconfig", f"http://127.0.0.1:{port}"))
    finally:
        living.cancel()
        await asyncio.gather(living, return_exceptions=True)
        await runner.cleanup()


def kubeconfig(path: Path, server: str, token: str = TOKEN) -> Path:
    path.write_text(
        json.dumps(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "current-context": "test",
                "clusters": [{"name": "test", "cluster": {"server": server}}],
                "users": [{"name": "slipway", "user": {"token": token}}],
                "contexts": [{"name": "test", "context": {"cluster": "test", "user": "slipway"}}],
            }
        )
    )
    return path


def _app(cluster: Cluster) -> web.Application:
    app = web.Application()

    async def answer(request: web.Request) -> web.StreamResponse:
        asked = _asked(request)
        fault = cluster.fault(request.method, asked.resource)
        if cluster.down or fault is Fault.HANGS_UP:
            return _hang_up(request)
        try:
            _faulty(fault)
            _let_in(cluster, request, asked)
            given = await _answer(cluster, request, asked)
        except No as no:
            headers = {"Retry-After": "7"} if no.code == 429 else {}
            return web.json_response(no.body, status=no.code, headers=headers)
        if fault is Fault.LOSES_ANSWER:
            return _hang_up(request)
        if fault is Fault.ERROR_BUT_DONE:
            return web.json_response(No(500, "InternalError", "etcdserver: request timed out").body, status=500)
        return given

    app.router.add_route("*", "/{path:.*}", answer)
    return app


def _asked(request: web.Request) -> Asked:
    found = _PATH.fullmatch(request.path)
    if found is None:
        return Asked("get", "", "", "unknown", "", {})
    query = dict(request.query)
    verb = {"POST": "create", "PATCH": "patch", "DELETE": "delete"}.get(request.method, "get")
    if verb == "get" and not found["name"]:
        verb = "watch" if query.get("watch") == "true" else "list"
    resource = f"{found['resource']}/log" if found["log"] else found["resource"]
    return Asked(verb, found["group"] or "", found["namespace"] or "", resource, found["name"] or "", query)


def _hang_up(request: web.Request) -> web.Response:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


def _faulty(fault: Fault | None) -> None:
    match fault:
        case Fault.UNAVAILABLE:
            raise No(503, "ServiceUnavailable", "the server is currently unable to handle the request")
        case Fault.THROTTLED:
            raise No(429, "TooManyRequests", "Too many requests, please try again later.")
        case Fault.EXPIRED:
            raise No(410, "Expired", "too old resource version: 1 (1000)")


def _let_in(cluster: Cluster, request: web.Request, asked: Asked) -> None:
    cluster.asked.append((asked.verb, asked.resource, asked.name))
    if request.headers.get("Authorization", "").removeprefix("Bearer ") not in cluster.tokens:
        raise No(401, "Unauthorized", "Unauthorized")
    if (asked.verb, asked.resource) in cluster.denied:
        user = "system:serviceaccount:ops:slipway"
        raise No(
            403,
            "Forbidden",
            f'{asked.kind} "{asked.name}" is forbidden: User "{user}" cannot {asked.verb} resource "{asked.resource}" '
            f'in API group "{asked.group}" in the namespace "{asked.namespace}"',
        )


async def _answer(cluster: Cluster, request: web.Request, asked: Asked) -> web.StreamResponse:
    match asked.verb, asked.resource:
        case "create", "selfsubjectaccessreviews":
            return web.json_response(_review(cluster, await request.json()), status=201)
        case "create", _:
            return web.json_response(_create(cluster, asked, await request.json()), status=201)
        case "patch", _:
            assert request.content_type == "application/apply-patch+yaml"
            return web.json_response(_apply(cluster, asked, json.loads(await request.text())))
        case "watch", _:
            return await _watch(cluster, request, asked)
        case "list", _:
            things = [one for one in cluster.store.having(asked.resource, asked.namespace) if _matches(asked, one)]
            version = {"resourceVersion": str(cluster.store.version)}
            return web.json_response({"kind": "List", "metadata": version, "items": things})
        case _, "pods/log":
            return await _log(cluster, request, asked)
        case _:
            return web.json_response(_found(cluster, asked))


def _found(cluster: Cluster, asked: Asked) -> Json:
    thing = cluster.store.get(asked.place)
    if thing is None:
        raise No(404, "NotFound", f'{asked.kind} "{asked.name}" not found')
    return thing


def _review(cluster: Cluster, body: Json) -> Json:
    """Answer whether the asker may: …/access-authn-authz/authorization/#checking-api-access."""
    wanted = body["spec"]["resourceAttributes"]
    resource = wanted["resource"] + (f"/{wanted['subresource']}" if wanted.get("subresource") else "")
    return {**body, "status": {"allowed": (wanted["verb"], resource) not in cluster.denied}}


def _create(cluster: Cluster, asked: Asked, body: Json) -> Json:
    name = body["metadata"]["name"]
    place = (asked.resource, asked.namespace, name)
    if cluster.store.get(place) is not None:
        raise No(409, "AlreadyExists", f'{asked.kind} "{name}" already exists')
    body["metadata"]["uid"] = f"uid-of-{asked.resource}-{name}"
    return cluster.store.put(place, body)


def _apply(cluster: Cluster, asked: Asked, body: Json) -> Json:
    live = _found(cluster, asked)
    if body["metadata"].get("resourceVersion") not in {None, live["metadata"]["resourceVersion"]}:
        raise No(
            409,
            "Conflict",
            f'Operation cannot be fulfilled on {asked.kind} "{asked.name}": the object has been modified; '
            "please apply your changes to the latest version and try again",
        )
    force, manager = asked.query.get("force") == "true", asked.query["fieldManager"]
    after, conflicts = applied(live, body, manager, cluster.time(), force=force)
    if conflicts:
        words = f"Apply failed with {len(conflicts)} conflict" + ("s" if len(conflicts) > 1 else "")
        causes = [one.cause for one in conflicts]
        raise No(409, "Conflict", f"{words}: {'; '.join(one['message'] for one in causes)}", causes)
    return after if asked.query.get("dryRun") == "All" else cluster.store.put(asked.place, after)


def _matches(asked: Asked, thing: Json) -> bool:
    labels = thing["metadata"].get("labels") or {}
    terms = [term.partition("=") for term in asked.query.get("labelSelector", "").split(",") if term]
    fields = [term.partition("=") for term in asked.query.get("fieldSelector", "").split(",") if term]
    return all(labels.get(name) == value for name, _, value in terms) and all(
        _field(thing, name) == value for name, _, value in fields
    )


def _field(thing: Json, path: str) -> object:
    found: object = thing
    for word in path.split("."):
        found = found.get(word) if isinstance(found, dict) else None
    return found


async def _watch(cluster: Cluster, request: web.Request, asked: Asked) -> web.StreamResponse:
    """Send every change after a version, then end with a bookmark: …/api-concepts/#watch-bookmarks."""
    store = cluster.store
    version = int(asked.query.get("resourceVersion", store.version))
    answer = web.StreamResponse(headers={"Content-Type": "application/json;stream=watch"})
    await answer.prepare(request)
    if version < store.compacted:
        gone = No(410, "Expired", f"too old resource version: {version} ({store.compacted})").body
        await answer.write(_line("ERROR", gone))
        return answer
    if "resourceVersion" not in asked.query:  # …/api-concepts/#semantics-for-watch: first what there is
        for thing in store.having(asked.resource, asked.namespace):
            if _matches(asked, thing):
                await answer.write(_line("ADDED", thing))
    cluster.watching += 1
    try:
        await _tell_changes(cluster, answer, asked, version)
    finally:
        cluster.watching -= 1
    return _hang_up(request) if cluster.down else answer


async def _tell_changes(cluster: Cluster, answer: web.StreamResponse, asked: Asked, version: int) -> None:
    store, now = cluster.store, cluster.round
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(float(asked.query["timeoutSeconds"])):
            while not cluster.down and now == cluster.round:
                changed = store.changed
                for event in list(store.since(version)):
                    version = event.version
                    if _heard(asked, event):
                        await answer.write(_line(event.kind, event.thing))
                await changed.wait()
    if cluster.bookmarks and not cluster.down:
        await answer.write(_line("BOOKMARK", {"metadata": {"resourceVersion": str(version)}}))


def _heard(asked: Asked, event: Event) -> bool:
    return event.place[:2] == (asked.resource, asked.namespace) and _matches(asked, event.thing)


def _line(kind: str, thing: Json) -> bytes:
    return json.dumps({"type": kind, "object": thing}).encode() + b"\n"


async def _log(cluster: Cluster, request: web.Request, asked: Asked) -> web.StreamResponse:
    """Send a log: …/workload-resources/pod-v1/#get-read-log-of-the-specified-pod."""
    pod = _found(cluster, Asked("get", "", asked.namespace, "pods", asked.name, {}))
    answer = web.StreamResponse(headers={"Content-Type": "text/plain"})
    if asked.name in cluster.files:
        await answer.prepare(request)
        await _send_file(cluster, answer, asked, cluster.files[asked.name])
        return _hang_up(request) if cluster.down else answer
    waiting = [one["state"].get("waiting") for one in (pod.get("status") or {}).get("containerStatuses") or []]
    if waiting and waiting[0] and asked.name not in cluster.logs:
        name = asked.query["container"]
        message = f'container "{name}" in pod "{asked.name}" is waiting to start: {waiting[0]["reason"]}'
        raise No(400, "BadRequest", message)
    since = datetime.fromisoformat(asked.query.get("sinceTime", "2000-01-01T00:00:00Z"))
    lines = [(at, line) for at, line in cluster.logs.get(asked.name, []) if at >= since]
    lines = lines[-int(asked.query.get("tailLines", len(lines) + 1)) :]
    stamped = asked.query.get("timestamps") == "true"
    await answer.prepare(request)
    text = "".join(f"{at:%Y-%m-%dT%H:%M:%S.%f}000Z {line}\n" if stamped else f"{line}\n" for at, line in lines)
    await answer.write(text.encode())
    return answer


async def _send_file(cluster: Cluster, answer: web.StreamResponse, asked: Asked, path: Path) -> None:
    """Send a file as it is; with `follow` also what is written to it, until its pod has ended."""
    with path.open("rb") as log:
        while True:
            changed, pod = cluster.store.changed, cluster.store.get(("pods", asked.namespace, asked.name))
            while piece := log.read(65536):
                await answer.write(piece)
            running = pod is not None and (pod.get("status") or {}).get("phase") == "Running"
            if asked.query.get("follow") != "true" or not running or cluster.down:
                return
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.02):  # a file says nothing when it grows
                    await changed.wait()
