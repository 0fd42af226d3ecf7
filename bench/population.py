"""A seeded population for the benches of the FHIR base: thirty resources a patient.

Patient k is the same whatever the size of the population is, so that a larger one holds the
smaller. Nothing here is meant to look like a life; kinds, codes and sizes are those of a record.
"""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from minkang.fhir import Resource

RESOURCES = 30
"""Of each patient, the patient included."""

SYSTEM = "urn:bench:number"
LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
UNIT = "mmol/L"
CODES = ("14749-6", "2160-0", "2823-3", "2951-2", "3016-3", "1742-6", "1920-8", "718-7")
"""Laboratory codes, all in `UNIT`."""

FAMILIES = "王李张刘陈杨黄赵周吴徐孙马胡朱郭何罗高林"
_GIVEN = "明伟芳娜敏静丽强磊军洋勇艳杰娟涛超秀霞平刚桂英华玉兰"
_DISEASES = ("E11", "I10", "J45", "M54", "K29", "N18", "I25", "E78")
_SHARED = 20
_BEGIN = date(2020, 1, 1)
_DAYS = 6 * 365


def shared() -> Iterator[Resource]:
    """Institutions and staff, which all patients' resources refer to."""
    for number in range(_SHARED):
        yield {
            "resourceType": "Organization",
            "id": f"org{number}",
            "name": f"第{number}医院",
            "identifier": [{"system": SYSTEM, "value": f"ORG{number}"}],
        }
        yield {
            "resourceType": "Practitioner",
            "id": f"doc{number}",
            "name": [{"family": FAMILIES[number], "given": ["医生"]}],
        }


def identifier_of(number: int) -> str:
    """The value of the identifier of a patient."""
    return f"N{number:08}"


def birthdate_of(number: int) -> str:
    """The birth date of a patient."""
    return (date(1935, 1, 1) + timedelta(days=random.Random(number).randrange(30_000))).isoformat()


def family_of(number: int) -> str:
    """The family name of a patient."""
    return FAMILIES[number % len(FAMILIES)]


def patient(number: int) -> Iterator[Resource]:
    """A patient with everything about it: `RESOURCES` resources."""
    chance = random.Random(number)
    own = f"p{number}"
    yield {
        "resourceType": "Patient",
        "id": own,
        "identifier": [{"system": SYSTEM, "value": identifier_of(number)}],
        "active": True,
        "name": [
            {"family": family_of(number), "given": ["".join(chance.choices(_GIVEN, k=2))]},
        ],
        "telecom": [{"system": "phone", "value": f"154{chance.randrange(10**8):08}"}],
        "gender": chance.choice(("male", "female")),
        "birthDate": birthdate_of(number),
        "address": [{"text": f"示例路{chance.randrange(900)}号", "city": "海滨"}],
        "managingOrganization": {"reference": f"Organization/org{number % _SHARED}"},
    }
    for visit in range(4):
        yield _encounter(own, visit, chance)
    for item in range(18):
        yield _observation(own, item, chance)
    for item in range(3):
        yield _condition(own, item, chance)
    for item in range(2):
        yield _report(own, item, chance)
        yield _prescription(own, item, chance)


def _day(chance: random.Random) -> str:
    day = _BEGIN + timedelta(days=chance.randrange(_DAYS))
    return f"{day.isoformat()}T{chance.randint(7, 18):02}:{chance.randrange(60):02}:00+08:00"


def _encounter(own: str, visit: int, chance: random.Random) -> Resource:
    return {
        "resourceType": "Encounter",
        "id": f"{own}-e{visit}",
        "status": "finished",
        "class": {
            "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode",
            "code": chance.choice(("AMB", "IMP", "EMER")),
        },
        "subject": {"reference": f"Patient/{own}"},
        "participant": [
            {"individual": {"reference": f"Practitioner/doc{chance.randrange(_SHARED)}"}}
        ],
        "period": {"start": _day(chance)},
        "serviceProvider": {"reference": f"Organization/org{chance.randrange(_SHARED)}"},
    }


def _observation(own: str, item: int, chance: random.Random) -> Resource:
    made: Resource = {
        "resourceType": "Observation",
        "id": f"{own}-o{item}",
        "status": "final",
        "category": [
            {
                "coding": [
                    {
                        "system": "http://terminology.hl7.org/CodeSystem/observation-category",
                        "code": "laboratory" if item % 3 else "vital-signs",
                    }
                ]
            }
        ],
        "code": {"coding": [{"system": LOINC, "code": chance.choice(CODES)}], "text": "检验项目"},
        "subject": {"reference": f"Patient/{own}"},
        "encounter": {"reference": f"Encounter/{own}-e{item % 4}"},
        "effectiveDateTime": _day(chance),
        "performer": [{"reference": f"Organization/org{chance.randrange(_SHARED)}"}],
    }
    if item % 3:
        made["valueQuantity"] = _quantity(Decimal(chance.randrange(20, 3_000)) / 100, UNIT)
        made["referenceRange"] = [{"low": {"value": 3}, "high": {"value": 6}, "text": "3-6"}]
    else:
        made["code"] = {"coding": [{"system": LOINC, "code": "85354-9"}], "text": "血压"}
        made["component"] = [
            {
                "code": {"coding": [{"system": LOINC, "code": code}]},
                "valueQuantity": _quantity(Decimal(chance.randrange(50, 190)), "mm[Hg]"),
            }
            for code in ("8480-6", "8462-4")
        ]
    return made


def _quantity(value: Decimal, unit: str) -> Resource:
    return {"value": value, "unit": unit, "system": UCUM, "code": unit}


def _condition(own: str, item: int, chance: random.Random) -> Resource:
    return {
        "resourceType": "Condition",
        "id": f"{own}-c{item}",
        "clinicalStatus": {
            "coding": [
                {
                    "system": "http://terminology.hl7.org/CodeSystem/condition-clinical",
                    "code": chance.choice(("active", "resolved")),
                }
            ]
        },
        "code": {
            "coding": [
                {"system": "http://hl7.org/fhir/sid/icd-10", "code": chance.choice(_DISEASES)}
            ]
        },
        "subject": {"reference": f"Patient/{own}"},
        "encounter": {"reference": f"Encounter/{own}-e{item}"},
        "recordedDate": _day(chance),
    }


def _report(own: str, item: int, chance: random.Random) -> Resource:
    return {
        "resourceType": "DiagnosticReport",
        "id": f"{own}-d{item}",
        "status": "final",
        "code": {"coding": [{"system": LOINC, "code": "24323-8"}], "text": "生化全套"},
        "subject": {"reference": f"Patient/{own}"},
        "effectiveDateTime": _day(chance),
        "result": [{"reference": f"Observation/{own}-o{item + n}"} for n in range(4)],
        "conclusion": "未见明显异常，建议三个月后复查。",
    }


def _prescription(own: str, item: int, chance: random.Random) -> Resource:
    return {
        "resourceType": "MedicationRequest",
        "id": f"{own}-m{item}",
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": {
            "text": chance.choice(("二甲双胍", "氨氯地平", "阿托伐他汀"))
        },
        "subject": {"reference": f"Patient/{own}"},
        "authoredOn": _day(chance),
        "requester": {"reference": f"Practitioner/doc{chance.randrange(_SHARED)}"},
        "dosageInstruction": [{"text": "每日一次，每次一片"}],
    }
