"""Quarantine: what failed, why, and once more after it was mended."""

from collections.abc import Sequence

import msgspec

from minkang.store import Connection

MOST_NOTED = 1_000
"""So many messages with a note are counted; more are shown as so many and more."""

_AT_ONCE = 100_000


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


async def noted(connection: Connection, source: str = "") -> dict[str, int]:
    """Stored messages with a note (`no-mapping`) by its rule, `MOST_NOTED` of each at most.

    There may be millions of them: the rules are walked along their index, each counted so far.
    """
    rows = await connection.fetch(
        """with recursive rules as (
               (select rule from exchange.problem order by rule limit 1)
               union all
               select (select p.rule from exchange.problem p where p.rule > r.rule
                       order by p.rule limit 1)
               from rules r where r.rule is not null)
           select r.rule, (select count(*) from (
               select from exchange.problem p join exchange.message m on m.id = p.message
               where p.rule = r.rule and m.state = 'stored' and ($1 = '' or m.source = $1)
               limit $2) as some_of_them) as count
           from rules r where r.rule is not null order by count desc, r.rule""",
        source,
        MOST_NOTED,
    )
    return {row["rule"]: row["count"] for row in rows if row["count"]}


async def replay(connection: Connection, messages: Sequence[int]) -> list[int]:
    """Let messages be processed again that lie in quarantine, or were stored with a note.

    Returns which of them will be. What came in part stays (`truncated`, `too-large`), and what
    came from nobody known: neither becomes whole by trying again.
    """
    rows = await connection.fetch(
        """update exchange.message m set state = 'waiting', attempts = 0
           where m.id = any($1::bigint[]) and m.source is not null
           and (m.state = 'quarantined' or m.state = 'stored'
                and exists (select from exchange.problem n where n.message = m.id))
           and not exists (select from exchange.problem p where p.message = m.id
                           and p.rule in ('truncated', 'too-large'))
           returning m.id""",
        list(messages),
    )
    return [row["id"] for row in rows]


async def replay_rule(connection: Connection, rule: str) -> list[int]:
    """Let all messages that a rule put aside be processed again; which of them will be."""
    return await replay(connection, await _with(connection, rule, "quarantined"))


async def replay_noted(connection: Connection, rule: str) -> list[int]:
    """Let all stored messages with a note be processed again, after what it says was mended.

    Merging does not depend on order, so what they made before is not disturbed. Returns which of
    them will be; of very many the oldest, and the next when it is called again.
    """
    return await replay(connection, await _with(connection, rule, "stored"))


async def _with(connection: Connection, rule: str, state: str) -> list[int]:
    rows = await connection.fetch(
        """select distinct m.id from exchange.message m
           join exchange.problem p on p.message = m.id
           where p.rule = $1 and m.state = $2 order by m.id limit $3""",
        rule,
        state,
        _AT_ONCE,
    )
    return [row["id"] for row in rows]
