"""Why somebody may see a resident or may not: the facts found now, and what each row said."""

from datetime import datetime, timedelta
from typing import Final

import msgspec

from minkang.accounts import Account
from minkang.accounts.account import account_of
from minkang.policy.ask import Action, Ask, Decision, Relation
from minkang.policy.decide import conditions, in_force
from minkang.policy.facts import relation
from minkang.policy.gate import Gate
from minkang.policy.table import Condition, Row
from minkang.store.scope import compartment

_MOST: Final = 200
_YEAR: Final = timedelta(days=366)


class RowSaid(msgspec.Struct, frozen=True):
    """What one row of the table said.

    Attributes:
        spoke: it held.
        lacks: conditions that it needs and that are not true.
        one_of: conditions of which one would have been enough, if none is true.
        against: conditions that are true and that keep it from speaking.
    """

    row: Row
    spoke: bool
    lacks: tuple[Condition, ...]
    one_of: tuple[Condition, ...]
    against: tuple[Condition, ...]


class Explanation(msgspec.Struct, frozen=True):
    """The decision on a question, and how it came about; rows that spoke come first."""

    account: Account
    action: Action
    decision: Decision
    relation: Relation
    true: tuple[Condition, ...]
    rows: tuple[RowSaid, ...]


async def explain(
    gate: Gate, account: Account, action: Action, *, person: str, patients: frozenset[str],
    birth_date: str, now: datetime,
) -> Explanation:  # fmt: skip
    """Decide as the gate would, without giving anything out. The caller writes down who asked."""
    known = await relation(
        gate.store, account, person, patients, now=now, visit_days=gate.visit_days,
        code_hours=gate.code_hours, birth_date=birth_date, windows=gate.windows,
    )  # fmt: skip
    ask = Ask(
        account=account, action=action, person=person, patients=patients, named=True,
        district=await gate.district(account), relation=known,
    )  # fmt: skip
    true = conditions(ask)
    rows = [said(row, true) for row in in_force().rows_for(account.role, action)]
    rows.sort(key=lambda one: not one.spoke)
    return Explanation(
        account, action, await gate.decided(ask), known, tuple(sorted(true)), tuple(rows)
    )


def said(row: Row, true: frozenset[Condition]) -> RowSaid:
    """What a row says where these conditions are true."""
    lacks = tuple(one for one in row.needs if one not in true)
    related = not row.relations or any(one in true for one in row.relations)
    against = tuple(one for one in row.unless if one in true)
    spoke = not lacks and related and not against
    return RowSaid(row, spoke, lacks, () if related else row.relations, against)


async def who_may_open(
    gate: Gate, *, person: str, patients: frozenset[str], birth_date: str, now: datetime
) -> list[Explanation]:
    """Who could open a resident's record now, at most 200 accounts.

    Looked at are the people of the institutions that hold data of the resident, those to whom a
    code was shown or who broke the glass in the last year, and the resident's own and guardians'.
    """
    rows = await gate.store.pool.fetch(
        """
        with same as (
            select $2::text as id
            union all select person from policy.stand_in where stands = $2 and until is null),
        holding as (
            select distinct source from store.resource
            where patients && $1::bigint[] and not deleted),
        near as (
            select account from policy.presented where person in (select id from same) and at >= $3
            union select account from policy.glass
            where person in (select id from same) and opened >= $3)
        select a.id, a.login, a.name, a.person, p.id as post, p.role, p.organisation,
            o.name as organisation_name, o.institution
        from accounts.post p
        join accounts.account a on a.id = p.account and not a.disabled
        left join accounts.organisation o on o.id = p.organisation
        where p.begins <= $4 and (p.ends is null or p.ends > $4)
            and (coalesce(o.institution, p.organisation) in (select source from holding)
                or a.id in (select account from near)
                or a.person in (select id from same)
                or a.person in (
                    select guardian from policy.guardian
                    where ward in (select id from same) and state = 'confirmed'))
        order by p.role, a.name, a.id limit $5
        """,
        [compartment(one) for one in sorted(patients)],
        person,
        now - _YEAR,
        now,
        _MOST,
    )
    found = [
        await explain(
            gate, account_of(row), "open-record", person=person, patients=patients,
            birth_date=birth_date, now=now,
        )
        for row in rows
    ]  # fmt: skip
    return [one for one in found if one.decision.allowed]
