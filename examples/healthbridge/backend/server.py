"""The HealthBridge API: invented patients and appointments over HTTP, with nothing but Python's standard library.

Every file in routes/ answers one path: it has a `PATH` and an `answer(query)` that returns a status and a value.
ADDRESS and PORT say where to listen; SLIPWAY_VERSION and SLIPWAY_COMMIT say what this is.
"""

import importlib
import json
import os
import pkgutil
import signal
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import routes

ROUTES = {
    module.PATH: module.answer
    for found in pkgutil.iter_modules(routes.__path__)
    for module in [importlib.import_module(f"routes.{found.name}")]
}


class Handler(BaseHTTPRequestHandler):
    """Answers GET in JSON."""

    protocol_version = "HTTP/1.1"
    timeout = 30

    def do_GET(self):
        asked = urlsplit(self.path)
        answer = ROUTES.get(asked.path)
        status, value = answer(parse_qs(asked.query)) if answer else (404, {"error": f"nothing at {asked.path}"})
        body = json.dumps(value, ensure_ascii=False).encode() + b"\n"
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_request(self, code="-", size="-"):
        if self.path != "/api/health":
            print(f"{self.command} {self.path} {int(code)}", flush=True)


class Server(ThreadingHTTPServer):
    """Keeps enough callers waiting that a busy moment refuses nobody."""

    daemon_threads = True
    request_queue_size = 128


def main():
    server = Server((os.environ.get("ADDRESS", "127.0.0.1"), int(os.environ.get("PORT", "8000"))), Handler)
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    print(f"backend {os.environ.get('SLIPWAY_VERSION', 'dev')} listens on {server.server_port}", flush=True)
    server.serve_forever(poll_interval=0.1)
    print("backend ends", flush=True)


if __name__ == "__main__":
    main()
