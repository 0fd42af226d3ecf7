"""Organisations, people and posts as FHIR: Organization, Practitioner, PractitionerRole.

They follow the tables: `sync_directory` writes what differs and can be repeated at any time. Ids
are derived: an organisation's own, an account's, a post's. Who is not a member of staff (residents,
programs, administrators) is in no directory.

A source that tells of the same person (`Practitioner`, by the staff number, and the name agrees) is
not doubled: the post then refers to the source's resource, and there is none of ours.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from minkang.accounts.account import parse_id
from minkang.accounts.organisation_kinds import KINDS
from minkang.accounts.roles import BY_KEY
from minkang.fhir import Resource
from minkang.fhir.references import ID_PATTERN
from minkang.fhir.search_syntax import parse_search
from minkang.store import Change, Outcome, Scope, Store, find, read_several, write

PLATFORM: Final = "MK-PLATFORM"
"""The source organisation of what stands here."""

ORGANISATION_SYSTEM: Final = "urn:minkang:organisation"
CREDIT_CODE_SYSTEM: Final = "urn:minkang:uscc"
KIND_SYSTEM: Final = "urn:minkang:organisation-kind"
STAFF_SYSTEM: Final = "urn:minkang:staff"
LICENCE_SYSTEM: Final = "urn:minkang:practice-licence"
ROLE_SYSTEM: Final = "urn:minkang:role"

_HL7_TYPE: Final = "http://terminology.hl7.org/CodeSystem/organization-type"
_HL7_TYPES: Final = {
    "province": "govt", "city": "govt", "county": "govt", "institution": "prov",
    "department": "dept", "team": "team",
}  # fmt: skip
_STAFF_NUMBER: Final = ":staff"  # how the systems of sources' staff numbers end
_STAFF: Final = sorted(k for k, role in BY_KEY.items() if role.kind in ("clinical", "staff"))
_CHUNK: Final = 500


class Synced(msgspec.Struct, frozen=True):
    """How many resources there are of the directory, and how many of them were written now."""

    resources: int
    written: int


async def sync_directory(
    store: Store,
    *,
    organisations: Sequence[str] | None = None,
    accounts: Sequence[str] | None = None,
    now: datetime | None = None,
) -> Synced:
    """Bring the store up to what the tables say: of some organisations, of some accounts (ids), or,
    with neither, of all.

    Raises:
        DiskReserved: there is too little room on the disk.
    """
    everything = organisations is None and accounts is None
    at = now or datetime.now(UTC)
    changes: list[Change] = []
    if everything or organisations:
        rows = await store.pool.fetch(
            """
            select id, name, kind, level, parent, credit_code, ends from accounts.organisation
            where $1::text[] is null or id = any($1)
            """,
            None if everything else organisations,
        )
        # An earlier release took any text as an id.
        fitting = [row for row in rows if ID_PATTERN.fullmatch(row["id"])]
        changes += [Change(organization_of(row, at), PLATFORM) for row in fitting]
    if everything or accounts:
        changes += await _people(store, None if everything else accounts, at)
    written = 0
    for start in range(0, len(changes), _CHUNK):
        async with store.pool.acquire() as connection, connection.transaction():
            outcomes = await write(store, connection, changes[start : start + _CHUNK])
        written += sum(_is_new(outcome) for outcome in outcomes)
    return Synced(len(changes), written)


def organization_of(row: Any, now: datetime) -> Resource:
    """An Organization from a row of the table."""
    kind = KINDS.get(row["kind"])
    coding = {"system": KIND_SYSTEM, "code": row["kind"]}
    if kind is not None:
        coding["display"] = kind.name_zh
    identifier = [{"system": ORGANISATION_SYSTEM, "value": row["id"]}]
    if row["credit_code"]:
        identifier.append({"system": CREDIT_CODE_SYSTEM, "value": row["credit_code"]})
    found: Resource = {
        "resourceType": "Organization",
        "id": row["id"],
        "identifier": identifier,
        "active": row["ends"] is None or row["ends"] > now,
        "type": [
            {"coding": [coding]},
            {"coding": [{"system": _HL7_TYPE, "code": _HL7_TYPES[row["level"]]}]},
        ],
        "name": row["name"],
    }
    if row["parent"]:
        found["partOf"] = {"reference": f"Organization/{row['parent']}"}
    return found


def practitioner_of(row: Any, *, active: bool) -> Resource:
    """A Practitioner from an account's row; no telephone number, which is the person's own."""
    found: Resource = {
        "resourceType": "Practitioner",
        "id": str(row["id"]),
        "active": active,
        "name": [{"use": "official", "text": row["name"]}],
    }
    if row["staff_code"]:
        found["identifier"] = [{"system": STAFF_SYSTEM, "value": row["staff_code"]}]
    if row["sex"]:
        found["gender"] = row["sex"]
    if row["licence"]:
        licence = [{"system": LICENCE_SYSTEM, "value": row["licence"]}]
        found["qualification"] = [{"identifier": licence, "code": {"text": "执业证书"}}]
    return found


def role_of(row: Any, practitioner: str, *, active: bool) -> Resource:
    """A PractitionerRole from a post's row; `practitioner` is the id of whose it is."""
    role = BY_KEY[row["role"]]
    period = {"start": row["begins"].isoformat()}
    if row["ends"] is not None:
        period["end"] = row["ends"].isoformat()
    found: Resource = {
        "resourceType": "PractitionerRole",
        "id": str(row["post"]),
        "active": active,
        "period": period,
        "practitioner": {"reference": f"Practitioner/{practitioner}", "display": row["name"]},
        "code": [{"coding": [{"system": ROLE_SYSTEM, "code": role.key, "display": role.name_zh}]}],
    }
    if row["organisation"]:
        found["organization"] = {"reference": f"Organization/{row['organisation']}"}
    if row["title"]:
        found["code"].append({"text": row["title"]})
    if row["department"]:
        found["specialty"] = [{"text": row["department"]}]
    return found


