"""The tree of organisations: what lies where, and what may not lie there."""

import asyncio
import secrets
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minkang.accounts import AccountRefused, Directory, Organisation, create_organisation
from minkang.accounts.directory import Tree, read_tree
from minkang.accounts.organisation_kinds import KINDS, LEVELS, may_lie_in
from minkang.accounts.organisations import Level
from minkang.accounts.organisations_change import (
    add_organisation,
    change_organisation,
    end_organisation,
    organisation_problem,
)
from minkang.accounts.posts import posts_of
from minkang.audit import AuditLog
from minkang.store import Pool
from tests.accounts.conftest import NOW, MakeAccount


class Town:
    """A county, a hospital with a department and a team in it, and a village room."""

    def __init__(self) -> None:
        mark = secrets.token_hex(4)
        self.county, self.hospital = f"C-{mark}", f"H-{mark}"
        self.department, self.team, self.room = f"D-{mark}", f"T-{mark}", f"V-{mark}"

    def organisations(self) -> list[Organisation]:
        return [
            Organisation(self.county, "某县卫健局", "commission", "county"),
            Organisation(self.hospital, "某医院", "hospital", "institution", self.county),
            Organisation(self.department, "内科", "department", "department", self.hospital),
            Organisation(self.team, "一组", "team", "team", self.department),
            Organisation(self.room, "某村卫生室", "village-room", "institution", self.hospital),
        ]


@pytest.fixture
async def town(pool: Pool, log: AuditLog) -> Town:
    made = Town()
    for one in made.organisations():
        await add_organisation(pool, log, one, now=NOW)
    return made


async def test_the_tree_knows_what_lies_within_and_above(pool: Pool, town: Town) -> None:
    tree = await Directory(pool).fresh()
    inside = {town.hospital, town.department, town.team, town.room}
    assert tree.within(town.hospital) == inside
    assert tree.within(town.county) == inside | {town.county}
    assert tree.above(town.team) == (town.department, town.hospital, town.county)
    assert tree.institution_of(town.team) == town.hospital
    assert tree.institution_of(town.room) == town.room
    assert tree.institution_of(town.county) == town.county
    assert tree.name(town.department) == "内科"
    assert tree.name("nowhere") == "nowhere"
    assert tree.within("nowhere") == {"nowhere"}


async def test_a_directory_learns_of_changes_and_else_keeps_what_it_has(
    pool: Pool, log: AuditLog, town: Town
) -> None:
    directory = Directory(pool)
    first = await directory.fresh()
    assert await directory.fresh() is first
    moved = Organisation(town.room, "新名", "village-room", "institution", town.county)
    await change_organisation(pool, log, moved, now=NOW)
    second = await directory.fresh()
    assert second is not first
    assert directory.above(town.room) == (town.county,)
    assert directory.name(town.room) == "新名"
    await create_organisation(pool, organisation_id=town.room, name="又一名", kind="clinic")
    assert (await directory.fresh()).name(town.room) == "又一名"


async def test_moving_a_department_moves_what_its_people_belong_to(
    pool: Pool, log: AuditLog, town: Town
) -> None:
    other = Organisation(f"{town.hospital}-2", "另一医院", "hospital", "institution", town.county)
    await add_organisation(pool, log, other, now=NOW)
    moved = Organisation(town.department, "内科", "department", "department", other.id)
    await change_organisation(pool, log, moved, now=NOW)
    tree = await read_tree(pool)
    assert tree.institution_of(town.team) == tree.institution_of(town.department) == other.id


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"parent": "nowhere"}, "parent-unknown"),
        ({"parent": "{team}"}, "parent-unfit"),
        ({"kind": "spaceship"}, "kind-unknown"),
        ({"level": "team"}, "level-unfit"),
        ({"name": " "}, "name-unsuitable"),
        ({"name": "a\x00b"}, "name-unsuitable"),
        ({"division": "37x002"}, "division-unsuitable"),
        ({"credit_code": "12345"}, "credit-code-unsuitable"),
    ],
    ids=str,
)
async def test_what_does_not_fit_is_refused_by_its_code(
    pool: Pool, log: AuditLog, town: Town, change: dict[str, str], code: str
) -> None:
    fields = {"id": f"N-{town.hospital}", "name": "新院", "kind": "hospital", "parent": town.county}
    named = {name: text.format(team=town.team) for name, text in change.items()}
    with pytest.raises(AccountRefused) as refused:
        await add_organisation(pool, log, Organisation(**fields | named), now=NOW)  # type: ignore[arg-type]
    assert refused.value.code == code


