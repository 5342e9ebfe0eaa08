"""One question to an API server, one answer: the parsed body, or a `Retry` or `GaveUp` in the server's words.

Of the official client (kubernetes.aio) its credentials and its connections are used, not its models: a workload is
read and written as the JSON it is, whatever its kind and the server's version.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import aiohttp
from kubernetes.aio.client import ApiClient

from bot.domain.errors import GaveUp, Retry
from bot.domain.masking import Mask
from integrations._kubernetes.access import Access
from integrations._kubernetes.reasons import no

Json = dict[str, Any]
Query = Mapping[str, str]

PATIENCE = timedelta(seconds=10)  # for one answer; what is streamed is limited by its reader


class Api:
    """An API server, as one way of access reaches it. It connects at the first question."""

    def __init__(self, access: Access, mask: Mask) -> None:
        self._access = access
        self.mask = mask
        self._client: ApiClient | None = None
        self._opening = asyncio.Lock()

    async def close(self) -> None:
        """Let go of the connections."""
        if self._client is not None:
            await self._client.close()  # type: ignore[no-untyped-call]  # the client leaves it untyped

    async def get(self, *path: str, query: Query | None = None) -> Json:
        """Return an object, or a list of them."""
        return await self._parsed("GET", path, query)

    async def create(self, *path: str, body: Json) -> Json:
        """Create an object; `Conflicted` when there is one by that name."""
        return await self._parsed("POST", path, None, body)

    async def apply(self, *path: str, body: Json, query: Query) -> Json:
        """Apply fields of an object on the server's side."""
        return await self._parsed("PATCH", path, query, body)

    @contextlib.asynccontextmanager
    async def stream(self, *path: str, query: Query, patience: timedelta) -> AsyncIterator[aiohttp.StreamReader]:
        """Give the body of an answer as it comes; `patience` is how long nothing may come."""
        seconds = {"connect": PATIENCE.total_seconds(), "sock_read": patience.total_seconds()}
        async with self._answer("GET", path, query, None, aiohttp.ClientTimeout(total=None, **seconds)) as answer:
            yield answer.content

    async def _parsed(self, method: str, path: tuple[str, ...], query: Query | None, body: Json | None = None) -> Json:
        limits = aiohttp.ClientTimeout(total=PATIENCE.total_seconds())
        async with self._answer(method, path, query, body, limits) as answer:
            parsed = json.loads(await answer.read())
        if not isinstance(parsed, dict):
            raise GaveUp("what answers there is not a Kubernetes API server")
        return parsed

    @contextlib.asynccontextmanager
    async def _answer(
        self, method: str, path: tuple[str, ...], query: Query | None, body: Json | None, limits: aiohttp.ClientTimeout
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        client = await self._open()
        words = "/".join(quote(word, safe="") for word in path) + (f"?{urlencode(query)}" if query else "")
        url = f"{client.configuration.host}/{words}"
        with _reaching(url):
            answer = await self._send(client, method, url, body, limits)
            if answer.status == HTTPStatus.UNAUTHORIZED:
                answer.close()
                await self._renew(client)
                answer = await self._send(client, method, url, body, limits)
            async with answer:
                if not answer.ok:
                    raise no(answer.status, await answer.read(), answer.headers, self.mask)
                yield answer

    async def _send(
        self, client: ApiClient, method: str, url: str, body: Json | None, limits: aiohttp.ClientTimeout
    ) -> aiohttp.ClientResponse:
        headers = {"Accept": "application/json", "User-Agent": "slipway"}
        headers["Content-Type"] = "application/apply-patch+yaml" if method == "PATCH" else "application/json"
        await client.update_params_for_auth(headers, [], ["BearerToken"], url, method, body)
        answer: aiohttp.ClientResponse = (
            await client.call_api(method, url, headers, body, _request_timeout=limits)
        ).response
        return answer

    async def _open(self) -> ApiClient:
        async with self._opening:
            if self._client is None:
                self._client = await self._access.client()
            return self._client

    async def _renew(self, client: ApiClient) -> None:
        """Read the credentials anew: a token in a file, or one that a program gives, may have been replaced."""
        fresh = await self._access.configuration()
        client.configuration.api_key = fresh.api_key
        if fresh.cert_file:
            client.rest_client.ssl_context.load_cert_chain(fresh.cert_file, fresh.key_file)


@contextlib.contextmanager
def _reaching(url: str) -> Iterator[None]:
    """Turn what a network does into `Retry`; the address is said without a user's name and password."""
    place = urlsplit(url)
    where = f"{place.hostname}:{place.port}" if place.port else f"{place.hostname}"
    try:
        yield
    except TimeoutError as error:
        raise Retry(f"the cluster at {where} did not answer in time") from error
    except aiohttp.InvalidURL as error:
        raise GaveUp(f"“{where}” is not the address of a cluster") from error
    except aiohttp.ClientConnectorCertificateError as error:
        raise GaveUp(
            f"the cluster at {where} has a certificate that is not trusted: {error.certificate_error}"
        ) from error
    except (aiohttp.ClientError, OSError) as error:
        raise Retry(f"the cluster at {where} cannot be reached: {_why(error)}") from error
    except ValueError as error:
        raise Retry(f"the cluster at {where} gave an answer that cannot be read") from error


def _why(error: Exception) -> str:
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    if isinstance(cause, ConnectionRefusedError):
        return "connection refused"
    if isinstance(error, aiohttp.ServerDisconnectedError | ConnectionResetError | aiohttp.ClientPayloadError):
        return "it hung up without an answer"
    return f"{type(error).__name__}: {error}"
