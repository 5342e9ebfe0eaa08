"""What a browser is told of a file: what it is, and for how long it may be kept.

The types are Python's own and a few newer ones, so that they are the same on every machine.
"""

import mimetypes
import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

FOR_GOOD = "public, max-age=31536000, immutable"
EACH_TIME = "no-cache"

_TYPES = mimetypes.MimeTypes(filenames=())
_NEWER = {
    ".avif": "image/avif",
    ".js": "text/javascript",
    ".map": "application/json",
    ".md": "text/markdown",
    ".mjs": "text/javascript",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
}
_TEXT = {"application/json", "application/manifest+json", "application/xml", "image/svg+xml"}
_PACKED = {"gzip": "application/gzip", "bzip2": "application/x-bzip2", "xz": "application/x-xz"}
_HEXADECIMAL = re.compile(r"(?=.*\d)(?=.*[a-f])[0-9a-f]{8,}")


def content_type(path: str) -> str:
    """Return the media type of a path, by its ending."""
    newer = _NEWER.get(PurePosixPath(path).suffix.lower())
    known, packed = (newer, None) if newer else _TYPES.guess_type(f"/{path}", strict=True)
    if packed:
        return _PACKED.get(packed, "application/octet-stream")
    if known is None:
        return "application/octet-stream"
    return f"{known}; charset=utf-8" if known.startswith("text/") or known in _TEXT else known


def cache_control(path: str, rules: Mapping[str, str]) -> str:
    """Return the Cache-Control of a path: the first rule that fits it, or what its name says."""
    for pattern, header in rules.items():
        if fnmatchcase(path, pattern):
            return header
    return FOR_GOOD if not is_page(path) and _has_fingerprint(path) else EACH_TIME


def is_page(path: str) -> bool:
    """Whether a path is a page, which leads to all the rest."""
    return PurePosixPath(path).suffix.lower() in {".html", ".htm"}


def _has_fingerprint(path: str) -> bool:
    """Whether a name changes with its content: ``app.3f2a9b1c.js``. What could be a word is no fingerprint."""
    return any(_HEXADECIMAL.fullmatch(part) for part in re.split(r"[._-]", PurePosixPath(path).name)[:-1])
