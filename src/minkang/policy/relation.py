"""The facts a decision needs about a clinician and a resident."""

from datetime import datetime, timedelta
from uuid import UUID

from minkang.accounts import Account
from minkang.policy.decide import Relation
from minkang.store import Grade, Grant, Query, Scope, Store, search


async def relation(
    store: Store,
    account: Account,
    person: str,
    patients: frozenset[str],
    *,
    now: datetime,
    visit_days: int,
    code_hours: int,
) -> Relation:
    """What connects an account with a resident now; nothing for who is no clinician."""
    if account.role != "doctor" or account.organisation is None or not patients:
        return Relation()
    own = Grant(grade=Grade.SENSITIVE, patients=patients, sources=frozenset([account.organisation]))
    visits = await search(
        store,
        Scope((own,)),
        Query(
            types=("Encounter",),
            patients=tuple(sorted(patients)),
            since=now - timedelta(days=visit_days),
            limit=1,
        ),
    )
    presented = await _code_presented(store, account, person, now - timedelta(hours=code_hours))
    return Relation(visit=bool(visits.matches), code_presented=presented)


async def _code_presented(store: Store, account: Account, person: str, since: datetime) -> bool:
    identifier = _uuid(account.id)
    if identifier is None:
        return False
    return bool(
        await store.pool.fetchval(
            """select exists (select from policy.presented
               where account = $1 and person = $2 and at >= $3)""",
            identifier,
            person,
            since,
        )
    )


async def present_code(store: Store, account: Account, person: str, *, now: datetime) -> None:
    """Keep the evidence that a resident's code was shown to this clinician."""
    await store.pool.execute(
        "insert into policy.presented (account, person, at) values ($1, $2, $3)",
        UUID(account.id),
        person,
        now,
    )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
