"""What a probe promises of a mere connection: a sentence, whatever happens, and never an exception."""

import asyncio
import socket
from datetime import timedelta

from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.domain.masking import Mask
from bot.domain.observation import Sample
from integrations.http_probe import HttpProbe

SOON = timedelta(seconds=0.3)


async def reach(host: str, port: int) -> Sample:
    async with HttpProbe() as probe:
        return await probe.reach(host, port, patience=SOON)


async def test_a_port_that_takes_connections_is_well_though_it_never_says_a_word() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        assert await reach("127.0.0.1", port) == Sample(ok=True, detail=f"127.0.0.1:{port} takes connections")


async def test_nobody_there_is_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

    assert await reach("127.0.0.1", port) == Sample(ok=False, detail="connection refused")


async def test_a_host_that_does_not_exist_is_named() -> None:
    assert await reach("nowhere.invalid", 1) == Sample(ok=False, detail="no such host: nowhere.invalid")


async def test_who_does_not_answer_in_time_is_not_waited_for() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        kept = []
        for _ in range(3):  # what more than the queue holds is left without an answer
            one = socket.socket()
            one.setblocking(False)  # noqa: FBT003 - the library's form
            one.connect_ex(server.getsockname())
            kept.append(one)
        await asyncio.sleep(0)

        sample = await reach("127.0.0.1", server.getsockname()[1])

        assert sample == Sample(ok=False, detail="no connection in 0.3s")
        for one in kept:
            one.close()


async def test_what_a_page_says_is_masked_before_it_is_cut() -> None:
    async def fails(_request: web.Request) -> web.Response:
        return web.Response(status=500, text="x" * 100 + " zebra-quartz-lamp-0042 postgres://app:hunter2@db/app")

    app = web.Application()
    app.router.add_get("/", fails)
    async with TestServer(app) as server, HttpProbe(Mask(["zebra-quartz-lamp-0042"])) as probe:
        sample = await probe.check(str(server.make_url("/")), status=200, contains=None, patience=timedelta(seconds=5))

    assert sample == Sample(ok=False, detail=f"HTTP 500: {'x' * 100} ••• postgres://app:")
