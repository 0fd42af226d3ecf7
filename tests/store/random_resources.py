"""Small random worlds of resources that refer to each other, with few different values.

Few values, so that queries hit several resources, and near misses (a code in another system, a
quantity in another unit, a date of another precision) are common.
"""

from decimal import Decimal
from random import Random
from typing import Any

from minkang.fhir import Resource

LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
_CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
_SYSTEMS = (LOINC, "urn:local", None)
_CODES = ("8480-6", "2345-7", "a,b", "x|y")
_TEXTS = ("检验 8480", "血糖 (空腹)", "Grün $5", "grunge")
_FAMILIES = ("欧阳", "张", "Smith", "Smithers", "Grün", "van der Berg", "O'Neil-Smith")
_GIVEN = ("小明", "明", "John", "Ann Marie", "J", "Émile")
_CITIES = ("威海市环翠区", "Weihai", "Bad Homburg vor der Höhe, am Rand des Taunus und noch weiter")
_DATES = (
    "2023", "2024", "2024-05", "2024-05-03", "2024-05-04", "2024-05-03T10:00:00+08:00",
    "2024-05-03T02:00:00Z", "2024-05-03T02:00:00.500Z", "2024-05-03T23:59:59+08:00", "1969-12-31",
)  # fmt: skip
_DAYS = ("1970", "1970-02", "1970-02-28", "1985-06-01", "2024-05-03")
_NUMBERS = ("5", "5.4", "5.40", "5.5", "0.0055", "0.005", "5500", "120", "-3", "0")
_UNITS: tuple[dict[str, str], ...] = (
    {"unit": "mg", "system": UCUM, "code": "mg"},
    {"unit": "毫克", "system": UCUM, "code": "mg"},
    {"unit": "g", "system": UCUM, "code": "g"},
    {"unit": "ug", "system": UCUM, "code": "ug"},
    {"unit": "mmHg", "system": UCUM, "code": "mm[Hg]"},
    {"unit": "片", "system": "urn:local", "code": "tab"},
    {"unit": "mg"},
    {},
)
_URLS = (
    "http://minkang.example/vs", "http://minkang.example/vs/one", "http://minkang.example/vs-two",
    "http://minkang.example/vs/one/deep", "urn:oid:1.2.3",
)  # fmt: skip
TYPES = (
    "Patient", "Practitioner", "Organization", "Encounter", "Observation", "Condition",
    "MedicationRequest", "DiagnosticReport", "RiskAssessment", "ValueSet",
)  # fmt: skip
"""What a world is made of."""

_WEIGHTS = (6, 2, 2, 4, 12, 4, 3, 3, 1, 2)


def world(random: Random, size: int) -> list[Resource]:
    """Resources with ids; the references among them lead to resources that there are, mostly."""
    ids: dict[str, list[str]] = {kind: [] for kind in TYPES}
    for _ in range(size):
        kind = random.choices(TYPES, _WEIGHTS)[0]
        # Some ids are those of resources of another type.
        ids[kind].append(f"{random.choice((kind[:2].lower(), 'id'))}-{len(ids[kind])}")
    maker = Maker(random, ids)
    return [maker.make(kind, one) for kind, own in ids.items() for one in own]


