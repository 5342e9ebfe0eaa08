"""The real bot behind its real route, with the engine asleep: what is measured is the answer, not what follows from it.

python -m tests.bench.slipway_app PORT
"""

from __future__ import annotations

import gc
import sys

import uvicorn
import uvloop

from bot import app
from bot.settings import read


async def serve(port: int) -> None:
    """Serve until ended."""
    settings = read({"port": port}, env_file=None)
    app.logs_to_stderr()
    async with app.assembled(settings) as parts:
        await parts.edge.introduce()
        gc.freeze()
        config = uvicorn.Config(app.api(parts), "127.0.0.1", port, log_config=None, access_log=False, lifespan="off")
        await uvicorn.Server(config).serve()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
