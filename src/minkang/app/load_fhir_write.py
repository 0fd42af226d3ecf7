"""Resources from files into the store, some hundred in a transaction.

A load never changes what another organisation has sent, and what it wrote itself it does not
replace with a second, different resource of the same id.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

import asyncpg
import msgspec

from minkang.app.load_fhir_judge import Arrived, Tally
from minkang.fhir import Problem, Resource, encode
from minkang.store import Change, Locked, Outcome, Store, Stored, lock_current, write
from minkang.store.bulk_load import CHUNK

UNFIT = (
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    ArithmeticError,
    RecursionError,
    asyncpg.DataError,
    asyncpg.ProgramLimitExceededError,
    asyncpg.IntegrityConstraintViolationError,
)
"""What a resource raises that nobody thought of, while the database is well."""

_ATTEMPTS = 5


class Origin(msgspec.Struct, frozen=True):
    """Of a load: the organisation that the resources come from, and when it began."""

    source: str
    began: datetime


async def write_arrived(
    store: Store, origin: Origin, arrived: Sequence[Arrived], tally: Tally
) -> None:
    """Write all that can be written; what became of them is added to the tally."""
    chosen = _without_doubles(arrived, tally)
    for begin in range(0, len(chosen), CHUNK):
        await _write_or_halve(store, origin, chosen[begin : begin + CHUNK], tally)


async def patiently(attempt: Callable[[], Awaitable[None]]) -> None:
    """Carry out a transaction; again, if it and another one stood in each other's way.

    Raises:
        Whatever the transaction raises for another reason.
    """
    for turn in range(_ATTEMPTS):
        try:
            await attempt()
        except (asyncpg.DeadlockDetectedError, asyncpg.SerializationError):
            if turn + 1 == _ATTEMPTS:
                raise
        else:
            return


def unexpected(error: Exception, place: str = "-") -> Problem:
    """What nobody thought of; it is refused, so that the rest can come in."""
    text = f"无法处理，请报告此问题 / can't be taken, please report: {type(error).__name__}"
    return Problem("store", place, "internal-error", text)


def is_same(stored: Stored, resource: Resource) -> bool:
    """Whether the content is what is there already."""
    return not stored.deleted and _bare(stored.resource) == _bare(resource)


def is_foreign(stored: Stored, source: str) -> bool:
    """Whether what is there came from another organisation."""
    return stored.source != source


FOREIGN = "此 id 的资源来自其他机构，不可替换 / it came from another organisation"
_DOUBLE = "同一 id 在本次装入中已有不同内容 / the id came before in this load, with other content"


def _without_doubles(arrived: Sequence[Arrived], tally: Tally) -> list[Arrived]:
    first: dict[tuple[str, str], Arrived] = {}
    for one in arrived:
        before = first.setdefault(one.key, one)
        if before is one:
            continue
        if _bare(before.resource) == _bare(one.resource):
            tally.unchanged += 1
        else:
            tally.refuse_arrived(one, "duplicate", _DOUBLE)
    return list(first.values())


async def _write_or_halve(
    store: Store, origin: Origin, chunk: Sequence[Arrived], tally: Tally
) -> None:
    """Write in one transaction; if that fails, in halves, to find what it fails for."""
    written = Tally()

    async def attempt() -> None:
        nonlocal written
        written = await _written(store, origin, chunk)

    try:
        await patiently(attempt)
    except UNFIT as error:
        if len(chunk) == 1:
            one = chunk[0]
            tally.refuse(one.file, one.line, [unexpected(error, one.place or one.key[0])])
            return
        half = len(chunk) // 2
        await _write_or_halve(store, origin, chunk[:half], tally)
        await _write_or_halve(store, origin, chunk[half:], tally)
        return
    tally.accepted += written.accepted
    tally.unchanged += written.unchanged
    tally.refused += written.refused
    tally.problems += written.problems


async def _written(store: Store, origin: Origin, chunk: Sequence[Arrived]) -> Tally:
    tally = Tally()
    async with store.pool.acquire() as connection, connection.transaction():
        locked = await lock_current(store, connection, [one.key for one in chunk])
        changes = _changes(origin, chunk, locked, tally)
        count(await write(store, connection, changes, locked), tally)
    return tally


def count(outcomes: Sequence[Outcome], tally: Tally) -> None:
    """Add outcomes of `write` to a tally."""
    unchanged = sum(one.kind == "unchanged" for one in outcomes)
    tally.unchanged += unchanged
    tally.accepted += len(outcomes) - unchanged


def _changes(
    origin: Origin, chunk: Sequence[Arrived], locked: Locked, tally: Tally
) -> list[Change]:
    changes = []
    for one in chunk:
        current = locked.current.get(one.key)
        if current is not None:
            foreign = is_foreign(current, origin.source)
            if (foreign or current.updated >= origin.began) and is_same(current, one.resource):
                tally.unchanged += 1
                continue
            if foreign:
                tally.refuse_arrived(one, "other-source", FOREIGN)
                continue
            if current.updated >= origin.began:
                tally.refuse_arrived(one, "duplicate", _DOUBLE)
                continue
        changes.append(Change(one.resource, origin.source))
    return changes


def _bare(resource: Resource) -> bytes:
    """The content without what the server itself sets."""
    bare = dict(resource)
    meta = {k: v for k, v in bare.pop("meta", {}).items() if k not in ("versionId", "lastUpdated")}
    return encode({**bare, "meta": meta} if meta else bare)
