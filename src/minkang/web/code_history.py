"""Where a health code was shown, and whose else the visitor can show."""

from typing import Any, Final

from minkang.accounts import organisation_names
from minkang.audit import Look, looks_at
from minkang.identity import Resident
from minkang.policy.guardians import relations_of
from minkang.web.visitor import Visitor
from minkang.web.wording import reason_words

_LOOKS: Final = 300
_SHOWN: Final = 20
_SHOWINGS: Final = frozenset({"scan-code", "present-code"})


async def showings(visitor: Visitor, resident: Resident) -> list[dict[str, Any]]:
    """Where the code was shown lately, whether it opened anything or not."""
    pool = visitor.web.store.pool
    looks = await looks_at(pool, resident.person, patients=resident.patients, limit=_LOOKS)
    names = await organisation_names(pool)
    found = [one for one in looks if one.action in _SHOWINGS and not _of_present(one, looks)]
    return [
        {
            "at": one.at,
            "by": one.account_name,
            "institution": names.get(one.organisation or "", one.organisation or ""),
            "opened": one.allowed and one.action == "present-code",
            "refused": "" if one.allowed else reason_words(one.reason, visitor.say),
        }
        for one in found[:_SHOWN]
    ]


def _of_present(one: Look, looks: list[Look]) -> bool:
    """Whether a scan is told already by the showing that it led to."""
    return one.action == "scan-code" and any(
        other.action == "present-code" and other.at == one.at and other.account == one.account
        for other in looks
    )


async def family_codes(visitor: Visitor, page: str, shown: str) -> list[dict[str, str]]:
    """The other codes that the visitor can show, beside that of the Person `shown`."""
    own = visitor.account.person if visitor.account else None
    if own is None:
        return []
    relations = await relations_of(visitor.web.store.pool, own)
    found = [
        {"name": one.ward_name, "href": f"{page}/{one.ward}"}
        for one in relations
        if one.ward is not None and one.ward != shown and one.in_force(visitor.now)
    ]
    return found if shown == own else [{"name": visitor.say("我的健康码"), "href": page}, *found]
