"""Rows of a population register as Patients, and a register to put them in."""

from collections.abc import Callable
from typing import Any

from minkang.crypto import Keys
from minkang.fhir import Resource
from minkang.identity import follow
from minkang.identity.match import ID_CARD_SYSTEM
from minkang.identity.register import follow_register
from minkang.store import Change, Store, write

SYSTEM = "urn:minkang:source:renkou-population-register:population"
VILLAGE, OTHER_VILLAGE, OTHER_TOWN = "371002003001", "371002003002", "371003106201"


def registered(number: str, **said: Any) -> Resource:
    """The Patient that exchange makes of a row; what is said stands over a plain resident."""
    facts = {
        "name": "欧阳慧",
        "sex": "female",
        "birth": "1949-12-31",
        "id_number": "11010519491231002X",
        "household": "H1",
        "kind": "户籍常住",
        "living": VILLAGE,
        "registered": VILLAGE,
        "moved_in": "",
        "moved_out": "",
        "died": "",
        "listed": True,
        **said,
    }
    kept = {key: value for key, value in facts.items() if value != ""}
    extensions: list[tuple[str, str, Callable[[str], dict[str, Any]]]] = [
        ("residence-kind", "kind", _worded),
        ("residence-division", "living", _coded),
        ("household-division", "registered", _coded),
        ("household-number", "household", _text),
        ("moved-in", "moved_in", _moment),
        ("moved-out", "moved_out", _moment),
    ]
    patient: Resource = {
        "resourceType": "Patient",
        "id": f"row-{number}",
        "active": facts["listed"],
        "identifier": [{"system": SYSTEM, "value": number}],
        "extension": [
            {"url": f"urn:minkang:patient:{url}", **made(kept[key])}
            for url, key, made in extensions
            if key in kept
        ],
    }
    if "id_number" in kept:
        patient["identifier"].append({"system": ID_CARD_SYSTEM, "value": kept["id_number"]})
    for element, key in (
        ("gender", "sex"), ("birthDate", "birth"), ("deceasedDateTime", "died"),
    ):  # fmt: skip
        if key in kept:
            patient[element] = kept[key]
    if "name" in kept:
        patient["name"] = [{"text": kept["name"]}]
    return patient


def _worded(text: str) -> dict[str, Any]:
    return {"valueCodeableConcept": {"text": text}}


def _text(text: str) -> dict[str, Any]:
    return {"valueString": text}


def _moment(text: str) -> dict[str, Any]:
    return {"valueDateTime": text}


def _coded(code: str) -> dict[str, Any]:
    return {
        "valueCodeableConcept": {"coding": [{"system": "urn:minkang:cs:gbt2260", "code": code}]}
    }


async def put(store: Store, keys: Keys, *resources: Resource, source: str = "R") -> None:
    """Store, link, and let the register follow."""
    async with store.pool.acquire() as connection, connection.transaction():
        await write(store, connection, [Change(one, source) for one in resources])
    await settle(store, keys)


async def settle(store: Store, keys: Keys) -> None:
    """Until nothing is left to follow."""
    while await follow(store, keys) or await follow_register(store):
        pass
