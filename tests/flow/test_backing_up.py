"""`backup`: nothing moves before the copy is complete, and the card says where it is."""

import pytest

from bot.domain import backup
from bot.domain.backup import Backup
from bot.usecases import decisions
from tests.fakes.backend import Ending
from tests.fakes.backups import DIGEST, ScriptedBackups
from tests.fakes.fuse import Fuse
from tests.fakes.healthbridge import NDAPEWA, HealthBridge
from tests.fakes.shown import bare, card
from tests.flow.conftest import Edited

STEPS = "      backend: { backend: { kind: scripted }, steps: [build, apply] }"
DATABASE = "backup: { database: DB_DEVELOPMENT, key: BACKUP_KEY }"


def first(step: str) -> tuple[str, str]:
    """Have the backend in development begin its steps with one more."""
    return STEPS, STEPS.replace("[build, apply]", f"[{step}, build, apply]")


@pytest.fixture
def kept(house: HealthBridge, edited: Edited) -> HealthBridge:
    """Give a HealthBridge whose development is backed up first."""
    house.with_catalog(edited(first(DATABASE)))
    house.source.commit("backend", "1.0.0")
    return house


async def made(house: HealthBridge, change: int) -> Backup | None:
    (op,) = await house.ops(await decisions.peek(house.world, change))
    return backup.of((await house.steps(op))[0])


async def test_the_ledger_keeps_where_the_copy_is_and_the_card_says_it(kept: HealthBridge) -> None:
    change = await kept.deployed("development", "backend")

    copy = await made(kept, change.id)
    assert copy is not None
    assert copy.path.startswith("/backups/backend@development-DB_DEVELOPMENT-20")
    assert copy.path.endswith(f"Z-op{(await kept.op(change)).id}.1.dump.age")
    assert (copy.sha256, copy.size, copy.database) == (DIGEST, "1234567", "DB_DEVELOPMENT")
    assert f"backup · {copy.name} · 1.2 MB · 7 tables · sha256 {DIGEST[:12]}" in bare(await card(kept, change))


@pytest.mark.parametrize(("first_database", "second_database"), [("DB_A", "DB_B"), ("DB.A", "DB-A"), ("DB_A", "DB_A")])
async def test_two_copies_of_one_operation_never_have_one_name(
    house: HealthBridge, edited: Edited, first_database: str, second_database: str
) -> None:
    """Both are made within one second of the clock, and it may be one database, kept in two folders."""
    other = f"backup: {{ name: other, database: {second_database}, key: BACKUP_KEY }}"
    house.with_catalog(edited(first(f"backup: {{ database: {first_database}, key: BACKUP_KEY }}, {other}")))
    house.source.commit("backend", "1.0.0")

    await house.deployed("development", "backend")

    names = [invocation.argv[1] for _, invocation in house.runner.starts if invocation.argv[0] == "copy"]
    assert len(set(names)) == 2
    assert not any("/" in name for name in names)


async def test_a_copy_without_tables_is_good_and_the_card_says_so_aloud(kept: HealthBridge) -> None:
    """A new environment has none before its first migration."""
    kept.runner.then(Ending(result={"path": "/backups/x", "sha256": DIGEST, "size": "900", "tables": "0"}))

    change = await kept.deployed("development", "backend")

    assert change.state == "succeeded"
    assert "⚠️ no tables: the database is empty, or another than was meant" in bare(await card(kept, change))


async def test_a_failing_backup_stops_the_operation_before_anything_moves_in_its_own_words(kept: HealthBridge) -> None:
    words = 'pg_dump: error: connection to server at "db" failed: FATAL: the database system is shutting down'
    kept.runner.then(Ending(1, log=f"[backup] {words}\n", result={"error": words}))

    change = await kept.deployed("development", "backend")

    op = await kept.op(change)
    assert (change.state, op.reason) == ("failed", f"backup: {words}")
    assert [invocation.argv[0] for _, invocation in kept.runner.starts] == ["copy"]
    assert kept.effects(environment="development") == []
    assert "failed; nothing stayed live" in bare(await card(kept, change))


async def test_with_roll_back_as_the_policy_a_failing_backup_still_moves_nothing(
    house: HealthBridge, edited: Edited
) -> None:
    house.with_catalog(
        edited(first(DATABASE), ("deployers: [developers]\n", "deployers: [developers]\n    on_failure: roll_back\n"))
    )
    for version in ("1.0.0", "1.1.0"):
        house.source.commit("backend", version)
        if version == "1.1.0":
            house.runner.then(Ending(1, result={"error": "pg_dump: error: no"}))
        change = await house.deployed("development", "backend")

    assert (await house.op(change)).state == "failed"
    assert house.effects(environment="development") == ["1.0.0"]
    assert await house.live("backend", "development") == "1.0.0"
    assert "failed; 1.0.0 stayed live" in bare(await card(house, change))


