"""What was advised, and what became of it: kept for the figures of recognition (互认率)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from minkang.record.cds.advice import Advice
from minkang.store import Pool

_COMMENT = 500


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """To whom something was advised, and about whom."""

    service: str
    client: str
    account: str
    institution: str
    person: str
    at: datetime


class Feedback(msgspec.Struct, frozen=True, kw_only=True):
    """What a clinician did with a card (CDS Hooks 2.0, feedback)."""

    card: UUID
    outcome: Literal["accepted", "overridden"]
    at: datetime
    suggestions: tuple[UUID, ...] = ()
    reason: str = ""
    comment: str = ""


async def keep_cards(pool: Pool, given: Given, cards: Iterable[tuple[UUID, Advice]]) -> None:
    """Keep which advice was given, without what it said."""
    rows = [
        (
            card, given.service, one.rule, one.what, given.client, UUID(given.account),
            given.institution, given.person, given.at,
        )
        for card, one in cards
    ]  # fmt: skip
    await pool.executemany(
        """insert into cds.card (id, service, rule, what, client, account, institution, person, at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9)""",
        rows,
    )


async def keep_feedback(pool: Pool, client: str, service: str, told: Sequence[Feedback]) -> int:
    """Keep what became of cards that this client got of this service; how many of them those were.

    The same said twice is kept once.
    """
    kept = 0
    for one in told:
        row = await pool.fetchrow(
            """with known as (
                   select id from cds.card where id = $1 and client = $2 and service = $3),
               told as (
                   insert into cds.feedback (card, at, outcome, suggestions, reason, comment)
                   select id, $4, $5, $6, $7, $8 from known on conflict do nothing)
               select count(*) as n from known""",
            one.card,
            client,
            service,
            one.at,
            one.outcome,
            list(one.suggestions),
            one.reason[:100],
            one.comment[:_COMMENT],
        )
        kept += row["n"] if row else 0
    return kept
