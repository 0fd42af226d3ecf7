"""Decisions about links as they lie in the database."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final, Literal

import msgspec

from minkang.accounts import Account
from minkang.identity.grouping import Pair
from minkang.store import Connection, Pool

Verdict = Literal["same", "different"]
State = Literal["proposed", "standing", "refused", "revoked"]

_COLUMNS: Final = (
    "id verdict state asked sensitive reason weight definition author author_name author_self role"
    " at approved_by approved_name approved revoked_by revoked_name revoked_self revoked_reason"
    " revoked"
).split()


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """A decision with its pairs.

    Attributes:
        state: `proposed` (waits for a second person), `standing`, `refused`, `revoked`.
        asked: `revoke`: somebody wants it revoked, and that waits for a second person.
        sensitive: what is sensitive would be joined by it, so a second person was needed.
        weight: of the best of its pairs, when it was decided; None: they were never compared.
        author_self: the Person of the account, if it is known.
        approved_by: the second person, whether that approved or refused.
        pairs: Patients, the lesser id first.
    """

    id: int
    verdict: Verdict
    state: State
    asked: str
    sensitive: bool
    reason: str
    weight: float | None
    definition: str
    author: str
    author_name: str
    author_self: str | None
    role: str
    at: datetime
    approved_by: str | None
    approved_name: str
    approved: datetime | None
    revoked_by: str | None
    revoked_name: str
    revoked_self: str | None
    revoked_reason: str
    revoked: datetime | None
    pairs: tuple[Pair, ...]

    @property
    def waits(self) -> bool:
        """Whether a second person is to say something."""
        return self.state == "proposed" or self.asked != ""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A decision that is being taken."""

    verdict: Verdict
    reason: str
    pairs: tuple[Pair, ...]
    weight: float | None
    definition: str


async def add_decision(
    connection: Connection, wanted: Wanted, author: Account | None, now: datetime
) -> int:
    """Write a decision down as proposed; its number. Nobody is the operator's command line."""
    number: int = await connection.fetchval(
        """insert into identity.decision (verdict, state, sensitive, reason, weight, definition,
               author, author_name, author_self, role, at)
           values ($1, 'proposed', false, $2, $3, $4, $5, $6, $7, $8, $9) returning id""",
        wanted.verdict,
        wanted.reason,
        wanted.weight,
        wanted.definition,
        author.id if author else "operator",
        author.name if author else "",
        author.person if author else None,
        author.role if author else "operator",
        now,
    )
    await connection.execute(
        """insert into identity.decision_pair (decision, a, b, verdict, standing)
           select $1, a, b, $2, false from unnest($3::text[], $4::text[]) as k (a, b)""",
        number,
        wanted.verdict,
        [a for a, _ in wanted.pairs],
        [b for _, b in wanted.pairs],
    )
    return number


async def set_standing(connection: Connection, number: int, *, standing: bool) -> None:
    """Let a decision have its effect, or none; to be followed by linking anew."""
    await connection.execute(
        "update identity.decision_pair set standing = $2 where decision = $1", number, standing
    )


async def note(connection: Connection, number: int, **values: Any) -> None:
    """Set columns of a decision."""
    columns = ", ".join(f"{name} = ${at}" for at, name in enumerate(values, start=2))
    await connection.execute(
        f"update identity.decision set {columns} where id = $1",  # noqa: S608 - names of callers
        number,
        *values.values(),
    )


async def decision_of(source: "Pool | Connection", number: int) -> Decision | None:
    """One decision."""
    return next(iter(await _read(source, "d.id = $1", number)), None)


async def decisions_about(
    source: "Pool | Connection", patients: Collection[str], *, standing: bool = False
) -> list[Decision]:
    """All decisions about some Patients, the newest first; on demand only those that stand."""
    return await _read(
        source,
        """d.id in (select decision from identity.decision_pair where a = any($1::text[])
               union select decision from identity.decision_pair where b = any($1::text[]))
           and (d.state = 'standing' or not $2)""",
        list(patients),
        standing,
    )


async def waiting_decisions(source: "Pool | Connection", *, limit: int = 100) -> list[Decision]:
    """Those that wait for a second person, the oldest last."""
    return await _read(source, f"(d.state = 'proposed' or d.asked <> '') limit {int(limit)}")


async def decisions_since(
    source: "Pool | Connection", since: datetime, *, limit: int = 1000
) -> list[Decision]:
    """Those that were taken since then, the newest first."""
    return await _read(source, f"d.at >= $1 limit {int(limit)}", since)


async def _read(source: "Pool | Connection", where: str, *values: object) -> list[Decision]:
    condition, _, limit = where.partition(" limit ")
    rows = await source.fetch(
        f"""select {", ".join("d." + name for name in _COLUMNS)},
               array(select p.a from identity.decision_pair p where p.decision = d.id
                     order by p.a, p.b) as firsts,
               array(select p.b from identity.decision_pair p where p.decision = d.id
                     order by p.a, p.b) as seconds
            from identity.decision d where {condition}
            order by d.at desc, d.id desc {"limit " + limit if limit else ""}""",  # noqa: S608
        *values,
    )
    return [_decision(row) for row in rows]


def _decision(row: Any) -> Decision:
    pairs: Sequence[Pair] = list(zip(row["firsts"], row["seconds"], strict=True))
    return Decision(**{name: row[name] for name in _COLUMNS}, pairs=tuple(pairs))
