"""What the page of a pair shows: both sides, what is behind them, evidence, what it would join."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from minkang.accounts import organisation_names
from minkang.identity.grouping import Pair
from minkang.identity.region import persons_of
from minkang.identity.review_evidence import Holding, holdings, near_visits
from minkang.store import Connection, Scope, Stored
from minkang.web.review_data import patients_in
from minkang.web.review_fields import Field, Say, fields_of, shared
from minkang.web.review_words import rule_words
from minkang.web.visitor import Visitor

_NEAR_SHOWN: Final = 5
_TITLES: Final = ("甲", "乙")


class Link(msgspec.Struct, frozen=True):
    """A registration as it is linked."""

    patient: str
    person: str
    rule: str


class Facts(msgspec.Struct, frozen=True):
    """What is known of a pair.

    Attributes:
        patients: the two Patients, and all that are linked with one of them.
        links: how each of them is linked; sides: the ids behind each of the two.
        holdings: what hangs on each; names: of organisations.
    """

    pair: Pair
    patients: Mapping[str, Stored]
    links: Mapping[str, Link]
    sides: tuple[tuple[str, ...], tuple[str, ...]]
    holdings: Mapping[str, Holding]
    names: Mapping[str, str]

    @property
    def already(self) -> bool:
        """Whether both belong to one Person now."""
        one, other = (self.links.get(patient) for patient in self.pair)
        return one is not None and other is not None and one.person == other.person

    @property
    def sensitive(self) -> bool:
        """Whether a joining would put sensitive contents before who sees the other side."""
        return any(self.holdings[one].sensitive for side in self.sides for one in side)


async def facts_of(visitor: Visitor, scope: Scope, pair: Pair) -> Facts | None:
    """What is known of a pair; None if one of the two is not there."""
    store = visitor.web.store
    async with store.pool.acquire() as connection:
        found = await persons_of(connection, pair)
        links = await _links(connection, {person for person, _ in found.values()})
    sides = [
        tuple(
            sorted(
                {one, *(link.patient for link in links.values() if link.person == found[one][0])}
            )
            if one in found
            else [one]
        )
        for one in pair
    ]
    patients = await patients_in(store, scope, {*pair, *sides[0], *sides[1]})
    if not patients.keys() >= set(pair):
        return None
    return Facts(
        pair,
        patients,
        links,
        (sides[0], sides[1]),
        await holdings(store, sorted({*sides[0], *sides[1]})),
        await organisation_names(store.pool),
    )


async def _links(connection: Connection, persons: set[str]) -> dict[str, Link]:
    rows = await connection.fetch(
        "select patient, person, rule from identity.link where person = any($1::text[])",
        sorted(persons),
    )
    return {row["patient"]: Link(row["patient"], row["person"], row["rule"]) for row in rows}


def compared(facts: Facts, say: Say, *, shown: bool) -> list[Field]:
    """The two registrations field by field."""
    one, other = (facts.patients[patient].resource for patient in facts.pair)
    return fields_of(one, other, say, shown=shown)


def sides_shown(facts: Facts, say: Say) -> list[dict[str, Any]]:
    """Both sides: the registration, and all others of its Person."""
    return [
        _side(facts, patient, say(title), side, say)
        for patient, title, side in zip(facts.pair, _TITLES, facts.sides, strict=True)
    ]


def _side(facts: Facts, patient: str, title: str, side: Sequence[str], say: Say) -> dict[str, Any]:
    stored, link = facts.patients[patient], facts.links.get(patient)
    held = [facts.holdings[one] for one in side]
    known = [one for one in held if one.first and one.last]
    return {
        "title": title,
        "patient": patient,
        "name": name_of(stored, say),
        "institution": facts.names.get(stored.source, stored.source),
        "updated": stored.updated,
        "href": f"/centre/identity/links/{link.person}" if link else "/centre/identity/links",
        "others": [_behind(facts, one, say) for one in side],
        "visits": sum(one.visits for one in held),
        "institutions": institutions(held, facts.names),
        "first": min((one.first for one in known if one.first), default=None),
        "last": max((one.last for one in known if one.last), default=None),
        "sensitive": any(one.sensitive for one in held),
    }


def _behind(facts: Facts, patient: str, say: Say) -> dict[str, Any]:
    stored, link = facts.patients.get(patient), facts.links.get(patient)
    source = stored.source if stored else ""
    return {
        "institution": facts.names.get(source, source),
        "name": name_of(stored, say) if stored else "",
        "born": stored.resource.get("birthDate", "") if stored else "",
        "rule": rule_words(link.rule if link else "apart", say),
    }


def evidence(facts: Facts, fields: Sequence[Field], say: Say) -> dict[str, Any]:
    """What both have in common beside what is compared."""
    one, other = ({each: facts.holdings[each] for each in side} for side in facts.sides)
    near = () if facts.already else near_visits(one, other)
    return {
        "shared": shared(fields, say),
        "near": [
            {
                "institution": facts.names.get(visit.institution, visit.institution),
                "one": visit.one,
                "other": visit.other,
            }
            for visit in near[:_NEAR_SHOWN]
        ],
        "near_more": max(0, len(near) - _NEAR_SHOWN),
    }


def joined(facts: Facts) -> dict[str, Any]:
    """What a joining puts together."""
    every = sorted({one for side in facts.sides for one in side})
    held = [facts.holdings[one] for one in every]
    return {
        "registrations": len(every),
        "visits": sum(one.visits for one in held),
        "institutions": institutions(held, facts.names),
        "sensitive": facts.sensitive,
        "already": facts.already,
    }


def institutions(held: Sequence[Holding], names: Mapping[str, str]) -> list[str]:
    """What the institutions are called that have visits of these."""
    return [
        names.get(one, one)
        for one in dict.fromkeys(source for holding in held for source in holding.institutions)
    ]


def name_of(stored: Stored, say: Say) -> str:
    """The name of a registration, or that there is none."""
    names = stored.resource.get("name", [])
    return next((one["text"] for one in names if one.get("text")), say("没有姓名"))
