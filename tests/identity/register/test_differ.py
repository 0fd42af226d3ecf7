"""What counts as a difference between register and care, and what does not."""

from datetime import date
from typing import Any

import pytest

from minkang.identity.register.differ import DIFFERENCE_KINDS, Side, differences_of, side_of
from tests.identity.register.rows import registered


def care(patient: str = "h1", **said: Any) -> Side:
    facts = {"name": "欧阳慧", "sex": "female", "birth": "1949-12-31", "dead": False, **said}
    return Side(patient=patient, row=None, **facts)


def kinds(*sides: Side) -> list[str]:
    return [one.kind for one in differences_of("p1", sides)]


@pytest.mark.parametrize(
    ("said", "other", "expected"),
    [
        ({}, {}, []),
        ({"sex": ""}, {}, []),
        ({}, {"sex": "male"}, ["sex"]),
        ({}, {"sex": "unknown"}, []),
        ({}, {"birth": "1949-12-30"}, ["birth-date"]),
        ({}, {"birth": "1949"}, []),
        ({}, {"birth": ""}, []),
        ({"name": "欧阳慧之女"}, {}, []),
        ({}, {"name": "无名氏"}, []),
        ({}, {"name": ""}, []),
        ({}, {"name": "欧阳惠", "sex": "male"}, ["sex", "name"]),
        ({"moved_out": "2025-01-01"}, {"seen": date(2025, 1, 2)}, []),
        ({"moved_out": "2025-01-01"}, {"seen": date(2025, 1, 3)}, ["moved-seen"]),
        ({"died": "2025-01-01"}, {"seen": date(2025, 2, 3), "dead": True}, ["died-register"]),
    ],
)
def test_a_row_and_a_registration_in_care(
    said: dict[str, Any], other: dict[str, Any], expected: list[str]
) -> None:
    assert kinds(side_of(registered("1", **said)), care(**other)) == expected


def test_who_lives_elsewhere_or_left_or_died_need_not_be_seen_in_care() -> None:
    for said in ({"kind": "户籍外出"}, {"moved_out": "2025-01-01"}, {"died": "2025-01-01"}):
        assert kinds(side_of(registered("1", **said))) == []
    assert kinds(side_of(registered("1"))) == ["unseen"]
    assert kinds(care()) == ["unregistered"]
    assert kinds() == []


def test_the_id_of_a_difference_is_that_of_the_two_whoever_they_belong_to() -> None:
    sides = (side_of(registered("1")), care(name="欧阳惠"))
    (one,), (other,) = differences_of("p1", sides), differences_of("p2", sides[::-1])
    assert one.id == other.id
    (lonely,), (elsewhere,) = differences_of("p1", [care()]), differences_of("p2", [care()])
    assert lonely.id != elsewhere.id


def test_no_two_differences_of_a_person_share_an_id() -> None:
    sides = [
        side_of(registered("1", birth="1950-01-01")), side_of(registered("2")),
        care("h1", name="欧阳惠", sex="male", dead=True), care("h2", birth="1949-12-01"),
    ]  # fmt: skip
    found = differences_of("p1", sides)
    assert len({one.id for one in found}) == len(found)
    assert {one.kind for one in found} <= set(DIFFERENCE_KINDS)
    assert [one.kind for one in found].count("twice") == 1
    assert found == differences_of("p1", sides[::-1])
