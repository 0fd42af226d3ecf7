"""Whom somebody may be, and what people have to look at."""

import pytest

from minkang.audit import AuditLog
from minkang.crypto import Keys
from minkang.fhir import Resource
from minkang.identity.decisions import decide
from minkang.identity.linkage.features import features_of
from minkang.identity.matching import features_kept, matches
from minkang.identity.review import rate, urgency_of
from minkang.identity.review_list import Asked, Line, listing
from minkang.store import Change, Grade, Grant, Scope, Store, write
from tests.identity.deciding import NOW, steward
from tests.identity.linking import WHOLE, number, patient, person_of, put, together, waiting


async def test_the_best_fitting_person_comes_first(store: Store, keys: Keys) -> None:
    await put(
        store,
        keys,
        patient("ma-1", "虞姬", "1955-05-05", phone="13300001111"),
        patient("ma-2", "虞姬", "1955-05-05", phone="13300001111"),
        patient("ma-3", "虞姬", "1955-05-06", id_number=None, town="", phone=""),
    )
    asked = features_of(patient("new", "虞姬", "1955-05-05", phone="13300001111"))
    found = await matches(store, WHOLE, keys, asked)
    assert found[0].person == await person_of(store, "ma-1")
    assert set(found[0].patients) == {"ma-1", "ma-2"}
    assert found[0].scored.outcome == "link"
    weights = [one.scored.weight for one in found]
    assert len(await matches(store, WHOLE, keys, asked, limit=1)) == 1
    assert weights[0] == max(weights)


async def test_what_the_scope_hides_is_no_match(store: Store, keys: Keys) -> None:
    await put(store, keys, patient("mb-1", "吕雉", "1941-02-03"), source="h1")
    asked = features_of(patient("new", "吕雉", "1941-02-03"))
    elsewhere = Scope((Grant(grade=Grade.SENSITIVE, sources=frozenset({"h2"})),))
    assert await matches(store, WHOLE, keys, asked)
    assert await matches(store, elsewhere, keys, asked) == []
    assert await matches(store, Scope.nothing(), keys, asked) == []


async def test_nobody_fits_features_that_say_nothing(store: Store, keys: Keys) -> None:
    assert await matches(store, WHOLE, keys, features_of({"resourceType": "Patient"})) == []


async def test_what_is_kept_of_a_patient_is_what_it_says(store: Store, keys: Keys) -> None:
    one = patient("mc-1", "戚夫人", "1943-04-05")
    await put(store, keys, one, source="h7")
    kept = await features_kept(store, "mc-1")
    assert kept is not None
    assert kept.features == features_of(one, "h7")
    assert await features_kept(store, "nobody") is None


def on_one_number(mark: str, year: int) -> list[Resource]:
    card = number(f"{year}-08-01", "male")
    return [
        patient(f"{mark}-{n}", name, f"{year}-08-01", "male", id_number=card, town="")
        for n, name in ((1, "范增"), (2, "龙且"))
    ]


async def lines(store: Store, asked: Asked | None = None) -> list[Line]:
    """The review queue, the most urgent first."""
    async with store.pool.acquire() as connection:
        await rate(connection)
        return await listing(connection, asked or Asked(), now=NOW, limit=50)


async def test_of_two_persons_one_pair_waits_until_somebody_decides(
    store: Store, keys: Keys, log: AuditLog
) -> None:
    first, second = on_one_number("ra", 1952)
    await put(store, keys, first, second, {**second, "id": "ra-3"})
    mine = [one for one in await lines(store) if one.a.startswith("ra-")]
    assert [(one.a, one.b, one.cause) for one in mine] == [("ra-1", "ra-2", "two-on-one-number")]
    assert await person_of(store, "ra-1") != await person_of(store, "ra-2")
    await decide(store, keys, "ra-1", "ra-2", "different", "两人", steward(), log=log, now=NOW)
    assert await waiting(store, "ra-1", "ra-2") is None
    assert await waiting(store, "ra-1", "ra-3") is None


async def test_a_corrected_registration_is_no_longer_waiting(store: Store, keys: Keys) -> None:
    first, second = on_one_number("rb", 1953)
    await put(store, keys, first, second)
    assert await waiting(store, "rb-2", "rb-1") is not None
    await put(store, keys, {**second, "name": first["name"]})
    assert await together(store, "rb-1") == {"rb-1", "rb-2"}
    assert await waiting(store, "rb-1", "rb-2") is None


async def test_the_more_a_pair_brings_the_sooner_it_comes(store: Store, keys: Keys) -> None:
    for mark, year in (("rc", 1954), ("rd", 1955)):
        await put(store, keys, *on_one_number(mark, year))
    async with store.pool.acquire() as connection, connection.transaction():
        visits = [
            {
                "resourceType": "Encounter", "id": f"rd-v{n}", "status": "finished",
                "class": {"code": "AMB"}, "subject": {"reference": "Patient/rd-1"},
            }
            for n in range(3)
        ]  # fmt: skip
        secret = {
            "resourceType": "Condition", "id": "rd-c", "subject": {"reference": "Patient/rd-2"},
            "code": {"coding": [{"code": "B20.0"}]},
        }  # fmt: skip
        await write(store, connection, [Change(one, "h") for one in (*visits, secret)])
    items = [one for one in await lines(store) if one.a[:2] in ("rc", "rd")]
    assert [(one.a[:2], one.visits, one.sensitive) for one in items] == [
        ("rd", 3, True),
        ("rc", 0, False),
    ]
    for asked in (Asked(cause="twins"), Asked(institution="nowhere"),
                  Asked(below=-1e9), Asked(until=NOW.replace(year=2000))):  # fmt: skip
        assert await lines(store, asked) == []
    assert len(await lines(store, Asked(institution="h", least=-1e9))) >= 2


@pytest.mark.parametrize(
    ("sooner", "later"),
    [
        ((5.0, 0, False, True), (8.0, 0, False, False)),
        ((5.0, 0, True, False), (8.0, 3, False, False)),
        ((5.0, 9, False, False), (5.0, 3, False, False)),
        ((7.0, 3, False, False), (5.0, 3, False, False)),
    ],
)
def test_urgency_weighs_harm_before_benefit(
    sooner: tuple[float, int, bool, bool], later: tuple[float, int, bool, bool]
) -> None:
    one, other = (
        urgency_of(weight, visits, sensitive=sensitive, held_back=held_back)
        for weight, visits, sensitive, held_back in (sooner, later)
    )
    assert one > other
