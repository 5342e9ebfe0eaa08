"""A real Prometheus at work: it scrapes a program whose figures a test may change."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

CONFIG = """
global: { scrape_interval: 200ms, scrape_timeout: 200ms }
scrape_configs:
  - job_name: sample
    static_configs: [{ targets: ["127.0.0.1:%d"] }]
"""


@dataclass
class Stack:
    """A program with metrics that a test may change, and the Prometheus that scrapes it."""

    url: str
    lines: dict[str, float] = field(default_factory=dict)


@contextmanager
def prometheus(folder: Path) -> Iterator[Stack]:
    """Give a Prometheus and what it scrapes. Without one the test fails in CI and is skipped, loudly, elsewhere."""
    program = shutil.which("prometheus")
    if program is None and os.environ.get("CI") == "true":
        pytest.fail("There is no Prometheus on this machine, and in CI there must be one: apt-get install prometheus")
    if program is None:
        pytest.skip("NOT TESTED: a real Prometheus, for want of one (apt-get install prometheus)")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    made = Stack(f"http://127.0.0.1:{port}")
    with served(made) as sample, (folder / "log").open("wb") as log:
        (folder / "prometheus.yml").write_text(CONFIG % sample)
        where = [f"--config.file={folder / 'prometheus.yml'}", f"--storage.tsdb.path={folder / 'data'}"]
        argv = [program, *where, f"--web.listen-address=127.0.0.1:{port}"]
        with subprocess.Popen(argv, stdout=log, stderr=log) as running:
            try:
                yield made
            finally:
                running.terminate()


class served:  # noqa: N801 - it reads as a block
    """Serve the lines of a stack as a program does; give the port."""

    def __init__(self, made: Stack) -> None:
        class Page(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = "".join(f"{line} {value}\n" for line, value in made.lines.items()).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
        self.thread = Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> int:
        self.thread.start()
        return int(self.server.server_port)

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
