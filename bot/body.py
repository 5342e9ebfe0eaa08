"""Reading the body of a request, and no further than it may be long, whatever its length was said to be."""

from starlette.requests import Request

_LONGEST_LENGTH = 12  # digits


class TooLarge(Exception):  # noqa: N818 - it says what is known of a request
    """The body is longer than it may be; it was not read to its end."""


async def read(request: Request, *, most: int) -> bytes:
    """Return the body; `TooLarge` when it has more bytes, and Starlette's `ClientDisconnect` when it does not end."""
    said = dict(request.scope["headers"]).get(b"content-length", b"")
    if said.isdigit() and (len(said) > _LONGEST_LENGTH or int(said) > most):
        raise TooLarge
    pieces, size = [], 0
    async for piece in request.stream():
        size += len(piece)
        if size > most:
            raise TooLarge
        pieces.append(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)
