"""People and rows for the tests of consent, broken glass, guardians and objections."""

import secrets
from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import uuid4

from minkang.accounts import Account
from minkang.store import Store

NOW = datetime(2026, 11, 2, 8, tzinfo=UTC)
"""A Monday, 16:00 in China."""


def account(role: str = "doctor", **given: str | None) -> Account:
    """Somebody with an id of their own; a doctor of MK1 unless said otherwise."""
    organisation = None if role == "resident" else "MK1"
    values: dict[str, str | None] = {"person": None, "organisation": organisation, **given}
    return Account(
        str(uuid4()),
        "login",
        values.get("name") or "某人",
        role,
        values["organisation"],
        "某院" if values["organisation"] else None,
        values["person"],
        institution=values["organisation"],
    )


def new_person() -> tuple[str, frozenset[str]]:
    """The ids of a Person and of its only Patient."""
    mark = secrets.token_hex(6)
    return f"p{mark}", frozenset([f"patient-{mark}"])


async def entries(store: Store, person: str, actions: Iterable[str] = ()) -> list[tuple[str, str]]:
    """Action and reason of the audit entries about a person, in their order."""
    rows = await store.pool.fetch(
        """select action, reason from audit.entry
           where person = $1 and (cardinality($2::text[]) = 0 or action = any($2::text[]))
           order by at, seq""",
        person,
        list(actions),
    )
    return [(row["action"], row["reason"]) for row in rows]