class Maker:
    """Makes resources of one world, also new versions of those that there are."""

    def __init__(self, random: Random, ids: dict[str, list[str]]) -> None:
        self._random = random
        self._ids = ids

    def make(self, kind: str, one: str) -> Resource:
        """A resource with random content."""
        parts: dict[str, Any] = {"resourceType": kind, "id": one, **getattr(self, f"_{kind}")()}
        if self._random.random() < 0.4:
            parts["meta"] = self._meta()
        return {name: value for name, value in parts.items() if value not in (None, [], {})}

    def _one(self, *values: Any) -> Any:
        return self._random.choice(values)

    def _maybe(self, value: Any, chance: float = 0.7) -> Any:
        return value if self._random.random() < chance else None

    def _some(self, make: Any, most: int = 2) -> list[Any]:
        return [make() for _ in range(self._random.randint(0, most))]

    def _meta(self) -> dict[str, Any]:
        profile = self._one("http://p.cn/a|1.0", "http://p.cn/a", "http://p.cn/b")
        meta = {
            "tag": [self._coding()] if self._random.random() < 0.6 else None,
            "profile": self._maybe([profile]),
            "source": self._maybe(self._one(*_URLS)),
        }
        return {name: value for name, value in meta.items() if value is not None}

    def _coding(self) -> dict[str, str]:
        coding = {
            "system": self._one(*_SYSTEMS),
            "code": self._maybe(self._one(*_CODES), 0.9),
            "display": self._maybe(self._one(*_TEXTS), 0.3),
        }
        return {name: value for name, value in coding.items() if value} or {"display": "无"}

    def _concept(self) -> dict[str, Any]:
        concept: dict[str, Any] = {"coding": self._some(self._coding)}
        if not concept["coding"]:
            return {"text": self._one(*_TEXTS)}
        return concept | ({"text": self._one(*_TEXTS)} if self._random.random() < 0.3 else {})

    def _identifier(self) -> dict[str, Any]:
        identifier = {
            "system": self._one(*_SYSTEMS),
            "value": self._one("1", "2", "12", "mrn-1"),
            "type": self._maybe({"coding": [{"system": "urn:types", "code": "MR"}]}, 0.3),
        }
        return {name: value for name, value in identifier.items() if value}

    def _name(self) -> dict[str, Any]:
        name = {
            "family": self._maybe(self._one(*_FAMILIES), 0.9),
            "given": self._maybe([self._one(*_GIVEN)], 0.8),
            "text": self._maybe(self._one(*_FAMILIES) + self._one(*_GIVEN), 0.4),
        }
        return {key: value for key, value in name.items() if value} or {"text": "无名"}

    def _telecom(self) -> dict[str, str]:
        return {
            "system": self._one("phone", "email"),
            "value": self._one("0631-1", "13900", "a@b.cn"),
        }

    def _address(self) -> dict[str, Any]:
        return {"city": self._one(*_CITIES), "line": [self._one("长江路 1 号", "Main St. 2")]}

    def _reference(self, *kinds: str) -> dict[str, Any]:
        kind = self._one(*kinds)
        if self._random.random() < 0.08:
            other = self._one("http://elsewhere.cn/fhir/Patient/1", "urn:uuid:1")
            return {"reference": other}
        if self._random.random() < 0.1:
            return {"identifier": self._identifier()}
        if not self._ids[kind] or self._random.random() < 0.05:
            return {"reference": f"{kind}/gone"}
        version = self._one("", "", "", "/_history/1")
        return {"reference": f"{kind}/{self._one(*self._ids[kind])}{version}"}

    def _quantity(self) -> dict[str, Any]:
        quantity = {"value": Decimal(self._one(*_NUMBERS)), **self._one(*_UNITS)}
        comparator = self._maybe(self._one("<", "<=", ">", ">="), 0.15)
        return quantity | ({"comparator": comparator} if comparator else {})

    def _period(self) -> dict[str, str]:
        start, end = sorted((self._one(*_DATES), self._one(*_DATES)))
        period = {"start": self._maybe(start, 0.8), "end": self._maybe(end, 0.6)}
        return {name: value for name, value in period.items() if value} or {"start": start}

    def _when(self, name: str) -> dict[str, Any]:
        if self._random.random() < 0.35:
            return {f"{name}Period": self._period()}
        return {f"{name}DateTime": self._maybe(self._one(*_DATES), 0.9)}

    def _Patient(self) -> dict[str, Any]:  # noqa: N802 - named as the type
        return {
            "active": self._one(True, False, None),
            "identifier": self._some(self._identifier),
            "name": self._some(self._name),
            "telecom": self._some(self._telecom),
            "gender": self._one("male", "female", None),
            "birthDate": self._maybe(self._one(*_DAYS)),
            "deceasedDateTime": self._maybe(self._one(*_DATES), 0.2),
            "address": self._some(self._address, 1),
            "generalPractitioner": self._some(
                lambda: self._reference("Practitioner", "Organization")
            ),
            "managingOrganization": self._maybe(self._reference("Organization"), 0.5),
        }

    def _Practitioner(self) -> dict[str, Any]:  # noqa: N802
        return {
            "active": self._one(True, None),
            "identifier": self._some(self._identifier),
            "name": self._some(self._name),
            "telecom": self._some(self._telecom),
            "address": self._some(self._address, 1),
        }

    def _Organization(self) -> dict[str, Any]:  # noqa: N802
        return {
            "name": self._maybe(self._one(*_CITIES, *_FAMILIES), 0.9),
            "alias": self._some(lambda: self._one(*_FAMILIES)),
            "identifier": self._some(self._identifier),
            "partOf": self._maybe(self._reference("Organization"), 0.4),
            "address": self._some(self._address, 1),
        }

    def _Encounter(self) -> dict[str, Any]:  # noqa: N802
        return {
            "status": self._one("finished", "in-progress"),
            "class": self._coding(),
            "type": self._some(self._concept),
            "subject": self._maybe(self._reference("Patient"), 0.9),
            "period": self._maybe(self._period()),
            "length": self._maybe(self._quantity(), 0.4),
            "participant": [
                {"individual": one} for one in self._some(lambda: self._reference("Practitioner"))
            ],
            "serviceProvider": self._maybe(self._reference("Organization"), 0.5),
            "partOf": self._maybe(self._reference("Encounter"), 0.3),
        }

    def _Observation(self) -> dict[str, Any]:  # noqa: N802
        value = self._one(
            {"valueQuantity": self._quantity()},
            {"valueQuantity": self._quantity()},
            {"valueCodeableConcept": self._concept()},
            {"valueString": self._one(*_TEXTS)},
            {"valueDateTime": self._one(*_DATES)},
            {"valuePeriod": self._period()},
            {},
        )
        return {
            "status": self._one("final", "preliminary"),
            "identifier": self._some(self._identifier, 1),
            "category": self._some(self._concept, 1),
            "code": self._concept(),
            "subject": self._maybe(self._reference("Patient"), 0.9),
            "encounter": self._maybe(self._reference("Encounter"), 0.4),
            **self._when("effective"),
            "performer": self._some(lambda: self._reference("Practitioner", "Organization")),
            **value,
            "component": self._some(self._component),
            "hasMember": self._some(lambda: self._reference("Observation"), 1),
            "derivedFrom": self._some(lambda: self._reference("Observation"), 1),
        }

    def _component(self) -> dict[str, Any]:
        value = self._one(
            {"valueQuantity": self._quantity()}, {"valueCodeableConcept": self._concept()}, {}
        )
        return {"code": self._concept(), **value}

    def _Condition(self) -> dict[str, Any]:  # noqa: N802
        onset = self._one(
            {"onsetDateTime": self._one(*_DATES)},
            {"onsetPeriod": self._period()},
            {"onsetAge": {"value": 40, "unit": "a", "system": UCUM, "code": "a"}},
            {"onsetRange": {"low": {"value": 10}, "high": {"value": 20}}},
            {"onsetString": self._one(*_TEXTS)},
            {},
        )
        status = self._one("active", "resolved")
        return {
            "clinicalStatus": self._maybe({"coding": [{"system": _CLINICAL, "code": status}]}),
            "code": self._maybe(self._concept()),
            "subject": self._reference("Patient"),
            "encounter": self._maybe(self._reference("Encounter"), 0.4),
            **onset,
            "recordedDate": self._maybe(self._one(*_DATES)),
            "asserter": self._maybe(self._reference("Practitioner", "Patient"), 0.5),
        }

    def _MedicationRequest(self) -> dict[str, Any]:  # noqa: N802
        return {
            "status": self._one("active", "completed"),
            "intent": "order",
            "medicationCodeableConcept": self._concept(),
            "subject": self._reference("Patient"),
            "authoredOn": self._maybe(self._one(*_DATES)),
            "requester": self._maybe(self._reference("Practitioner", "Organization", "Patient")),
            "dosageInstruction": self._some(
                lambda: {"timing": {"event": [self._one(*_DATES), self._one(*_DATES)]}}, 2
            ),
        }

    def _DiagnosticReport(self) -> dict[str, Any]:  # noqa: N802
        return {
            "status": "final",
            "code": self._concept(),
            "subject": self._maybe(self._reference("Patient"), 0.9),
            "encounter": self._maybe(self._reference("Encounter"), 0.4),
            **self._when("effective"),
            "issued": self._maybe("2024-05-03T02:00:00.123Z", 0.3),
            "result": self._some(lambda: self._reference("Observation"), 3),
            "performer": self._some(lambda: self._reference("Practitioner", "Organization")),
        }

    def _RiskAssessment(self) -> dict[str, Any]:  # noqa: N802
        chances = ("0.1", "0.10", "0.5", "1e-3", "12")
        return {
            "status": "final",
            "subject": self._reference("Patient"),
            "prediction": [{"probabilityDecimal": Decimal(self._one(*chances))}],
        }

    def _ValueSet(self) -> dict[str, Any]:  # noqa: N802
        return {
            "status": self._one("active", "draft"),
            "url": self._one(*_URLS),
            "name": self._one("One", "one two", "Two"),
            "title": self._maybe(self._one(*_TEXTS)),
            "date": self._maybe(self._one(*_DATES)),
            "version": self._maybe(self._one("1", "1.0")),
        }
