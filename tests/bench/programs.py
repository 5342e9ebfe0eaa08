"""What a bench deploys: a small server as an artefact that a local process runs, and as an image of one static program.

Both say that they are well as soon as they listen, and end as soon as they are asked to.
"""

from __future__ import annotations

from pathlib import Path

from tests.contract.artefacts import pack

PORT = 8080  # in its container
IMAGE = (
    "echo well > /www/health; echo -n well > /www/index.html; trap 'kill $!; exit' TERM; "
    f"busybox httpd -f -p {PORT} -h /www & wait"
)
SERVER = """
import os, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
time.sleep(float(os.environ.get("TAKES", "0")))
class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        body = str(os.getpid()).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *words):
        pass
class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256
Server(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""


def artefact(data: Path, note: str) -> str:
    """Put the server into a data folder's store of artefacts, and return its digest; each note makes another one."""
    return pack(data / "artefacts", {"server.py": f"NOTE = {note!r}\n{SERVER}"})
