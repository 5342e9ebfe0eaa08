"""The API of the alert story: it says how it is, has metrics, and in a fragile release dies of a search, for good.

It is built from a commit like any service, and run by the process host; see tests/e2e/monitored.py.
"""

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

FRAGILE = False  # the release that goes wrong says True
BROKEN = Path(os.environ["INDEX"])  # what it leaves behind, so that it does not come up again
VERSION = os.environ.get("SLIPWAY_VERSION", "dev")


class Api(BaseHTTPRequestHandler):
    """Answers GET."""

    asked = 0

    def do_GET(self) -> None:
        """Answer; a search is what a fragile release dies of."""
        if self.path == "/metrics":
            self._answer("text/plain; version=0.0.4", f'http_requests_total{{status="200"}} {Api.asked}\n')
            return
        Api.asked += 1
        if self.path.startswith("/api/search") and FRAGILE:
            BROKEN.touch()
            sys.stdout.write("the index is broken: segment 7 ends too early\n")
            sys.stdout.flush()
            os._exit(1)
        self._answer("application/json", json.dumps({"status": "ok", "version": VERSION}))

    def _answer(self, kind: str, text: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing of each request."""


if __name__ == "__main__":
    if FRAGILE and BROKEN.exists():
        sys.exit("the index is broken: it does not open")
    ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Api).serve_forever(poll_interval=0.1)
