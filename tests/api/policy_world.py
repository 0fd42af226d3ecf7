"""A small mixed region for the proofs at the FHIR base: three institutions, eight residents, each
with rows of every topic from every institution, and what connects them with the callers.

What is true of caller and resident is written down here by hand, for the oracle: nothing of the
policy's own facts is asked.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import msgspec

from minkang.accounts import ROLES, Account
from minkang.fhir import Resource
from minkang.identity.match import ID_CARD_SYSTEM
from minkang.policy.consent_record import ConsentKind
from tests.policy.oracle.evaluator import Line, Situation, Thing, visible
from tests.web.small_region import id_number

SOURCES: Final = ("MK1", "MK2", "MK9")
ORIGINS: Final = {"MK1": "own", "MK2": "district", "MK9": "other", "MK-PLATFORM": "other"}
"""How an organisation lies to MK1, whose people ask."""

CLINICIANS: Final = ("doctor", "gp", "village-doctor", "nurse", "maternal-child")
MACHINES: Final = ("system", "service")
CALLERS: Final = tuple(sorted(ROLES))


class Resident(msgspec.Struct, frozen=True, kw_only=True):
    """One resident and what connects MK1, its people, and the resident zhao with them.

    Attributes:
        ties: `visit`, `contract`, `referral`, `code`, `glass`, `case`, `ward` (of zhao).
        consent: what was done with it, one after the other; `kept`, `topics`: its limits.
        confirmed: topics confirmed as the code was shown.
    """

    key: str
    name: str
    age: int
    ties: frozenset[str] = frozenset()
    consent: tuple[ConsentKind, ...] = ()
    kept: frozenset[str] = frozenset()
    topics: frozenset[str] = frozenset()
    confirmed: frozenset[str] = frozenset()

    @property
    def born(self) -> date:
        """A day early in the year: the age is the same on every day after it."""
        return date(datetime.now(UTC).year - self.age, 1, 1)

    def patient(self, source: str) -> str:
        """The id of an institution's Patient."""
        return f"pat-{self.key}-{source}"


RESIDENTS: Final = (
    Resident(key="zhao", name="赵慧珍", age=46, ties=frozenset({"visit"})),
    Resident(key="qian", name="钱守信", age=51, ties=frozenset({"visit"}), consent=("give",)),
    Resident(
        key="sun",
        name="孙立夏",
        age=38,
        ties=frozenset({"contract", "case"}),
        consent=("give", "narrow"),
        kept=frozenset({"MK9"}),
        topics=frozenset({"mental"}),
    ),
    Resident(
        key="li", name="李问渠", age=62, ties=frozenset({"referral"}), consent=("give", "withdraw")
    ),
    Resident(key="zhou", name="周小满", age=5, ties=frozenset({"ward"})),
    Resident(key="wu", name="吴青禾", age=15, ties=frozenset({"ward", "visit"}), consent=("give",)),
    Resident(
        key="zheng",
        name="郑若谷",
        age=33,
        ties=frozenset({"code"}),
        consent=("give",),
        confirmed=frozenset({"hiv-std", "mental"}),
    ),
    Resident(key="wang", name="王守拙", age=70, ties=frozenset({"glass"})),
)


class Row(msgspec.Struct, frozen=True):
    """A stored resource; `resident` is empty if it is about nobody."""

    type: str
    id: str
    source: str
    topic: str
    resident: str
    about: frozenset[str]

    @property
    def thing(self) -> Thing:
        """As the oracle sees it."""
        return Thing(ORIGINS[self.source], self.topic, self.type)


class Caller(msgspec.Struct, frozen=True):
    """Who asks, with what to send along."""

    account: Account
    headers: dict[str, str]


class World(msgspec.Struct):
    """The region once it is stored."""

    persons: dict[str, str]
    rows: tuple[Row, ...]
    callers: dict[str, Caller]

    def of(self, resident: str) -> list[Row]:
        """The rows in the compartments of one resident."""
        return [row for row in self.rows if row.resident == resident]


