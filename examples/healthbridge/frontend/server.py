"""The HealthBridge page, with nothing but Python's standard library.

ADDRESS and PORT say where to listen, SLIPWAY_VERSION what this is, and BACKEND_URL where the API is. The page asks this
server how the API is, so that a browser needs to reach one address only.
"""

import json
import os
import signal
import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PAGE = (Path(__file__).parent / "page.html").read_text(encoding="utf-8")
VERSION = os.environ.get("SLIPWAY_VERSION", "dev")
BACKEND = os.environ.get("BACKEND_URL", "")


def backend_health():
    """Return how the API is, as a value that the page can show."""
    if not BACKEND:
        return {"status": "unknown", "why": ["BACKEND_URL is not set for this environment"]}
    try:
        with urllib.request.urlopen(f"{BACKEND}/api/health", timeout=2) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        try:
            return json.load(error)
        except ValueError:
            return {"status": "failing", "why": [f"HTTP {error.code}"]}
    except (OSError, ValueError) as error:
        return {"status": "away", "why": [str(error)]}


class Handler(BaseHTTPRequestHandler):
    """Answers the page and how the API is."""

    protocol_version = "HTTP/1.1"
    timeout = 30

    def do_GET(self):
        if self.path == "/":
            self.reply(200, "text/html", PAGE.replace("{{version}}", VERSION))
        elif self.path == "/backend":
            self.reply(200, "application/json", json.dumps(backend_health()))
        else:
            self.reply(404, "text/plain", "There is nothing here.\n")

    def reply(self, status, kind, text):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    """Keeps enough callers waiting that a busy moment refuses nobody."""

    daemon_threads = True
    request_queue_size = 128


def main():
    server = Server((os.environ.get("ADDRESS", "127.0.0.1"), int(os.environ.get("PORT", "8000"))), Handler)
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    print(f"frontend {VERSION} listens on {server.server_port}", flush=True)
    server.serve_forever(poll_interval=0.1)


if __name__ == "__main__":
    main()
