"""The gate: nothing is read for anybody without a decision, and no decision without its entry."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from minkang.accounts import Account
from minkang.accounts.account import entry_by
from minkang.accounts.directory import Directory
from minkang.accounts.roles import CLINICAL
from minkang.audit import AuditLog, refusals
from minkang.policy.ask import NO_RELATION, Action, Ask, Decision, Purpose, Relation
from minkang.policy.decide import decide
from minkang.policy.facts import Windows, district_of, relation
from minkang.policy.reach import reaches
from minkang.store import Scope, Store
from minkang.store.criteria import prepared

_CODE_WINDOW = timedelta(minutes=15)
_OF_DISTRICT = frozenset({"maternal-child"})
_BY_CODE: tuple[Action, ...] = ("present-code", "witness-consent", "scan-code")


class Gate(msgspec.Struct, frozen=True):
    """What a process needs to answer questions: store, audit log, the region's settings.

    Attributes:
        visit_days, code_hours, referral_days, case_days: see `facts.Windows`.
        directory: the tree of organisations that the process keeps; None: read when needed.
    """

    store: Store
    log: AuditLog
    visit_days: int
    code_hours: int
    referral_days: int = 30
    case_days: int = 365
    directory: Directory | None = None

    @property
    def windows(self) -> Windows:
        """For how long what happened once connects."""
        return Windows(
            visit_days=self.visit_days,
            code_hours=self.code_hours,
            referral_days=self.referral_days,
            case_days=self.case_days,
        )

    async def ask(
        self,
        account: Account | None,
        action: Action,
        *,
        now: datetime,
        purpose: Purpose | None = None,
        person: str | None = None,
        patients: frozenset[str] = frozenset(),
        birth_date: str = "",
        named: bool = False,
        object_type: str = "",
        object_id: str = "",
        address: str = "",
        code_fits: bool = False,
        file_kept: bool = False,
        background: bool = False,
        open_base: bool = False,
    ) -> Decision:
        """Decide, and write the decision down before it is given.

        `background` marks a page that refreshed itself while it was open. One that shows no
        resident's data is then written down only if it was refused: it would bury the rest.
        `named`: a resident was named, even if there is none such; then the same is looked up.
        `birth_date` of the resident, `purpose`, `open_base`: see `Ask`.

        Raises:
            AuditUnavailable: the entry could not be made durable; give no answer.
        """
        about = (person, patients, birth_date)
        asked = Ask(
            account=account,
            action=action,
            purpose=purpose,
            person=person,
            patients=patients,
            named=named,
            district=await self.district(account),
            relation=await self._relation(account, about, now, named=named),
            code_fits=code_fits,
            file_kept=file_kept,
            wrong_codes=await self._wrong_codes(account, action, now),
            open_base=open_base,
        )
        decision = await self.decided(asked)
        if not (background and person is None and decision.allowed):
            entry = entry_by(
                account,
                action,
                now,
                allowed=decision.allowed,
                purpose=decision.purpose,
                object_type=object_type or ("Person" if person else ""),
                object_id=object_id or person or "",
                person=person,
                reason=decision.reason,
                address=address,
                detail=detail_of(decision, account, background=background),
            )
            await self.log.record(entry)
        return decision

    async def would(
        self,
        account: Account | None,
        action: Action,
        resident: tuple[str, frozenset[str], str],
        *,
        now: datetime,
    ) -> bool:
        """Whether asking would be allowed now; for offering what leads there, never for doing it.

        Nothing is written down, since nothing is seen: the door asks again. `resident`: Person,
        Patients, birth date.
        """  # fmt: skip
        asked = Ask(
            account=account,
            action=action,
            person=resident[0],
            patients=resident[1],
            named=True,
            district=await self.district(account),
            relation=await self._relation(account, resident, now, named=True),
        )
        return (await self.decided(asked)).allowed

    async def _relation(
        self,
        account: Account | None,
        about: tuple[str | None, frozenset[str], str],
        now: datetime,
        *,
        named: bool,
    ) -> Relation:
        """What connects the account with whom it asks about: Person, Patients, birth date."""
        person, patients, birth_date = about
        if account is None or (person is None and not named):
            return NO_RELATION
        return await relation(
            self.store,
            account,
            person or "",
            patients,
            now=now,
            visit_days=self.visit_days,
            code_hours=self.code_hours,
            birth_date=birth_date,
            windows=self.windows,
        )

    async def decided(self, asked: Ask) -> Decision:
        """The decision on facts, its scope ready for the store; nothing is written down.

        A record is opened only if there is something in it for who asks: a contract or a visit
        opens no empty record that would tell a name, where the FHIR base tells nothing.
        """
        decision = decide(asked)
        if any(grant.criteria for grant in decision.scope.grants):
            scope = await prepared(self.store, decision.scope)
            decision = msgspec.structs.replace(decision, scope=scope)
        if asked.action != "open-record" or not decision.allowed or not asked.patients:
            return decision
        if await reaches(self.store, decision.scope, asked.patients):
            return decision
        reason = "nothing-open" if asked.relation.consent.given else "no-consent"
        return msgspec.structs.replace(
            decision, allowed=False, reason=reason, scope=Scope.nothing(), mask=""
        )

    async def district(self, account: Account | None) -> frozenset[str]:
        """The organisations of the account's district, where the policy asks for them."""
        if account is None or account.role not in _OF_DISTRICT:
            return frozenset()
        tree = await (self.directory or Directory(self.store.pool)).fresh()
        return district_of(tree, account)

    async def _wrong_codes(self, account: Account | None, action: Action, now: datetime) -> int:
        """How often the account typed a wrong code lately, whatever it wanted to do with it."""
        if account is None or action not in _BY_CODE:
            return 0
        since, pool = now - _CODE_WINDOW, self.store.pool
        return sum([await refusals(pool, account.id, one, "wrong-code", since) for one in _BY_CODE])

    async def listed(
        self, account: Account | None, persons: Sequence[str], *, now: datetime, address: str = ""
    ) -> None:
        """Write down which residents an answer named.

        One entry for the list, which each of them can find.

        Raises:
            AuditUnavailable: the entry could not be made durable; give no answer.
        """
        entry = entry_by(
            account,
            "list-residents",
            now,
            purpose=_listing(account),
            object_type="Person",
            address=address,
            persons=tuple(persons),
        )
        await self.log.record(entry)


def detail_of(
    decision: Decision, account: Account | None = None, *, background: bool = False
) -> dict[str, Any]:
    """What an audit entry says of how it was decided."""
    detail: dict[str, Any] = {"policy": decision.version, "rules": list(decision.rules)}
    if account is not None and account.client is not None:
        detail["app"] = account.client
        if account.level == "launch":
            detail["launch"] = True
    return {**detail, "refresh": True} if background else detail


def _listing(account: Account | None) -> Purpose:
    """Why somebody sees a list of residents: clinicians to treat, others in their office."""
    return "treatment" if account is not None and account.role in CLINICAL else "administration"
