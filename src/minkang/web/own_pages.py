"""What a resident may open as the own record: one's own, or that of somebody in one's care."""

import msgspec

from minkang.identity import Resident
from minkang.policy import Action, Decision
from minkang.web.visitor import Visitor


class OwnPages(msgspec.Struct, frozen=True):
    """A resident's pages of a record.

    Attributes:
        base: where the pages of this record begin: `/me` or `/me/family/{person}`.
        ward: the name, if it is somebody else's record; else ''.
    """

    decision: Decision
    resident: Resident
    base: str
    ward: str

    @property
    def record(self) -> str:
        """The address of the record."""
        return self.base if self.ward or self.base != "/me" else "/me/record"


async def own_pages(
    visitor: Visitor, action: Action = "open-record", person: str | None = None
) -> OwnPages:
    """Ask for the own record, or, with `person`, for one in whose name the visitor may act.

    Raises:
        NotAllowed: it was refused; a clinician's right to the record does not lead here.
    """
    own = visitor.account.person if visitor.account else None
    decision, resident = await visitor.ask_about(
        action, person or own or "none", purpose="own-record"
    )
    if person is None:
        return OwnPages(decision, resident, "/me", "")
    ward = "" if person == own else resident.name
    return OwnPages(decision, resident, f"/me/family/{person}", ward)
