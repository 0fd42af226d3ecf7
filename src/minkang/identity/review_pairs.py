"""Which pairs people have to look at: kept in step with the links, within the same transaction."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from minkang.identity.grouping import Decided, HeldBack, Pair, pair_of
from minkang.store import Connection


def wanted_pairs(
    doubtful: Iterable[HeldBack], persons: Mapping[str, str], decided: Sequence[Decided]
) -> dict[Pair, HeldBack]:
    """Of every two Persons the pair of Patients that is nearest to being one.

    None where they are one Person already, or where somebody said that they are not.
    """
    settled = {
        pair_of(persons[one.a], persons[one.b])
        for one in decided
        if one.verdict == "different" and one.a in persons and one.b in persons
    }
    best: dict[Pair, HeldBack] = {}
    for one in doubtful:
        if one.a not in persons or one.b not in persons or persons[one.a] == persons[one.b]:
            continue
        between = pair_of(persons[one.a], persons[one.b])
        if between in settled:
            continue
        if between not in best or _order(one) < _order(best[between]):
            best[between] = one
    return {(one.a, one.b): one for one in best.values()}


def _order(one: HeldBack) -> tuple[bool, float, str, str]:
    """First what a guard held back, then by weight; ids settle ties."""
    return (one.cause == "weights", -one.weight, one.a, one.b)


async def keep_pairs(
    connection: Connection, before: Iterable[HeldBack], wanted: Mapping[Pair, HeldBack]
) -> None:
    """Make the pairs with one of some Patients at least what they shall be, from what they were."""
    there = {(one.a, one.b): one for one in before}
    gone = [pair for pair in there if pair not in wanted]
    if gone:
        await connection.execute(
            """delete from identity.review r using unnest($1::text[], $2::text[]) as k (a, b)
               where r.a = k.a and r.b = k.b""",
            *map(list, zip(*gone, strict=True)),
        )
    changed = [one for pair, one in wanted.items() if there.get(pair) != one]
    if changed:
        await connection.execute(
            """insert into identity.review (a, b, weight, cause)
               select * from unnest($1::text[], $2::text[], $3::float8[], $4::text[])
               on conflict (a, b) do update set weight = excluded.weight,
                   cause = excluded.cause, visits = null""",
            *map(list, zip(*map(msgspec.structs.astuple, changed), strict=True)),
        )
