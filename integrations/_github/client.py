"""Asks GitHub's REST API: one call in, values out; what goes wrong comes out as `Retry` or `GaveUp`.

gidgethub does the protocol (ETags, pages, an App's signature); waiting and trying again are the engine's.
"""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import aclosing, asynccontextmanager, contextmanager
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TypeVar

import aiohttp
from gidgethub import HTTPException
from gidgethub.apps import get_installation_access_token
from jwt import PyJWTError
from pydantic import TypeAdapter, ValidationError

from bot.domain.errors import GaveUp, Retry
from bot.domain.masking import Mask
from integrations._github.account import Account
from integrations._github.wire import VERSION, Wire
from integrations._github.words import NotTaken, refusal

Value = TypeVar("Value")

_MOST = 600
_PIECE = 64 * 1024  # bytes
_LONG = aiohttp.ClientTimeout(total=120, sock_connect=10, sock_read=30)
_NEVER_REACHED = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)


class Client:
    """Asks about one repository, as one account. `about` names in every call what is asked for, in a person's words."""

    def __init__(self, opened: aiohttp.ClientSession, account: Account) -> None:
        self._session, self._account, self._wire = opened, account, Wire(opened, account)
        self._repository = f"/repos/{account.access.repository}"

    def now(self) -> datetime:
        """Return the time at GitHub."""
        return self._account.now()

    @property
    def mask(self) -> Mask:
        """What covers secrets in what is shortened."""
        return self._account.mask

    async def get(self, kind: type[Value], path: str, about: str) -> Value:
        """Return what lies at a path of the repository."""
        token = await self.token()
        with self._in_words(about):
            return _read(kind, await self._wire.getitem(self._repository + path, oauth_token=token))

    async def pages(
        self,
        kind: type[Value],
        path: str,
        about: str,
        *,
        key: str = "",
        sought: Callable[[Value], bool] = lambda _: False,
        size: int = 100,
    ) -> list[Value]:
        """Return what is listed at a path (under a key, where the list is inside of something), whole pages of it.

        The last page is the one with what is `sought`, or the one with the 600th entry.
        """
        found: list[Value] = []
        token = await self.token()
        address = f"{self._repository}{path}{'&' if '?' in path else '?'}per_page={size}"
        with self._in_words(about):
            async with aclosing(self._wire.getiter(address, oauth_token=token, iterable_key=key)) as listed:
                async for item in listed:
                    found.append(_read(kind, item))
                    if len(found) % size == 0 and (len(found) >= _MOST or any(map(sought, found))):
                        break
        return found

    async def post(self, kind: type[Value], path: str, data: Mapping[str, object], about: str) -> Value:
        """Ask for a change, return what came of it. A `Retry` that is no `NotTaken` leaves open whether it was made."""
        token = await self.token()
        with self._in_words(about):
            return _read(kind, await self._wire.post(self._repository + path, data=dict(data), oauth_token=token))

    @asynccontextmanager
    async def stream(self, path: str, about: str, *, accept: str = "*/*") -> AsyncIterator[AsyncIterator[bytes]]:
        """Give what lies at a path, piece by piece. Where GitHub sends us elsewhere, our token does not come along."""
        headers = {"authorization": f"bearer {await self.token()}", "accept": accept, **VERSION}
        address = self._account.access.api + self._repository + path
        with self._in_words(about):
            async with self._session.get(address, headers=headers, allow_redirects=False, timeout=_LONG) as answer:
                elsewhere = answer.headers.get("location", "") if answer.status == HTTPStatus.FOUND else ""
                if not elsewhere:
                    yield await _pieces(answer)
                    return
            async with self._session.get(elsewhere, allow_redirects=False, timeout=_LONG) as answer:
                yield await _pieces(answer)

    async def token(self) -> str:
        """Return the token to ask with; an App is lent one for its installation first."""
        access, kept = self._account.access, self._account.lent()
        if access.app is None or kept is not None:
            return kept or self._account.secret()
        who = {"app_id": str(access.app), "installation_id": str(access.installation)}
        key = self._account.secret()
        with self._in_words(f"installation {access.installation} of App {access.app}"):
            lent = await get_installation_access_token(self._wire, private_key=key, **who)
            return self._account.keep(str(lent["token"]), datetime.fromisoformat(lent["expires_at"]).astimezone(UTC))

    @contextmanager
    def _in_words(self, about: str) -> Iterator[None]:
        """Turn what goes wrong into what it means."""
        access = self._account.access
        try:
            yield
        except HTTPException as error:
            if error.status_code == HTTPStatus.UNAUTHORIZED and self._account.forget():
                raise NotTaken(
                    "the token of the App's installation is no longer accepted; a new one is needed"
                ) from error
            raise refusal(error, about, self._account) from error
        except _NEVER_REACHED as error:
            raise NotTaken(f"GitHub cannot be reached at {access.api}: {_why(error)}") from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Retry(f"GitHub at {access.api} did not answer: {_why(error)}") from error
        except PyJWTError as error:
            raise GaveUp(f"the secret {access.secret} is not the private key of a GitHub App: {error}") from error
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise Retry(f"GitHub's answer about {about} cannot be read: {where}: {first['msg']}") from error
        except (ValueError, KeyError) as error:
            raise Retry(f"GitHub's answer about {about} cannot be read: {error}") from error


async def _pieces(answer: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    """Return the pieces of a good answer."""
    if answer.status != HTTPStatus.OK:
        words = (await answer.content.read(_PIECE)).decode(errors="replace")
        raise HTTPException(HTTPStatus(answer.status), words, headers=answer.headers)
    return answer.content.iter_chunked(_PIECE)


def _why(error: BaseException) -> str:
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    return getattr(cause, "strerror", None) or str(cause) or type(cause).__name__


def _read(kind: type[Value], data: object) -> Value:
    return TypeAdapter(kind).validate_python(data)
