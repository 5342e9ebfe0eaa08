"""How Slipway is let in at GitHub, and how little it asks: Apps, tokens, conditional requests, pages."""

from collections.abc import AsyncIterator
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from bot.domain.errors import GaveUp, Retry
from bot.domain.observation import Phase
from integrations._github.access import Access
from integrations._github.account import Account, Answers
from integrations._github.client import Client
from integrations._github.shapes import Status
from integrations._github.wire import session
from tests.contract.benches import TARGET, brought
from tests.contract.github_town import Town, seen
from tests.contract.github_town import town as a_town
from tests.contract.living import surroundings
from tests.fakes.github.server import TOKEN

APP = {"app": 7, "installation": 70}


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with a_town(tmp_path) as made:
        yield made


@cache
def pair() -> tuple[str, str]:
    """Return a private key and its public one; making one takes a while."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


@pytest.fixture
def app(town: Town) -> Town:
    """A town whose GitHub knows an App, and no token."""
    private, public = pair()
    town.server.app, town.server.tokens = (7, 70, public), set()
    town.secrets = {"GITHUB_APP_KEY": private}
    return town


def exchanges(town: Town) -> int:
    return sum(one.path.endswith("/access_tokens") for one in town.server.asked)


async def test_an_app_is_lent_a_token_and_keeps_it_while_it_lasts(app: Town) -> None:
    async with app.bot(**APP) as bench:
        assert (await brought(bench, bench.good("1.0.0"), "k1")).phase is Phase.LIVE
        assert exchanges(app) == 1
        app.clock.move(timedelta(minutes=56))
        assert (await seen(bench, "k1")).phase is Phase.LIVE

    assert exchanges(app) == 2


async def test_a_lent_token_that_is_taken_back_is_asked_for_anew(app: Town) -> None:
    async with app.bot(**APP) as bench:
        await brought(bench, bench.good("1.0.0"), "k1")
        app.server.tokens = set()
        with pytest.raises(Retry, match="a new one is needed"):
            await seen(bench, "k1")

        assert (await seen(bench, "k1")).phase is Phase.LIVE


@pytest.mark.parametrize(
    ("said", "key", "words"),
    [
        ({"app": 8}, None, r"the secret GITHUB_APP_KEY: A JSON web token could not be decoded: Invalid issuer \(401"),
        ({"installation": 71}, None, "knows no installation 71 of App 7"),
        ({}, "not a key", "GITHUB_APP_KEY is not the private key of a GitHub App"),
        ({"app_key": "OTHER"}, None, "the secret OTHER is not set"),
    ],
)
async def test_an_app_that_is_not_let_in_says_what_is_wrong(
    app: Town, said: dict[str, object], key: str | None, words: str
) -> None:
    app.secrets["GITHUB_APP_KEY"] = key or app.secrets["GITHUB_APP_KEY"]
    async with app.bot(**{**APP, **said}) as bench:
        with pytest.raises(GaveUp, match=words) as no:
            await bench.backend.apply(TARGET, bench.good("1.0.0"), key="k1")

    assert "PRIVATE KEY" not in no.value.reason


async def test_what_is_known_already_is_not_sent_again(town: Town) -> None:
    async with town.bot() as bench:
        await brought(bench, bench.good("1.0.0"), "k1")
        await seen(bench, "k1")
        before = len(town.server.asked)
        await seen(bench, "k1")

    assert {one.status for one in town.server.asked[before:]} == {304}


def test_of_answers_those_that_were_asked_for_last_are_kept_and_not_too_much() -> None:
    answers = Answers(most=10_000)
    for number in range(9):
        answers[f"/{number}"] = ("etag", None, "x" * 1_000, None)
    assert answers["/0"][0] == "etag"
    for _ in range(20):
        answers["/8"] = ("etag", None, "x" * 2_000, None)

    assert list(answers) == ["/2", "/3", "/4", "/5", "/6", "/7", "/0", "/8"]
    answers["/huge"] = ("etag", None, "x" * 10_001, None)
    assert list(answers) == []


async def test_a_list_is_read_to_its_last_page_and_no_further_than_it_must(town: Town, tmp_path: Path) -> None:
    at = town.clock.now().isoformat()
    town.server.repository.statuses[1] = [{"id": n, "state": "queued", "created_at": at} for n in range(250)]
    account = Account(Access(repository="acme/shop", api=town.server.url), surroundings(tmp_path, GITHUB_TOKEN=TOKEN))
    async with session() as opened:
        client = Client(opened, account)
        everything = await client.pages(Status, "/deployments/1/statuses", "statuses")
        asked = len(town.server.asked)
        enough = await client.pages(Status, "/deployments/1/statuses", "statuses", sought=lambda one: one.id == 200)

    assert ([one.id for one in everything], asked) == (list(range(249, -1, -1)), 3)
    assert (len(enough), len(town.server.asked)) == (100, 4)


@pytest.mark.parametrize(
    ("api", "web"),
    [
        ("https://api.github.com", "https://github.com"),
        ("https://api.octo.ghe.com", "https://octo.ghe.com"),
        ("https://github.example.com/api/v3", "https://github.example.com"),
    ],
)
def test_where_people_and_git_find_it_follows_from_where_the_api_is(api: str, web: str) -> None:
    assert Access(repository="acme/shop", api=api).web == web
