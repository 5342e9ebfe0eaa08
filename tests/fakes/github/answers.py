"""How the fake GitHub words its answers: lists in pages, and the ways to say no."""

from collections.abc import Sequence
from typing import Any

from aiohttp import web

DOCS = "https://docs.github.com/rest"


def refused(status: int, words: str, **headers: str) -> web.Response:
    """Say no."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    body = {"message": words, "documentation_url": DOCS, "status": str(status)}
    return web.json_response(body, status=status, headers=named)


def missing(words: str = "Not Found") -> web.Response:
    """Say that there is nothing, or nothing to be seen."""
    return refused(404, words)


def wrong(words: str) -> web.Response:
    """Say that the request cannot be done as it is."""
    return refused(422, words)


def listed(request: web.Request, items: Sequence[Any], *, key: str = "") -> web.Response:
    """Answer with a page of a list, and where the next one is."""
    size, page = int(request.query.get("per_page", 30)), int(request.query.get("page", 1))
    shown = list(items[(page - 1) * size : page * size])
    headers = {}
    if page * size < len(items):
        url = str(request.url.update_query(page=page + 1))
        headers["link"] = f'<{url}>; rel="next"'
    body = {"total_count": len(items), key: shown} if key else shown
    return web.json_response(body, headers=headers)