async def _people(store: Store, accounts: Sequence[str] | None, now: datetime) -> list[Change]:
    """People and their posts; ours of a person whom a source tells of is taken back."""
    rows = await store.pool.fetch(
        """
        select a.id, a.name, a.disabled, a.staff_code, a.licence, a.sex, p.id as post, p.role,
            p.organisation, p.department, p.title, p.begins, p.ends
        from accounts.account a join accounts.post p on p.account = a.id
        where p.role = any($2) and ($1::uuid[] is null or a.id = any($1)) order by a.id, p.begins
        """,
        None if accounts is None else [parse_id(one) for one in accounts],
        _STAFF,
    )
    told = await _told_by_sources(store, rows)
    changes: list[Change] = []
    people: dict[Any, bool] = {}
    by_id = {row["id"]: row for row in rows}
    for row in rows:
        ended = row["ends"] is not None and row["ends"] <= now
        active = not row["disabled"] and not ended
        people[row["id"]] = people.get(row["id"], False) or active
        owner = told.get(row["staff_code"], str(row["id"]))
        changes.append(Change(role_of(row, owner, active=active), PLATFORM))
    theirs = [str(key) for key in people if by_id[key]["staff_code"] in told]
    async with store.pool.acquire() as connection:
        ours = await read_several(store, connection, Scope.whole(), "Practitioner", theirs)
    kept = {one.id for one in ours}
    for key, active in people.items():
        resource = practitioner_of(by_id[key], active=active)
        if str(key) not in theirs:
            changes.append(Change(resource, PLATFORM))
        elif str(key) in kept:
            changes.append(Change(resource, PLATFORM, deleted=True))
    return changes


async def _told_by_sources(store: Store, rows: Iterable[Any]) -> dict[str, str]:
    """By staff number the id of the Practitioner that a source sent: number and name agree."""
    names = {row["staff_code"]: row["name"] for row in rows if row["staff_code"]}
    found: dict[str, str] = {}
    numbers = sorted(names)
    for start in range(0, len(numbers), 50):
        some = ",".join(_escaped(one) for one in numbers[start : start + 50])
        asked = parse_search(("Practitioner",), [("identifier", some), ("_count", "200")])
        for match in (await find(store, Scope.whole(), asked)).matches:
            if match.source == PLATFORM:
                continue
            called = {name.get("text") for name in match.resource.get("name", [])}
            for one in match.resource.get("identifier", []):
                number = one.get("value")
                fits = str(one.get("system", "")).endswith(_STAFF_NUMBER)
                if fits and number in names and names[number] in called:
                    found[number] = min(match.id, found.get(number, match.id))
    return found


def _escaped(value: str) -> str:
    for sign in ("\\", ",", "|", "$"):
        value = value.replace(sign, f"\\{sign}")
    return value


def _is_new(outcome: Outcome) -> bool:
    return outcome.kind != "unchanged"
