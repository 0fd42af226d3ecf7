"""The gate: nothing is read for anybody without a decision, and no decision without its entry."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from minkang.accounts import Account
from minkang.audit import AuditLog, Entry, refusals
from minkang.policy.decide import Action, Ask, Decision, Relation, decide
from minkang.policy.relation import relation
from minkang.store import Store

_CODE_WINDOW = timedelta(minutes=15)


class Gate(msgspec.Struct, frozen=True):
    """What a process needs to answer questions: store, audit log, the region's settings."""

    store: Store
    log: AuditLog
    visit_days: int
    code_hours: int

    async def ask(
        self,
        account: Account | None,
        action: Action,
        *,
        now: datetime,
        person: str | None = None,
        patients: frozenset[str] = frozenset(),
        object_type: str = "",
        object_id: str = "",
        address: str = "",
        code_fits: bool = False,
        background: bool = False,
        open_base: bool = False,
    ) -> Decision:
        """Decide, and write the decision down before it is given.

        `background` marks a page that refreshed itself while it was open. One that shows no
        resident's data is then written down only if it was refused: it would bury the rest.
        `open_base`: see `Ask`.

        Raises:
            AuditUnavailable: the entry could not be made durable; give no answer.
        """
        known = Relation()
        if account is not None and person is not None:
            known = await relation(
                self.store,
                account,
                person,
                patients,
                now=now,
                visit_days=self.visit_days,
                code_hours=self.code_hours,
            )
        wrong_codes = 0
        if account is not None and action == "present-code":
            since = now - _CODE_WINDOW
            wrong_codes = await refusals(self.store.pool, account.id, action, "wrong-code", since)
        decision = decide(
            Ask(
                account=account,
                action=action,
                person=person,
                patients=patients,
                relation=known,
                code_fits=code_fits,
                wrong_codes=wrong_codes,
                open_base=open_base,
            )
        )
        if background and person is None and decision.allowed:
            return decision
        await self.log.record(
            Entry(
                action=action,
                allowed=decision.allowed,
                account=account.id if account else None,
                account_name=account.name if account else "",
                role=account.role if account else "",
                organisation=account.organisation if account else None,
                purpose=decision.purpose,
                object_type=object_type or ("Person" if person else ""),
                object_id=object_id or person or "",
                person=person,
                reason=decision.reason,
                address=address,
                detail={"refresh": True} if background else None,
                at=now,
            )
        )
        return decision

    async def listed(
        self, account: Account | None, persons: Sequence[str], *, now: datetime, address: str = ""
    ) -> None:
        """Write down which residents an answer named.

        One entry for the list: to each of them it would say that a doctor typed a common name.

        Raises:
            AuditUnavailable: the entry could not be made durable; give no answer.
        """
        await self.log.record(
            Entry(
                action="list-residents",
                allowed=True,
                account=account.id if account else None,
                account_name=account.name if account else "",
                role=account.role if account else "",
                organisation=account.organisation if account else None,
                purpose="treatment",
                object_type="Person",
                address=address,
                detail={"persons": list(persons)},
                at=now,
            )
        )
