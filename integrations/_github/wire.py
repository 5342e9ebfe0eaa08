"""GitHub's protocol over our own HTTP session: gidgethub asks through this."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import aiohttp
from gidgethub.abc import GitHubAPI

from integrations._github.account import Account

VERSION = {"x-github-api-version": "2022-11-28"}
_PATIENCE = aiohttp.ClientTimeout(total=30, sock_connect=10)


@asynccontextmanager
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """Give a session to ask with."""
    async with aiohttp.ClientSession(timeout=_PATIENCE) as opened:
        yield opened


class Wire(GitHubAPI):
    """See gidgethub. No redirect is followed: a repository that has moved is to be named as it is called now."""

    def __init__(self, opened: aiohttp.ClientSession, account: Account) -> None:
        super().__init__("slipway", cache=account.answers, base_url=account.access.api)
        self._session, self._account = opened, account

    async def _request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes = b""
    ) -> tuple[int, Mapping[str, str], bytes]:
        given = {**headers, **VERSION}
        async with self._session.request(method, url, headers=given, data=body, allow_redirects=False) as answer:
            self._account.heard(answer.headers.get("date", ""))
            return answer.status, answer.headers, await answer.read()

    async def sleep(self, seconds: float) -> None:
        """See gidgethub, which never calls it by itself."""
        raise RuntimeError(f"an adapter does not wait, not for {seconds} s either: it raises Retry")
