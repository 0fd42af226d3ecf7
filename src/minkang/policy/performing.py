"""Which institution a resource says it was done by, where several share one system.

A county's primary-care system (基层医疗卫生机构信息系统) is one source for many institutions: whose
contract, care or visit it is, its rows say by the code of the institution, and it counts for that
one beside the source itself. The code is the id that the organisation has in the region's tree.

Only what the tree says to be such a system is believed: else any hospital could open records to
another by naming it.
"""

from typing import Any, Final

from minkang.fhir import Resource, local_reference
from minkang.store import Connection, Stored

INSTITUTION_CODE: Final = frozenset({"urn:oid:2.16.156.10011.1.5", "urn:minkang:organisation"})
"""Systems of codes of institutions: WS 445 (组织机构代码), and the platform's own."""

_WHERE: Final = {
    "Contract": "authority",
    "EpisodeOfCare": "managingOrganization",
    "Encounter": "serviceProvider",
}


async def shared_systems(connection: Connection) -> frozenset[str]:
    """The sources whose rows count for the institution that they name."""
    rows = await connection.fetch(
        "select id from accounts.organisation where kind = 'shared-system' and ends is null"
    )
    return frozenset(row["id"] for row in rows)


def counts_for(stored: Stored, shared: frozenset[str]) -> frozenset[str]:
    """The organisations that a contract, care or visit counts for: who sent it, and whom it names
    if it came from a shared system."""
    own = frozenset({stored.source})
    return own | performing(stored.resource) if stored.source in shared else own


def performing(resource: Resource) -> frozenset[str]:
    """Ids of the organisations that a contract, care or visit names as its own; none if none."""
    said: Any = resource.get(_WHERE.get(str(resource.get("resourceType")), ""))
    found = set()
    for one in said if isinstance(said, list) else [said]:
        if not isinstance(one, dict):
            continue
        target = local_reference(one)
        if target is not None and target[0] == "Organization":
            found.add(target[1])
        number = one.get("identifier")
        if isinstance(number, dict) and number.get("system") in INSTITUTION_CODE:
            found.add(str(number.get("value", "")))
    return frozenset(found - {""})
