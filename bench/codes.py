"""Verifying health codes: the whole of it against the raw look-up, and using tokens up.

Tokens of 2,000 residents, made before the clock runs; eight at a time, as requests come. Verifying
is form, MAC, age and one look-up; using up is one durable insert, against the insert alone.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

from bench.measure import Place, Result, rate, result
from minkang.identity.codes import CodeKeys, Validity, Verified, show, use_up, verify

_CODES = 2_000
_ROUNDS = 3
_AT_ONCE = 8
_USED = 1_000
_MARK = 2_000.0
_KEPT = 0.5
_INSERTED = 0.7
_VALIDITY = Validity(show_seconds=600)


async def codes(place: Place) -> list[Result]:
    """Codes verified and used up in a second."""
    held, now = CodeKeys(), datetime.now(UTC)
    ids = await _fill(place)
    texts = [
        (await show(place.store, place.keys, held, one, now=now, validity=_VALIDITY)).text
        for one in ids
    ]

    async def look_up(number: int) -> None:
        async with place.store.readers.lent() as connection:
            await connection.fetchrow(
                """select c.state, coalesce(l.person, c.person) as person from identity.code c
                   left join identity.link l on l.patient = c.patient where c.id = $1""",
                ids[number],
            )

    async def verified(number: int) -> Verified:
        found = await verify(
            place.store, place.keys, held, texts[number], now=now, validity=_VALIDITY
        )
        assert found.verdict == "good"
        return found

    raw = await rate(lambda: _all(look_up, range(_CODES)), _ROUNDS)
    checked = await rate(lambda: _all(verified, range(_CODES)), _ROUNDS)
    inserted, used = await _used(place, [await verified(n) for n in range(_USED)])
    return [
        result("code_verify", checked, "codes/s", _MARK, 1.0),
        result("code_verify_kept", checked, "codes/s", raw, _KEPT),
        result("code_use", used, "codes/s", inserted, _INSERTED),
    ]


async def _used(place: Place, tokens: Sequence[Verified]) -> tuple[float, float]:
    """Bare inserts a second, and tokens used up."""
    pool = place.store.pool
    until = datetime.now(UTC)

    async def insert(_: int) -> None:
        await pool.execute(
            "insert into identity.code_used (nonce, until) values ($1, $2)",
            secrets.token_bytes(12),
            until,
        )

    async def use(number: int) -> None:
        assert await use_up(pool, tokens[number])

    bare = await rate(lambda: _all(insert, range(len(tokens))), 1)
    return bare, await rate(lambda: _all(use, range(len(tokens))), 1)


async def _all(work: Callable[[int], Awaitable[object]], numbers: Sequence[int]) -> int:
    """Do it for all numbers, eight at a time."""

    async def some(begin: int) -> None:
        for number in numbers[begin::_AT_ONCE]:
            await work(number)

    await asyncio.gather(*(some(begin) for begin in range(_AT_ONCE)))
    return len(numbers)


async def _fill(place: Place) -> list[int]:
    """Residents with a link and a code each; the ids of the codes."""
    async with place.store.pool.acquire() as connection:
        await connection.execute(
            """insert into identity.person (id, code)
               select 'bench-p' || n, 'bench-' || n from generate_series(1, $1::int) n""",
            _CODES,
        )
        await connection.execute(
            """insert into identity.link (patient, person, rule)
               select 'bench-a' || n, 'bench-p' || n, 'id-number'
               from generate_series(1, $1::int) n""",
            _CODES,
        )
        rows = await connection.fetch(
            """insert into identity.code (person, patient, kind, state, issued, changed, consent)
               select 'bench-p' || n, 'bench-a' || n, 2, 'issued', now(), now(), 1
               from generate_series(1, $1::int) n returning id""",
            _CODES,
        )
        await connection.execute("analyze")
    return [row["id"] for row in rows]
