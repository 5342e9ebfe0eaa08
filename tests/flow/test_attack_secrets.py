"""What nobody may read: it is covered before it reaches the ledger, whoever says it and however it comes."""

from datetime import timedelta

from sqlalchemy import text

from bot.domain.target import Target
from bot.schedules import drift
from bot.usecases import decisions
from tests.fakes.backend import Behaviour, Ending
from tests.fakes.clock import Deed
from tests.fakes.healthbridge import SELMA, TOMAS, HealthBridge

KEY = [
    "-----BEGIN RSA PRIVATE KEY-----",
    "MIIEowIBAAKCAQEAx1bRZ0pXc0hAbWlkZGxlT2ZUaGVLZXlPbmU",
    "dGhpcyBsaW5lIGlzIHRoZSBtaWRkbGUgb2YgdGhlIGtleSB0d28",
    "-----END RSA PRIVATE KEY-----",
]
TOKEN = "xoxb-1234567890-1234567890123-abcdefGHIJKLmnopQRSTuvwx"


async def test_a_private_key_that_is_written_line_by_line_is_covered_whole(house: HealthBridge) -> None:
    house.source.commit("backend", "1.0.0")
    house.runner.then(Ending(hangs=True))

    for second, line in enumerate(["before", *KEY, "after"], start=1):
        house.clock.at(timedelta(seconds=2 * second), _writes(house, f"{line}\n"))
    house.clock.at(timedelta(seconds=20), _ends(house))

    change = await house.deployed("staging", "backend")

    log = await house.log_of((await house.ops(change))[0])
    assert KEY[1] not in log
    assert KEY[2] not in log
    assert log.startswith("before\n")
    assert log.endswith("after\n")


async def test_what_looks_like_a_key_and_goes_on_in_other_bytes_keeps_nothing_running(house: HealthBridge) -> None:
    house.source.commit("backend", "1.0.0")
    house.runner.then(Ending(hangs=True))
    raw = b"caf\xe9\n" + KEY[0].encode() + b"\n" + b"\xff\xfe" * 60 + b"\n"
    house.clock.at(timedelta(seconds=2), _writes(house, raw.decode(errors="surrogateescape")))
    house.clock.at(timedelta(seconds=20), _ends(house))

    change = await house.deployed("staging", "backend")

    (op,) = await house.ops(change)
    assert op.state == "succeeded"
    assert (await house.log_of(op)).splitlines() == ["caf\N{REPLACEMENT CHARACTER}", "•••"]


async def test_what_cannot_be_written_down_keeps_nothing_running(house: HealthBridge) -> None:
    house.source.commit("backend", "1.0.0", subject="NUL \x00 and half \ud800")
    house.runner.then(Ending(log="a\x00b\n", result={"digest": "sha256:" + "a" * 64}))
    house.backend.then(Behaviour.FAIL)

    change = await house.deployed("staging", "backend")

    (op,) = await house.ops(change)
    assert op.state == "failed"
    assert await house.log_of(op) == "a\N{REPLACEMENT CHARACTER}b\n"


async def test_a_key_whose_end_never_comes_is_covered_too(house: HealthBridge) -> None:
    house.source.commit("backend", "1.0.0")
    house.runner.then(Ending(exit_code=1, log="\n".join(["before", *KEY[:3]]) + "\n"))

    change = await house.deployed("staging", "backend")

    log = await house.log_of((await house.ops(change))[0])
    assert log.startswith("before\n")
    assert KEY[1] not in log
    assert KEY[2] not in log


async def test_a_secret_in_a_reason_is_nowhere_in_the_ledger(house: HealthBridge) -> None:
    house.source.commit("backend", "1.0.0")
    answer = await house.deploy("staging", "backend", reason=f"the token is new, token={TOKEN}")
    house.source.commit("backend", "1.1.0")
    await house.deployed("staging", "backend")
    await house.rollback("staging", reason=f"it logs {TOKEN}")

    assert answer.change is not None
    assert (await house.change(answer.change)).reason == "the token is new, token=•••"
    assert await house.held("backend", "staging") == {"1.1.0": "Critical bug: it logs •••"}
    assert await _holding(house, TOKEN) == []


async def test_a_secret_in_the_reason_of_a_no_is_nowhere_in_the_ledger(house: HealthBridge) -> None:
    await house.good_in_staging("1.0.0")
    change = await house.deployed("production", "backend")
    await decisions.reject(house.world, change.id, by=SELMA, reason=f"first revoke {TOKEN}")

    assert "first revoke •••" in (await house.change(change.id)).words
    assert await _holding(house, TOKEN) == []


async def test_a_secret_in_a_commit_is_nowhere_in_the_ledger_and_its_plan_is_still_approved(
    house: HealthBridge,
) -> None:
    await house.live_in_production("1.0.0")
    house.source.commit("backend", "1.1.0", subject=f"Use token={TOKEN}", author=f"CI {TOKEN}")
    await house.deployed("staging", "backend")
    house.source.merge()
    asked = await house.deployed("production", "backend")
    change = await house.approved(asked, SELMA, TOMAS)

    assert [commit.subject for commit in asked.plan.operations[0].commits] == ["Use token=•••"]
    assert (change.state, change.plan.digest) == ("succeeded", asked.plan.digest)
    assert await _holding(house, TOKEN) == []


async def test_a_secret_that_was_typed_for_a_version_is_nowhere_in_the_ledger(house: HealthBridge) -> None:
    house.source.commit("backend", "1.0.0")
    answer = await house.deploy("staging", "backend", TOKEN)

    assert answer.reply == "backend has no version, branch or commit “•••”."
    assert await _holding(house, TOKEN) == []


async def test_a_secret_that_a_backend_says_is_nowhere_in_the_ledger(house: HealthBridge) -> None:
    house.source.commit("backend", "1.0.0")
    await house.deployed("staging", "backend")
    house.backend.crash(Target("backend", "staging"), f"it ended: token={TOKEN}")
    await drift.run(house.world)

    assert await _holding(house, "it ended: token=•••") == ["targets.observed_detail"]
    assert await _holding(house, TOKEN) == []


async def test_a_name_of_the_catalog_is_no_secret_although_a_password_is_the_same(house: HealthBridge) -> None:
    house.world.mask.learn("backend", "staging")
    house.source.commit("backend", "1.0.0")
    await house.deployed("staging", "backend")

    assert await house.live("backend", "staging") == "1.0.0"


async def _holding(house: HealthBridge, words: str) -> list[str]:
    """Return the columns of the ledger that hold the words somewhere."""
    columns = "SELECT table_name, column_name FROM information_schema.columns"
    where = "WHERE table_schema = 'public' AND data_type IN ('text', 'jsonb')"
    async with house.world.ledger.transaction() as tx:
        found = []
        for table, column in (await tx.connection.execute(text(f"{columns} {where}"))).all():
            query = text(f'SELECT count(*) FROM "{table}" WHERE "{column}"::text LIKE :some')  # noqa: S608 - names of ours
            if (await tx.connection.execute(query, {"some": f"%{words}%"})).scalar_one():
                found.append(f"{table}.{column}")
    return found


def _writes(house: HealthBridge, line: str) -> Deed:
    async def write() -> None:
        house.runner.write(house.runner.starts[-1][0], line)

    return write


def _ends(house: HealthBridge) -> Deed:
    async def end() -> None:
        house.runner.settle(house.runner.starts[-1][0], result={"digest": "sha256:" + "a" * 64})

    return end
