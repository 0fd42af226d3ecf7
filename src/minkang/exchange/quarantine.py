"""Quarantine: what failed, why, and once more after it was mended."""

from collections.abc import Sequence

import msgspec

from minkang.store import Connection


class RuleCount(msgspec.Struct, frozen=True):
    """How many messages of a source lie in quarantine for a rule."""

    rule: str
    source: str | None
    stage: str
    count: int


async def by_rule(connection: Connection) -> list[RuleCount]:
    """Quarantined messages by rule and source, most first."""
    rows = await connection.fetch(
        """select p.rule, m.source, min(p.stage) as stage, count(distinct m.id) as count
           from exchange.problem p join exchange.message m on m.id = p.message
           where m.state = 'quarantined'
           group by p.rule, m.source order by count desc, p.rule, m.source"""
    )
    return [RuleCount(**row) for row in rows]


async def replay(connection: Connection, messages: Sequence[int]) -> list[int]:
    """Let quarantined messages be processed again; which of them will be.

    What came in part stays (`truncated`, `too-large`), and what came from nobody known: neither
    becomes whole by trying again.
    """
    rows = await connection.fetch(
        """update exchange.message set state = 'waiting', attempts = 0
           where id = any($1::bigint[]) and state = 'quarantined' and source is not null
           and not exists (select from exchange.problem p where p.message = id
                           and p.rule in ('truncated', 'too-large'))
           returning id""",
        list(messages),
    )
    return [row["id"] for row in rows]


async def replay_rule(connection: Connection, rule: str) -> list[int]:
    """Let all messages that a rule put aside be processed again; which of them will be."""
    rows = await connection.fetch(
        """select distinct m.id from exchange.message m
           join exchange.problem p on p.message = m.id
           where p.rule = $1 and m.state = 'quarantined'""",
        rule,
    )
    return await replay(connection, [row["id"] for row in rows])
