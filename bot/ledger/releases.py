"""Releases: remembered once per commit of a service, given their digest when a build has made the artefact."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ARRAY, BigInteger, ColumnElement, RowMapping, any_, bindparam, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from bot.domain.errors import GaveUp
from bot.domain.operation import Kind
from bot.domain.release import SHORTEST_COMMIT, Candidate, Commit, Release, meant
from bot.ledger.ledger import Tx
from bot.ledger.schema import operations as ops
from bot.ledger.schema import releases as table
from bot.ledger.statement import Reads, Row, Said, Statement
from bot.ledger.states import written_out

MOST_DIGITS, MOST_MEANT = 18, 20


_SOME = Statement(select(table).where(table.c.id == any_(bindparam("ids", type_=ARRAY(BigInteger)))))

_OF_OPERATION = Statement(
    select(table)
    .join(ops, or_(ops.c.to_release == table.c.id, ops.c.from_release == table.c.id))
    .where(ops.c.id == bindparam("operation"))
)


def read(row: Row | RowMapping) -> Release:
    """Return the release of a row."""
    commit = Commit(row["commit"], row["author"], row["subject"], row["committed_at"])
    return Release(row["id"], row["service"], row["version"], commit, row["tree"], row["branch"], row["digest"])


async def remember(tx: Tx, candidate: Candidate) -> Release:
    """Return the release of a candidate, made now if the ledger did not know the commit.

    A commit that has been tagged since takes the tag as its version; one that was remembered before the mask knew a
    secret in it is covered now.
    """
    commit = candidate.commit
    values = {
        "service": candidate.service,
        "version": candidate.version,
        "commit": commit.id,
        "tree": candidate.tree,
        "branch": candidate.branch,
        "author": commit.author,
        "subject": commit.subject,
        "committed_at": commit.at,
        "created_at": tx.now,
    }
    made = insert(table).values(values)
    upsert = made.on_conflict_do_update(
        index_elements=["service", "commit"],
        set_={name: made.excluded[name] for name in ("version", "author", "subject")},
    ).returning(table)
    return read((await tx.execute(upsert)).mappings().one())


async def get(tx: Reads, release_id: int) -> Release | None:
    """Return a release by its number, or None."""
    return (await some(tx, [release_id])).get(release_id)


def asking_some(ids: Sequence[int]) -> Said:
    """Return what `some` says, to be read ahead."""
    return _SOME, {"ids": sorted(set(ids))}


async def some(tx: Reads, ids: Sequence[int]) -> dict[int, Release]:
    """Return the releases with these numbers, by number."""
    found = [read(row) for row in await tx.rows(_SOME, ids=sorted(set(ids)))]
    return {release.id: release for release in found}


def asking_of_operation(operation_id: int) -> Said:
    """Return what `of_operation` says, to be read ahead."""
    return _OF_OPERATION, {"operation": operation_id}


async def of_operation(tx: Reads, operation_id: int) -> dict[int, Release]:
    """Return the releases that an operation goes from and to, by number."""
    return {row["id"]: read(row) for row in await tx.rows(_OF_OPERATION, operation=operation_id)}


async def of_commit(tx: Tx, service: str, commit: str) -> Release | None:
    """Return the release of a service's commit, or None."""
    query = select(table).where(table.c.service == service, table.c.commit == commit)
    row = (await tx.execute(query)).mappings().first()
    return read(row) if row else None


async def built(tx: Tx, release_id: int, digest: str) -> Release:
    """Note the digest of a release's artefact; a second build that made something else is an error, not news."""
    query = update(table).where(table.c.id == release_id, table.c.digest.is_(None)).values(digest=digest)
    await tx.execute(query)
    release = await get(tx, release_id)
    if release is None or release.digest != digest:
        known = release.digest if release else "gone"
        raise GaveUp(f"this commit was built before as {known}, and now as {digest}: the build is not repeatable")
    return release


async def good_on(
    tx: Tx, service: str, environment: str, *, until: datetime | None = None, most: int = 30
) -> list[tuple[Release, datetime]]:
    """Return the releases that succeeded on a target, each once with when it last did, newest first."""
    query = (
        select(table, ops.c.finished_at)
        .join(ops, ops.c.to_release == table.c.id)
        .where(ops.c.service == service, ops.c.environment == environment, ops.c.state.in_(written_out(["succeeded"])))
        .where(ops.c.kind != Kind.RESTART)  # which leaves out steps, and makes nothing good that was not
        .order_by(ops.c.finished_at.desc(), ops.c.id.desc())
        .limit(most * 5)
    )
    if until is not None:
        query = query.where(ops.c.finished_at <= until)
    found: dict[int, tuple[Release, datetime]] = {}
    for row in (await tx.execute(query)).mappings():
        found.setdefault(row["id"], (read(row), row["finished_at"]))
    return list(found.values())[:most]


async def by_word(tx: Tx, word: str, service: str | None = None) -> list[Release]:
    """Return the releases that a person may mean by a word (see `meant`), of one service or of all, newest first."""
    number = word.removeprefix("#")
    guesses: list[ColumnElement[bool]] = [table.c.version.in_([word, word.removeprefix("v")])]
    if number.isascii() and number.isdecimal() and len(number) < MOST_DIGITS:
        guesses.append(table.c.id == int(number))
    if len(word) >= SHORTEST_COMMIT and all(letter in "0123456789abcdef" for letter in word.lower()):
        guesses.append(table.c.commit.startswith(word.lower()))
    found = []
    for guess in guesses:
        query = select(table).where(guess).order_by(table.c.id.desc()).limit(MOST_MEANT)
        if service is not None:
            query = query.where(table.c.service == service)
        found += [read(row) for row in (await tx.execute(query)).mappings()]
    return meant(word, {one.id: one for one in found}.values())
