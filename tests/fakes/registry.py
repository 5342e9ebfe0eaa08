"""A registry of images on this machine: as much of the distribution API as a push and a pull by digest need."""

import hashlib
import itertools
from dataclasses import dataclass, field

from aiohttp import web


@dataclass
class Registry:
    """Keeps what is pushed in memory: blobs by their digest, manifests by digest and by tag."""

    blobs: dict[str, bytes] = field(default_factory=dict)
    manifests: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    _uploads: dict[str, bytes] = field(default_factory=dict)
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    async def serve(self) -> tuple[web.AppRunner, int]:
        """Listen on a port of 127.0.0.1, which an engine takes without TLS; return the runner and the port."""
        app = web.Application(client_max_size=1 << 30)
        app.add_routes([
            web.get("/v2/", self._here),
            web.post(r"/v2/{name:.+}/blobs/uploads/", self._begin),
            web.patch(r"/v2/{name:.+}/blobs/uploads/{upload}", self._more),
            web.put(r"/v2/{name:.+}/blobs/uploads/{upload}", self._end),
            web.get(r"/v2/{name:.+}/blobs/{digest}", self._blob),
            web.put(r"/v2/{name:.+}/manifests/{reference}", self._keep),
            web.get(r"/v2/{name:.+}/manifests/{reference}", self._manifest),
        ])  # fmt: skip
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        return runner, int(runner.addresses[0][1])

    async def _here(self, _request: web.Request) -> web.Response:
        return web.json_response({})

    async def _begin(self, request: web.Request) -> web.Response:
        upload = str(next(self._numbers))
        self._uploads[upload] = b""
        return web.Response(status=202, headers=_upload(request, upload, b""))

    async def _more(self, request: web.Request) -> web.Response:
        upload = request.match_info["upload"]
        self._uploads[upload] += await request.read()
        return web.Response(status=202, headers=_upload(request, upload, self._uploads[upload]))

    async def _end(self, request: web.Request) -> web.Response:
        content = self._uploads.pop(request.match_info["upload"]) + await request.read()
        digest = request.query["digest"]
        if _digest(content) != digest:
            return web.Response(status=400)
        self.blobs[digest] = content
        return web.Response(status=201, headers={"Docker-Content-Digest": digest})

    async def _blob(self, request: web.Request) -> web.Response:
        content = self.blobs.get(request.match_info["digest"])
        return web.Response(status=404) if content is None else web.Response(body=content)

    async def _keep(self, request: web.Request) -> web.Response:
        kept = request.content_type, await request.read()
        digest = _digest(kept[1])
        self.manifests[request.match_info["reference"]] = self.manifests[digest] = kept
        return web.Response(status=201, headers={"Docker-Content-Digest": digest})

    async def _manifest(self, request: web.Request) -> web.Response:
        kept = self.manifests.get(request.match_info["reference"])
        if kept is None:
            unknown = {"errors": [{"code": "MANIFEST_UNKNOWN", "message": "manifest unknown"}]}
            return web.json_response(unknown, status=404)
        headers = {"Docker-Content-Digest": _digest(kept[1])}
        return web.Response(body=kept[1], content_type=kept[0], headers=headers)


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _upload(request: web.Request, upload: str, held: bytes) -> dict[str, str]:
    where = f"/v2/{request.match_info['name']}/blobs/uploads/{upload}"
    return {"Location": where, "Docker-Upload-UUID": upload, "Range": f"0-{max(len(held) - 1, 0)}"}