async def test_ids_and_credit_codes_are_unique(pool: Pool, log: AuditLog, town: Town) -> None:
    code = "MK" + secrets.token_hex(8).translate(str.maketrans("abcdef", "012345"))
    first = Organisation(f"A-{town.county}", "甲", "clinic", credit_code=code)
    await add_organisation(pool, log, first, now=NOW)
    with pytest.raises(AccountRefused, match="organisation-taken"):
        await add_organisation(pool, log, first, now=NOW)
    second = Organisation(f"B-{town.county}", "乙", "clinic", credit_code=code)
    with pytest.raises(AccountRefused, match="credit-code-taken"):
        await add_organisation(pool, log, second, now=NOW)


async def test_nothing_lies_within_itself(pool: Pool, log: AuditLog, town: Town) -> None:
    for parent in (town.hospital, town.room):
        inside = Organisation(town.hospital, "某医院", "hospital", "institution", parent)
        with pytest.raises(AccountRefused, match="cycle"):
            await change_organisation(pool, log, inside, now=NOW)
    inside = Organisation(town.hospital, "某医院", "department", "department", town.county)
    with pytest.raises(AccountRefused, match="parts-unfit"):
        await change_organisation(pool, log, inside, now=NOW)


async def test_two_moves_at_once_make_no_cycle(pool: Pool, log: AuditLog, town: Town) -> None:
    one, other = f"P-{town.county}", f"Q-{town.county}"
    for key in (one, other):
        await add_organisation(pool, log, Organisation(key, "室", "village-room"), now=NOW)
    moves = [
        change_organisation(
            pool, log, Organisation(key, "室", "village-room", "institution", above), now=NOW
        )
        for key, above in ((one, other), (other, one))
    ]
    outcomes = await asyncio.gather(*moves, return_exceptions=True)
    assert sorted(type(one).__name__ for one in outcomes) == ["AccountRefused", "NoneType"]


async def test_an_organisation_ends_with_its_posts_and_after_its_parts(
    pool: Pool, log: AuditLog, town: Town, make_account: MakeAccount
) -> None:
    doctor = await make_account(organisation=town.room)
    with pytest.raises(AccountRefused, match="organisation-has-parts"):
        await end_organisation(pool, log, town.hospital, now=NOW)
    assert await end_organisation(pool, log, town.room, now=NOW) == 1
    (post,) = (await posts_of(pool, [doctor.id]))[doctor.id]
    assert (post.ends, post.why_ended) == (NOW, "organisation")
    with pytest.raises(AccountRefused, match="organisation-unknown"):
        await end_organisation(pool, log, "nowhere", now=NOW)
    tree = await read_tree(pool)
    room = tree.get(town.room)
    assert room is not None
    assert room.ends == NOW


@pytest.mark.parametrize("level", LEVELS)
def test_a_level_lies_in_a_higher_one_or_its_like(level: Level) -> None:
    inside = {above for above in LEVELS if may_lie_in(level, above)}
    higher = set(LEVELS[: LEVELS.index(level)])
    alike = {level} & {"institution", "department"}
    assert inside <= higher | alike
    assert alike <= inside
    assert "team" not in inside


def test_every_kind_can_be_placed() -> None:
    for key, kind in KINDS.items():
        for level in kind.levels:
            parent = "X" if level in ("department", "team") else None
            assert organisation_problem(Organisation("A", "名", key, level, parent)) is None


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=30))
def test_within_and_above_agree_whatever_the_tree(pairs: list[tuple[int, int]]) -> None:
    parents = {child: above for child, above in pairs if above < child}
    tree = Tree(
        Organisation(str(n), "x", "clinic", parent=str(parents[n]) if n in parents else None)
        for n in range(13)
    )
    for n in map(str, range(13)):
        for other in map(str, range(13)):
            assert (n in tree.within(other)) == (n == other or other in tree.above(n))
        for lower, upper in pairwise([n, *tree.above(n)]):
            assert lower in tree.below(upper)