async def test_a_secret_that_is_missing_fails_before_anything_begins(kept: HealthBridge) -> None:
    assert isinstance(kept.world.backups, ScriptedBackups)
    kept.world.backups.missing = "BACKUP_KEY"

    change = await kept.deployed("development", "backend")

    assert (await kept.op(change)).reason == "backup: the secret BACKUP_KEY is not set"
    assert kept.runner.starts == []


async def begun(house: HealthBridge) -> str:
    """Ask for a deploy, and kill the bot at the first place after its copy has begun; return the copy's key."""
    await house.take("deploy", NDAPEWA, {"environment": "development", "words": ["backend"]})
    for place in range(1, 40):
        await house.until_killed(Fuse(at=place))
        if house.runner.starts:
            break
        await house.restart()
    ((key, _),) = house.runner.starts
    return key


async def test_a_copy_of_which_nobody_knows_how_it_ended_asks_a_person(kept: HealthBridge) -> None:
    kept.runner.then(Ending(hangs=True))
    kept.runner.lose(await begun(kept))
    await kept.restart()
    await kept.drain()

    (op,) = await kept.recent()
    assert (op.state, op.reason) == ("unknown", "backup: its process is gone and left no exit code")
    assert kept.effects(environment="development") == []


async def test_until_the_copy_is_made_the_change_can_be_cancelled_and_after_it(kept: HealthBridge) -> None:
    kept.runner.then(Ending(hangs=True))
    await begun(kept)
    change = await kept.newest_change()

    await decisions.cancel(kept.world, change.id, by=NDAPEWA)
    await kept.restart()
    await kept.drain()

    assert (await kept.change(change.id)).state == "cancelled"
    assert kept.effects(environment="development") == []


async def test_a_rollback_makes_no_backup_unless_the_catalog_says_so(kept: HealthBridge) -> None:
    await kept.deployed("development", "backend")
    kept.source.commit("backend", "1.1.0")
    await kept.deployed("development", "backend")
    copies = len([one for one in kept.runner.starts if one[1].argv[0] == "copy"])

    await kept.rolled_back("development")

    assert len([one for one in kept.runner.starts if one[1].argv[0] == "copy"]) == copies


async def test_any_program_may_make_the_backup_and_say_where_it_is(house: HealthBridge, edited: Edited) -> None:
    house.with_catalog(edited(first("backup: { run: [result, path=s3://copies/7, size=2048] }")))
    house.source.commit("backend", "1.0.0")

    change = await house.deployed("development", "backend")

    copy = await made(house, change.id)
    assert copy is not None
    assert (copy.path, copy.restore) == ("s3://copies/7", None)
    assert "backup · 7 · 2.0 kB" in bare(await card(house, change))


@pytest.mark.parametrize("place", range(1, 60, 2))
async def test_killed_anywhere_one_copy_is_made_and_then_the_deploy_goes_on(kept: HealthBridge, place: int) -> None:
    await kept.take("deploy", NDAPEWA, {"environment": "development", "words": ["backend"]})

    if await kept.until_killed(Fuse(at=place)):
        await kept.restart()
        await kept.drain()

    assert [invocation.argv[0] for _, invocation in kept.runner.starts] == ["copy", "build"]
    assert kept.effects(environment="development") == ["1.0.0"]
    assert await made(kept, (await kept.recent())[0].change_id) is not None


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ("backup", "a backup is of a `database`, or made by a program of yours (`run`); say one of them"),
        ("backup: { database: A, key: K, run: [x] }", "say one of them"),
        ("backup: { database: A }", "a copy of a `database` is encrypted: name the secret with its `key`"),
        ("backup: { run: [x], key: K }", "a program of yours (`run`) encrypts its own"),
        ("backup: { database: A, key: K, where: target }", "is made beside Slipway; `where: target` is for a program"),
        ("migrate: { run: [x], irreversible: true, in_rollback: true }", "has no part in a rollback; leave out one"),
    ],
)
def test_what_cannot_be_is_said_when_the_catalog_is_read(edited: Edited, step: str, words: str) -> None:
    with pytest.raises(Exception, match="steps") as refused:  # a CatalogError, with every problem
        edited(first(step))
    assert words in str(refused.value)
