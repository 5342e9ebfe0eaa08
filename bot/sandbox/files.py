"""Files: announced, sent once to an address of their own, completed; then they can be shown.

Slack looks at a file for a moment after it was completed, and refuses a message that shows it until it has (its own
clients' issue #1521 tells of about a second); so does this. Bytes are kept with the file, for nobody sends many.
"""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from . import cast
from .errors import SlackError
from .model import Record
from .store import Store
from .validation.problem import Problem, at, wrong
from .wire import Json
from .workspace import new_id

LOOKED_AT = 1.0  # seconds
KINDS = {b"\x89PNG": "png", b"\xff\xd8\xff": "jpg", b"GIF8": "gif"}
BOUNDARY = re.compile(r'boundary="?([^";]+)"?')


@dataclass
class File(Record):
    """A file; `ticket` opens the one upload that it may have, and is gone after that."""

    id: str
    name: str
    length: int
    alt_txt: str | None
    ticket: str | None
    created: float
    title: str = ""
    content: str | None = None  # base64
    completed_at: float | None = None
    shares: list[str] = field(default_factory=list)

    @property
    def bytes(self) -> bytes:
        """What was sent."""
        return base64.b64decode(self.content or "")

    @property
    def kind(self) -> str:
        """What its first bytes say it is; empty when it is no image."""
        return next((kind for mark, kind in KINDS.items() if self.bytes.startswith(mark)), "")

    @property
    def mimetype(self) -> str:
        """Its kind, as the web calls it."""
        return f"image/{self.kind.replace('jpg', 'jpeg')}" if self.kind else "application/octet-stream"


class Files:
    """All files of the workspace."""

    def __init__(self, store: Store, now: Callable[[], float], base_url: str) -> None:
        self._store, self._now, self._base_url = store, now, base_url
        self._known = {one.id: one for one in map(File.from_record, store.all("file"))}

    def announce(self, name: str, length: int, alt_txt: str | None) -> Json:
        """Return the file's id, and where its bytes are to be sent, once."""
        file = File(new_id("F"), name, length, alt_txt, secrets.token_urlsafe(24), self._now())
        self._keep(file)
        return {"file_id": file.id, "upload_url": f"{self._base_url}/upload/v1/{file.ticket}"}

    def take(self, ticket: str, body: bytes, content_type: str) -> int:
        """Take the bytes of a file, raw or as the one part of a form; return how many. Raises SlackError."""
        file = next(
            (one for one in self._known.values() if one.ticket and secrets.compare_digest(one.ticket, ticket)), None
        )
        if file is None:
            raise SlackError("invalid_upload_url")
        content = _part(body, content_type)
        if len(content) != file.length:
            raise SlackError("length_mismatch")
        file.content, file.ticket = base64.b64encode(content).decode(), None
        self._keep(file)
        return len(content)

    def sent(self, file_id: str) -> File:
        """Return a file whose bytes have come, and which was not completed yet. Raises file_not_found."""
        file = self._known.get(file_id)
        if file is None or file.content is None or file.completed_at is not None:
            raise SlackError("file_not_found")
        return file

    def complete(self, file: File, title: str, shares: list[str]) -> None:
        """Note that a file is whole, and where it is shared."""
        file.title, file.completed_at, file.shares = title or file.name, self._now(), shares
        self._keep(file)

    def find(self, file_id: str) -> File | None:
        """Return a file that is whole, or None."""
        file = self._known.get(file_id)
        return file if file and file.completed_at is not None else None

    def unusable(self, blocks: list[Json] | None) -> list[Problem]:
        """Return what is wrong with the files that blocks show: unknown, no image, or not looked at yet."""
        found = _shown(blocks or [], "/blocks")
        return [wrong(pointer, "invalid slack file", "slack_file") for pointer, one in found if not self._ready(one)]

    def shape(self, file: File) -> Json:
        """Return the file as messages and files.info carry it."""
        address = f"{self._base_url}/files/{file.id}"
        looked_at = self._looked_at(file)
        return {
            "id": file.id,
            "created": int(file.created),
            "timestamp": int(file.created),
            "name": file.name,
            "title": file.title,
            "mimetype": file.mimetype if looked_at else "",
            "filetype": file.kind if looked_at else "",
            "user": cast.BOT_USER,
            "size": file.length,
            "mode": "hosted",
            "is_external": False,
            "is_public": bool(file.shares),
            "url_private": address,
            "permalink": address,
            "channels": file.shares,
            "groups": [],
            "ims": [],
        } | ({"alt_txt": file.alt_txt} if file.alt_txt else {})

    def _ready(self, shown: Json) -> bool:
        name = str(shown.get("id") or str(shown.get("url", "")).rpartition("/")[2])
        file = self.find(name)
        return file is not None and bool(file.kind) and self._looked_at(file)

    def _looked_at(self, file: File) -> bool:
        return file.completed_at is not None and self._now() - file.completed_at >= LOOKED_AT

    def _keep(self, file: File) -> None:
        self._known[file.id] = file
        self._store.put("file", file.id, file.record())


def _shown(part: object, pointer: str) -> Iterator[tuple[str, Json]]:
    """Yield the files within blocks, each with where it is named."""
    if isinstance(part, list):
        for number, one in enumerate(part):
            yield from _shown(one, at(pointer, number))
    elif isinstance(part, dict):
        if isinstance(part.get("slack_file"), dict):
            yield at(pointer, "slack_file"), part["slack_file"]
        for name, one in part.items():
            yield from _shown(one, at(pointer, name))


def _part(body: bytes, content_type: str) -> bytes:
    """Return the bytes of a body, or of the first file in a multipart form. Raises SlackError."""
    if not content_type.startswith("multipart/form-data"):
        return body
    boundary = BOUNDARY.search(content_type)
    parts = body.split(b"--" + boundary[1].encode()) if boundary else []
    for part in parts:
        head, _, content = part.partition(b"\r\n\r\n")
        if b"filename=" in head:
            return content.removesuffix(b"\r\n")
    raise SlackError("invalid_form_data")
