"""The whole bot with its engine awake, and a backend that notes when it is first called: from a click to that call.

Its standard output has a line of JSON for each: ``{"applied": <seconds on the monotonic clock>}``, and, for each
``GET /idle``, ``{"idle": <milliseconds>}``: how long a job that does nothing takes from before the transaction that
enqueues it to its start, in the same worker. python -m tests.bench.approving_app PORT
"""

import json
import sys
import time
from dataclasses import dataclass, field

import uvicorn
import uvloop
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot import app
from bot.domain.observation import Observed, Phase
from bot.domain.target import Target
from bot.ledger.queue import URGENT, Job
from bot.ports import Desired, Section
from bot.settings import read


def say(**words: float) -> None:
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


@dataclass
class Noting:
    """Implements `bot.ports.Backend`: whatever is asked for is live at once."""

    live: dict[Target, tuple[str, Desired]] = field(default_factory=dict)

    async def apply(self, target: Target, desired: Desired, *, key: str) -> None:
        say(applied=time.monotonic())
        self.live[target] = (key, desired)

    async def observe(self, target: Target, *, key: str, config: Section) -> Observed:  # noqa: ARG002 - as the role says
        live_key, desired = self.live.get(target, ("", None))
        release = desired.release if desired else None
        phase = Phase.LIVE if key == live_key else Phase.ABSENT
        return Observed(phase, live_key, release and release.digest, release and release.version)


async def serve(port: int) -> None:
    """Serve until ended."""
    settings = read({"port": port}, env_file=None)
    app.logs_to_stderr()
    began: list[float] = []

    async def nothing(_: int | str, __: object) -> None:
        say(idle=(time.monotonic() - began.pop()) * 1000)

    async def idle(_: Request) -> Response:
        began.append(time.monotonic())
        async with parts.world.ledger.transaction() as tx:
            tx.enqueue(Job("idle", 1, priority=URGENT))
        return Response()

    async with app.assembled(settings) as parts:
        assert isinstance(parts.world.backends, dict)
        parts.world.backends["process"] = Noting()
        parts.worker._register("idle", nothing)
        async with app.running(parts):
            web = app.api(parts)
            web.router.routes.append(Route("/idle", idle))
            config = uvicorn.Config(web, "127.0.0.1", port, log_config=None, access_log=False, lifespan="off")
            await uvicorn.Server(config).serve()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
