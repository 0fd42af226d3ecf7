"""Where somebody lives from when to when, as versions of a row come one after the other."""

from datetime import date

import pytest

from minkang.identity.register.events import Event, events_of
from minkang.identity.register.row import RegisterRow, row_of
from minkang.identity.register.stays import OPEN, Stay, stays_of
from tests.identity.register.rows import OTHER_VILLAGE, VILLAGE, registered

NOTED = date(2026, 3, 1)


def row(**said: object) -> RegisterRow:
    found = row_of(registered("1", **said))
    assert found is not None
    return found


def living(*stays: Stay) -> list[tuple[date, date, str]]:
    return [(one.begin, one.until, one.place) for one in sorted(stays) if one.basis == "living"]


def test_a_row_is_read_and_other_patients_are_none() -> None:
    found = row(moved_in="2020-05-01T00:00:00+08:00", moved_out="2025-01-02", kind="户籍外出")
    assert (found.number, found.household, found.kind) == ("1", "H1", "away")
    assert (found.moved_in, found.moved_out) == (date(2020, 5, 1), date(2025, 1, 2))
    assert (found.status, found.living) == ("moved-out", VILLAGE)
    other = registered("1")
    other["identifier"] = other["identifier"][1:]
    assert row_of(other) is None


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("户籍常住", "settled"),
        ("户籍外出", "away"),
        ("流动人口", "incoming"),
        ("流入", "incoming"),
        ("?", "unknown"),
        ("", "unknown"),
    ],
)
def test_the_words_of_registers_for_residence(words: str, kind: str) -> None:
    assert row(kind=words).kind == kind


def test_a_row_that_says_nothing_is_one_all_the_same() -> None:
    bare = row(birth="1950", sex="", living="", registered="", kind="", id_number="", name="")
    assert (bare.birth, bare.sex, bare.living) == (None, "unknown", "")
    assert living(*stays_of(bare, (), NOTED)) == [(NOTED, OPEN, "")]


def test_who_was_always_here_lives_here_since_birth() -> None:
    stays = stays_of(row(), (), NOTED)
    assert living(*stays) == [(date(1949, 12, 31), OPEN, VILLAGE)]
    assert {one.basis for one in stays} == {"living", "registered"}
    assert events_of(row(), stays) == {Event(date(1949, 12, 31), "birth", VILLAGE)}


def test_the_day_of_dying_counts_and_the_next_does_not() -> None:
    dead = row(died="2025-06-30")
    stays = stays_of(dead, (), NOTED)
    assert [one.until for one in stays] == [date(2025, 7, 1)] * 2
    assert Event(date(2025, 6, 30), "death", VILLAGE) in events_of(dead, stays)


def test_who_lives_elsewhere_is_registered_here_as_long_as_the_register_lists_the_row() -> None:
    gone = row(kind="户籍外出", moved_out="2025-01-02")
    (here, there) = stays_of(gone, (), NOTED)
    assert (here.basis, here.until) == ("living", date(2025, 1, 3))
    assert (there.basis, there.until) == ("registered", OPEN)
    (_, struck) = stays_of(row(kind="户籍外出", moved_out="2025-01-02", listed=False), (), NOTED)
    assert struck.until == date(2025, 1, 3)
    (only,) = stays_of(row(kind="户籍外出"), (), NOTED)
    assert only.basis == "registered"


def test_who_came_from_elsewhere_lives_here_and_is_registered_there() -> None:
    came = row(kind="流动人口", moved_in="2021-08-01", registered="220102")
    stays = stays_of(came, (), NOTED)
    assert stays == (Stay("living", date(2021, 8, 1), OPEN, VILLAGE),)
    assert events_of(came, stays) == {Event(date(2021, 8, 1), "move-in", VILLAGE)}


def test_a_move_keeps_where_somebody_lived_before() -> None:
    first = stays_of(row(), (), NOTED)
    dated = row(living=OTHER_VILLAGE, moved_in="2026-02-10")
    after = stays_of(dated, first, NOTED)
    assert living(*after) == [
        (date(1949, 12, 31), date(2026, 2, 10), VILLAGE),
        (date(2026, 2, 10), OPEN, OTHER_VILLAGE),
    ]
    assert Event(date(2026, 2, 10), "move", OTHER_VILLAGE) in events_of(dated, after)
    undated = stays_of(row(living=OTHER_VILLAGE), first, NOTED)
    assert living(*undated)[1] == (NOTED, OPEN, OTHER_VILLAGE)


def test_the_same_version_again_changes_nothing() -> None:
    versions = [
        row(),
        row(living=OTHER_VILLAGE, moved_in="2026-02-10"),
        row(living=OTHER_VILLAGE, moved_in="2026-02-10", died="2026-02-20"),
    ]
    stays: tuple[Stay, ...] = ()
    for one in versions:
        stays = stays_of(one, stays, NOTED)
        assert stays_of(one, stays, NOTED) == stays
    assert living(*stays)[-1] == (date(2026, 2, 10), date(2026, 2, 21), OTHER_VILLAGE)


def test_who_comes_back_has_a_gap() -> None:
    left = stays_of(row(moved_out="2020-06-30"), (), NOTED)
    back = stays_of(row(moved_in="2024-01-01"), left, NOTED)
    assert living(*back) == [
        (date(1949, 12, 31), date(2020, 7, 1), VILLAGE),
        (date(2024, 1, 1), OPEN, VILLAGE),
    ]
    kinds = {one.kind for one in events_of(row(moved_in="2024-01-01"), back)}
    assert "move-in" in kinds


def test_a_death_that_was_a_mistake_is_taken_back() -> None:
    dead = stays_of(row(died="2025-06-30"), (), NOTED)
    assert living(*stays_of(row(), dead, NOTED)) == [(date(1949, 12, 31), OPEN, VILLAGE)]
