"""Asks a service how it is, over HTTP or by a mere connection, once, and says the answer as a sentence for a person.

No redirect is followed: a login page that answers 200 after one is not a healthy service.
"""

import asyncio
import socket
from datetime import timedelta

import aiohttp

from bot.domain.duration import spoken
from bot.domain.masking import Mask
from bot.domain.observation import Sample
from integrations._session import WithSession

_MOST_READ = 256 * 1024  # bytes of a body that are searched for `contains`
_MOST_SHOWN = 120  # characters of a body that a person is shown


class HttpProbe(WithSession):
    """Implements `bot.ports.Probe`. Use it with ``async with``: one session serves every check."""

    def __init__(self, mask: Mask | None = None) -> None:
        self._mask = mask or Mask()

    def _opened(self) -> aiohttp.ClientSession:
        # A probe should meet the version that is live now: it keeps no connection from one check to the next.
        connector = aiohttp.TCPConnector(force_close=True)
        return aiohttp.ClientSession(connector=connector, headers={"User-Agent": "slipway-probe"})

    async def check(self, url: str, *, status: int, contains: str | None, patience: timedelta) -> Sample:
        """See `bot.ports.Probe`."""
        if self._session is None:
            raise RuntimeError("HttpProbe is used with “async with”")
        try:
            async with asyncio.timeout(patience.total_seconds()):
                async with self._session.get(url, allow_redirects=False) as answer:
                    return self._judged(answer.status, await _beginning(answer.content), status, contains)
        except TimeoutError:
            return Sample(ok=False, detail=f"no answer in {spoken(patience)}")
        except aiohttp.InvalidURL:
            return Sample(ok=False, detail=f"“{url}” is not an address that can be asked")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return Sample(ok=False, detail=self._mask.beginning(_why(error), _MOST_SHOWN))

    async def reach(self, host: str, port: int, *, patience: timedelta) -> Sample:
        """See `bot.ports.Probe`."""
        try:
            async with asyncio.timeout(patience.total_seconds()):
                _, writer = await asyncio.open_connection(host, port)
                writer.close()
        except TimeoutError:
            return Sample(ok=False, detail=f"no connection in {spoken(patience)}")
        except ConnectionRefusedError:
            return Sample(ok=False, detail="connection refused")
        except socket.gaierror:
            return Sample(ok=False, detail=f"no such host: {host}")
        except OSError as error:
            return Sample(ok=False, detail=error.strerror or str(error))
        return Sample(ok=True, detail=f"{host}:{port} takes connections")

    def _judged(self, got: int, body: str, wanted: int, contains: str | None) -> Sample:
        lacks = contains is not None and contains not in body
        if got == wanted and not lacks:
            return Sample(ok=True, detail=f"HTTP {got}")
        shown = self._mask.line(body, _MOST_SHOWN)
        said = f"HTTP {got}: {shown}" if shown else f"HTTP {got}"
        return Sample(ok=False, detail=f"{said} (does not contain “{contains}”)" if got == wanted else said)


async def _beginning(content: aiohttp.StreamReader) -> str:
    read = b""
    async for piece in content.iter_any():
        read += piece
        if len(read) >= _MOST_READ:
            break
    return read.decode(errors="replace")


def _why(error: Exception) -> str:
    """Say what went wrong in the words of somebody who looks, not of the library."""
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    if isinstance(cause, ConnectionRefusedError):
        return "connection refused"
    if isinstance(error, aiohttp.ServerDisconnectedError | ConnectionResetError):
        return "it hung up without an answer"
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return f"no such host: {error.host}"
    return f"{type(error).__name__}: {error}"
