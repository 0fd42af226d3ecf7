"""Roles as data, and the three administrators who are three people (GB/T 22239-2019, 8.1.7.1)."""

from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minkang.accounts import ROLES, AccountRefused, create_account
from minkang.accounts.people import roles_held
from minkang.accounts.post_steps import NewPost
from minkang.accounts.posts import end_post, give_post, posts_of
from minkang.accounts.roles import (
    ADMINISTRATORS,
    BY_KEY,
    CLINICAL,
    MACHINES,
    RolesBroken,
    conflict,
    read_roles,
)
from minkang.audit import AuditLog
from minkang.store import Pool
from tests.accounts.conftest import NOW, PASSWORD, MakeAccount

NAMED = {
    "doctor", "gp", "village-doctor", "nurse", "hospital-it", "cdc", "maternal-child", "planner",
    "supervisor", "dispatcher", "information-centre", "researcher", "resident", "system",
    "service", "system-administrator", "security-administrator", "audit-administrator",
}  # fmt: skip
THREE = {"system-administrator", "security-administrator", "audit-administrator"}


def test_all_roles_are_there_with_words_and_a_home() -> None:
    assert set(ROLES) == NAMED
    assert ADMINISTRATORS == THREE
    assert {"doctor", "gp", "village-doctor", "nurse", "dispatcher", "maternal-child"} == CLINICAL
    for role in BY_KEY.values():
        assert role.home.startswith("/")
        assert all((role.name_zh, role.name_en, role.what_zh, role.what_en))


@pytest.mark.parametrize("first", sorted(NAMED))
def test_which_roles_one_person_may_hold_together(first: str) -> None:
    for second in sorted(NAMED - {first}):
        apart = bool({first, second} & THREE)
        assert (conflict(first, [second]) is not None) == apart, (first, second)


@given(st.sets(st.sampled_from(sorted(NAMED))), st.sampled_from(sorted(NAMED)))
def test_a_conflict_names_a_role_held_and_hides_behind_no_other(
    held: set[str], wanted: str
) -> None:
    found = conflict(wanted, held)
    clash = {one for one in held - {wanted} if {one, wanted} & THREE}
    assert (found is not None) == bool(clash)
    if found is not None:
        assert found[0] in clash


@pytest.mark.parametrize(("first", "second"), sorted(permutations(sorted(THREE), 2)), ids=str)
async def test_nobody_is_given_two_of_the_three_posts(
    pool: Pool, log: AuditLog, make_account: MakeAccount, first: str, second: str
) -> None:
    account = await make_account(role=first)
    with pytest.raises(AccountRefused, match="roles-apart"):
        await give_post(pool, log, account.id, NewPost(role=second), now=NOW)
    later = NewPost(role=second, begins=NOW + timedelta(days=30))
    with pytest.raises(AccountRefused, match="roles-apart"):
        await give_post(pool, log, account.id, later, now=NOW)
    assert len((await posts_of(pool, [account.id]))[account.id]) == 1


@pytest.mark.parametrize("other", sorted(NAMED - THREE - MACHINES - {"resident"}))
async def test_an_administrator_treats_nobody_and_no_clinician_administers(
    pool: Pool, log: AuditLog, make_account: MakeAccount, other: str
) -> None:
    doctor = await make_account(role=other)
    with pytest.raises(AccountRefused, match="roles-apart"):
        await give_post(pool, log, doctor.id, NewPost(role="audit-administrator"), now=NOW)
    shenji = await make_account(role="audit-administrator")
    wanted = NewPost(role=other, organisation=doctor.organisation)
    with pytest.raises(AccountRefused, match="roles-apart"):
        await give_post(pool, log, shenji.id, wanted, now=NOW)


async def test_a_second_account_of_the_same_person_is_no_way_around(
    pool: Pool, log: AuditLog, make_account: MakeAccount
) -> None:
    person = f"person-{(await make_account()).id}"
    await make_account(role="security-administrator", person=person)
    with pytest.raises(AccountRefused, match="roles-apart"):
        await make_account(role="doctor", person=person)


async def test_who_has_laid_one_post_down_may_take_another(
    pool: Pool, log: AuditLog, make_account: MakeAccount
) -> None:
    account = await make_account(role="system-administrator")
    assert account.post is not None
    await end_post(pool, log, account.post, now=NOW + timedelta(days=1))
    later = NOW + timedelta(days=1, minutes=1)
    await give_post(pool, log, account.id, NewPost(role="audit-administrator"), now=later)
    assert await roles_held(pool, account.id, now=later) == {"audit-administrator"}


async def test_administrators_are_made_on_the_command_line_alone(
    pool: Pool, log: AuditLog, make_account: MakeAccount
) -> None:
    by = await make_account(role="system-administrator")
    with pytest.raises(AccountRefused, match="operator-only"):
        await create_account(
            pool, log, login=f"neu-{by.id[:8]}", name="新", role="security-administrator",
            password=PASSWORD, now=NOW, by=by,
        )  # fmt: skip
    empty = await make_account()
    wanted = NewPost(role="security-administrator")
    with pytest.raises(AccountRefused, match="operator-only"):
        await give_post(pool, log, empty.id, wanted, now=NOW, by=by)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("roles: []", "apart"),
        ("roles: [{key: a}]\napart: []", "name_zh"),
        ("roles: []\napart: [{one: [x], other: [y], why_zh: '', why_en: ''}]", "x, y"),
        ("{", "roles.yaml"),
    ],
    ids=["no-rules", "no-name", "unknown", "no-yaml"],
)
def test_a_broken_file_of_roles_says_where(text: str, what: str) -> None:
    with pytest.raises(RolesBroken, match=what):
        read_roles(text.encode())
