"""Static sites in a directory and in a bucket, for the contract of backends: a check decides what comes up."""

import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

from bot.domain.target import Target
from bot.ports import Backend, Desired, Section
from integrations.static_site import BACKEND
from tests.contract.artefacts import pack
from tests.contract.living import surroundings
from tests.contract.object_store import SECRETS, a_bucket, store
from tests.contract.wishes import TARGET, a_release


@dataclass
class SiteBench:
    """`where` says of a target where its site lies."""

    data: Path
    backend: Backend
    where: Callable[[Target], dict[str, object]]
    more: dict[str, object] = field(default_factory=dict)

    def good(self, version: str, target: Target = TARGET) -> Desired:
        return self.site(version, {}, target)

    def bad(self, version: str, target: Target = TARGET) -> Desired:
        return self.site(version, {"check.py": "print('a link is dead')\nraise SystemExit(3)"}, target)

    def site(self, version: str, files: dict[str, str], target: Target = TARGET, **config: object) -> Desired:
        """Return a release with these files, and a page and a check that ends well where there are none of them."""
        all_files = {"check.py": "", "index.html": f"<h1>{target} {version}</h1>", **files}
        digest = pack(self.data / "artefacts", all_files)
        return Desired(a_release(version, digest), {**self.section(target), **config})

    def section(self, target: Target) -> Section:
        return {"kind": "static_site", **self.where(target), "check": ["python3", "check.py"], **self.more}


@contextlib.asynccontextmanager
async def directories(data: Path) -> AsyncIterator[SiteBench]:
    async with BACKEND.open(surroundings(data)) as backend:
        yield SiteBench(data, backend, lambda target: {"directory": str(data / "www" / str(target))})


@contextlib.asynccontextmanager
async def buckets(data: Path, **said: object) -> AsyncIterator[SiteBench]:
    bucket = {
        "name": a_bucket(),
        "endpoint": store(),
        "access_key": "SITE_ACCESS_KEY",
        "secret_key": "SITE_SECRET_KEY",
        **said,
    }
    async with BACKEND.open(surroundings(data, **SECRETS)) as backend:
        yield SiteBench(data, backend, lambda target: {"bucket": {"prefix": f"sites/{target}", **bucket}})


def copied_buckets(data: Path) -> contextlib.AbstractAsyncContextManager[SiteBench]:
    return buckets(data, serve="copies")