def facts_of(one: Resident, source: str, visits: bool) -> Iterable[tuple[str, Resource]]:
    """The rows of a resident from one institution, each with its topic."""
    patient = one.patient(source)
    end = f"{one.key}-{source}"
    about = {"subject": {"reference": f"Patient/{patient}"}}
    then = "2020-03-01T09:00:00+08:00"

    def coded(kind: str, name: str, code: str, system: str, **more: Any) -> Resource:
        coding = {"coding": [{"system": system, "code": code}]}
        return {"resourceType": kind, "id": f"{name}-{end}", "code": coding, **about, **more}

    icd, loinc = "http://hl7.org/fhir/sid/icd-10", "http://loinc.org"
    encounter = {"encounter": {"reference": f"Encounter/enc-{end}"}}
    numbered = [{"system": ID_CARD_SYSTEM, "value": id_number(one.born, 2 * one.age)}]
    yield (
        "plain",
        {
            "resourceType": "Patient",
            "id": patient,
            "identifier": numbered,
            "name": [{"text": one.name}],
            "gender": "female",
            "birthDate": one.born.isoformat(),
            "telecom": [{"system": "phone", "value": phone_of(one)}],
            "address": [{"text": address_of(one), "district": "甲县"}],
        },
    )
    visit = {"resourceType": "Encounter", "status": "finished", "class": {"code": "AMB"}, **about}
    yield "plain", {**visit, "id": f"enc-{end}", "period": {"start": then, "end": then}}
    if visits:
        start = (datetime.now(UTC) - timedelta(hours=1)).isoformat(timespec="seconds")
        yield "plain", {**visit, "id": f"today-{end}", "period": {"start": start}}
    measured: dict[str, Any] = {"status": "final", "effectiveDateTime": then, **encounter}
    yield (
        "plain",
        coded(
            "Observation",
            "lab",
            "14749-6",
            loinc,
            valueQuantity={"value": 5 + one.age / 100},
            **measured,
        ),
    )
    yield "hiv-std", coded("Observation", "hiv", "56888-1", loinc, **measured)
    yield (
        "restricted",
        coded(
            "Observation",
            "closed",
            "29463-7",
            loinc,
            **measured,
            meta={
                "security": [
                    {
                        "system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality",
                        "code": "R",
                    }
                ]
            },
        ),
    )
    lately = (datetime.now(UTC) - timedelta(days=20)).date().isoformat()
    recent = "case" in one.ties and source == "MK2"
    yield (
        "notifiable",
        coded(
            "Condition", "measles", "B05.9", icd, recordedDate=lately if recent else "2019-05-05"
        ),
    )
    for topic, code in (
        ("plain", "J45.9"),
        ("mental", "F32.9"),
        ("reproductive", "N97.9"),
        ("genetic", "Q90.9"),
    ):
        yield topic, coded("Condition", topic, code, icd, recordedDate=then, **encounter)
    yield (
        "plain",
        {"resourceType": "AllergyIntolerance", "id": f"nuts-{end}", "patient": about["subject"]},
    )
    yield (
        "plain",
        {
            "resourceType": "DocumentReference",
            "id": f"doc-{end}",
            "status": "current",
            "content": [{"attachment": {"title": f"病历 {one.name}"}}],
            **about,
        },
    )


def papers_of(one: Resident) -> Iterable[tuple[str, Resource]]:
    """Contract and referral, with whom they came from."""
    today = datetime.now(UTC).date()
    span = {
        "start": (today - timedelta(days=9)).isoformat(),
        "end": (today + timedelta(days=90)).isoformat(),
    }
    if "contract" in one.ties:
        yield (
            "MK1",
            {
                "resourceType": "Contract",
                "id": f"contract-{one.key}",
                "applies": span,
                "status": "executed",
                "subject": [{"reference": f"Patient/{one.patient('MK1')}"}],
            },
        )
    if "referral" in one.ties:
        yield (
            "MK2",
            {
                "resourceType": "ServiceRequest",
                "id": f"referral-{one.key}",
                "status": "active",
                "intent": "order",
                "code": {"text": "转诊"},
                "subject": {"reference": f"Patient/{one.patient('MK2')}"},
                "authoredOn": span["start"],
                "performer": [{"reference": "Organization/MK1"}],
            },
        )


def phone_of(one: Resident) -> str:
    """A telephone number that nobody else has."""
    return f"139{one.born:%m%d}{one.age:04}"


def address_of(one: Resident) -> str:
    """An address that nobody else has."""
    return f"甲县清水巷{one.age}号"


def secrets_of(one: Resident) -> tuple[str, ...]:
    """What names a resident, and the ids of the stored Patients."""
    number = id_number(one.born, 2 * one.age)
    return (
        one.name,
        number,
        phone_of(one),
        address_of(one),
        one.born.isoformat(),
        *(one.patient(source) for source in SOURCES),
    )


def situation(role: str, one: Resident) -> Situation:
    """What is true of a caller of MK1 in a role, and a resident."""
    ties: set[str] = set()
    if role in CLINICIANS:
        ties = set(one.ties & {"visit", "contract", "referral", "code", "glass"})
        if role == "maternal-child":
            ties.discard("glass")
    elif role == "dispatcher":
        ties = {"call"} if "visit" in one.ties else set()
        ties |= one.ties & {"glass"}
    elif role == "cdc":
        ties = set(one.ties & {"case"})
    elif role == "resident":
        ties = {"self"} if one.key == "zhao" else {"guardian"} if "ward" in one.ties else set()
    given = bool(one.consent) and one.consent[-1] != "withdraw"
    age = "young" if one.age < 7 else "child" if one.age < 14 else ""
    age = age or ("adolescent" if one.age < 18 else "adult")
    return Situation(
        role,
        frozenset(ties),
        given,
        one.confirmed,
        one.topics,
        frozenset(ORIGINS[source] for source in one.kept),
        age,
    )


def may_see(lines: Iterable[Line], role: str, one: Resident, row: Row) -> bool:
    """The oracle's word on a row of a resident."""
    true = situation(role, one)
    if row.source == "MK-PLATFORM":  # keeping an institution back does not keep the platform back
        true = msgspec.structs.replace(true, kept_back=frozenset())
    return visible(lines, true, row.thing)
