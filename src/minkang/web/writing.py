"""What pages that write into a record have in common: by what right, into which Patient."""

import re
import secrets
from datetime import datetime
from typing import Any, Final

import msgspec
from litestar import Response

from minkang.accounts import Account
from minkang.accounts.account import entry_by
from minkang.audit import Entry
from minkang.identity import Resident
from minkang.policy import Decision
from minkang.policy.presented import institution_of
from minkang.record.visits import visits_of
from minkang.record.writing.about import About
from minkang.record.writing.written import Written, written_by_key
from minkang.store import Query, Store, search
from minkang.web.visitor import Visitor
from minkang.web.wording import ZONE, Who

_KEY: Final = re.compile(r"[0-9a-f]{32}")
_VISITS: Final = 10


class Desk(msgspec.Struct, frozen=True):
    """A clinician with a resident's record open for writing."""

    visitor: Visitor
    account: Account
    decision: Decision
    resident: Resident

    @property
    def store(self) -> Store:
        """Where it is kept."""
        return self.visitor.web.store

    @property
    def institution(self) -> str:
        """The institution that it will come from."""
        return institution_of(self.account) or ""

    async def about(
        self, key: str, version: int = 0, *, start: str = "", patient: str = ""
    ) -> About:
        """What this writing has in common; `patient` of what is changed."""
        now = self.visitor.now
        return About(
            key=key,
            version=version,
            patient=patient or await self._patient(),
            institution=self.institution,
            institution_name=self.account.organisation_name or "",
            account=self.account.id,
            account_name=self.account.name,
            start=start or now.astimezone(ZONE).isoformat(timespec="seconds"),
            now=now,
        )

    async def _patient(self) -> str:
        """The resident's Patient of the own institution, else another one: all are one person."""
        patients = sorted(self.resident.patients)
        query = Query(types=("Patient",), patients=tuple(patients), limit=1)
        found = (await search(self.store, self.decision.scope, query)).matches
        return found[0].id if found else patients[0]

    async def written(self, key: str) -> Written | None:
        """What the own institution wrote under a key."""
        if not _KEY.fullmatch(key):
            return None
        return await written_by_key(self.store, self.decision.scope, self.resident.patients, key)

    async def visits(self) -> list[dict[str, Any]]:
        """The last visits at the own institution, as choices for a note."""
        query = Query(
            types=("Encounter",), patients=tuple(sorted(self.resident.patients)), limit=_VISITS
        )
        found = (await search(self.store, self.decision.scope, query)).matches
        return [
            {"id": one.origin.id, "start": one.start, "department": one.department,
             "kind": one.kind}
            for one in visits_of(found, {})
        ]  # fmt: skip

    def entry(self, action: str, key: str, **fields: Any) -> Entry:
        """An audit entry of what is written, for the transaction that writes it."""
        return entry_by(
            self.account,
            action,
            self.visitor.now,
            purpose=self.decision.purpose,
            object_id=key,
            person=self.resident.person,
            reason=self.decision.reason,
            address=self.visitor.address,
            **fields,
        )

    def page(self, template: str, *, status: int = 200, **context: Any) -> Response[str]:
        """A page about this resident."""
        return self.visitor.page(
            template,
            status=status,
            person=self.resident.person,
            resident=Who(self.resident, self.visitor.now),
            **context,
        )


async def desk_of(visitor: Visitor, person: str, *, background: bool = False) -> Desk:
    """By the right to write into this record.

    Raises:
        NotAllowed: there is none.
    """
    decision, resident = await visitor.ask_about("write-record", person, background=background)
    assert visitor.account is not None  # noqa: S101 - the gate refuses who is not logged in
    return Desk(visitor, visitor.account, decision, resident)


def new_key() -> str:
    """The key of something that is being written."""
    return secrets.token_hex(16)


def key_of(given: str) -> str:
    """A key as it came back with a form; one that is none becomes a new one."""
    return given if _KEY.fullmatch(given) else new_key()


def version_of(given: str) -> int:
    """A version as it came back with a form; 0 means new."""
    return int(given) if given.isdecimal() and len(given) < 9 else 0


def day_in_china(moment: datetime) -> str:
    """The day of a moment here, as ISO date."""
    return moment.astimezone(ZONE).date().isoformat()
