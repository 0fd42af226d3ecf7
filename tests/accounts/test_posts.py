"""Posts: in force by time, many to one account, and what ends with them at the next request."""

import secrets
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minkang.accounts import (
    AccountRefused,
    Session,
    create_organisation,
    log_in,
    session_account,
)
from minkang.accounts.directory import Directory
from minkang.accounts.login import Disabled
from minkang.accounts.post_steps import EARLIEST, NewPost
from minkang.accounts.posts import Post, end_post, give_post, posts_of, switch_post, transfer
from minkang.accounts.sessions import token_hash
from minkang.audit import AuditLog, AuditUnavailable
from minkang.crypto import Keys
from minkang.store import Pool
from tests.accounts.conftest import NOW, PASSWORD, MakeAccount

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


async def other_place(pool: Pool) -> str:
    key = "org-" + secrets.token_hex(4)
    await create_organisation(pool, organisation_id=key, name="另一医院", kind="hospital")
    return key


async def begin(pool: Pool, keys: Keys, log: AuditLog, login: str, now: datetime) -> Session:
    session = await log_in(pool, keys, log, login, PASSWORD, address="10.0.0.1", now=now)
    assert isinstance(session, Session)
    return session


async def test_a_departed_doctors_open_session_is_refused_at_the_next_request(
    pool: Pool, keys: Keys, log: AuditLog, make_account: MakeAccount
) -> None:
    doctor = await make_account()
    session = await begin(pool, keys, log, doctor.login, NOW)
    acting = await session_account(pool, keys, session.token, now=NOW + MINUTE)
    assert acting is not None
    assert (acting.post, acting.role, acting.institution) == (
        doctor.post, "doctor", doctor.organisation,
    )  # fmt: skip
    assert doctor.post is not None
    await end_post(pool, log, doctor.post, now=NOW + MINUTE, why="离职")
    assert await session_account(pool, keys, session.token, now=NOW + MINUTE) is None
    again = await log_in(
        pool, keys, log, doctor.login, PASSWORD, address="10.0.0.1", now=NOW + 2 * MINUTE
    )
    assert isinstance(again, Disabled)
    (post,) = (await posts_of(pool, [doctor.id]))[doctor.id]
    assert (post.ended_by, post.why_ended, post.ends) == ("operator", "离职", NOW + MINUTE)


async def test_a_post_with_an_end_works_up_to_it_and_no_longer(
    pool: Pool, keys: Keys, log: AuditLog, make_account: MakeAccount
) -> None:
    doctor = await make_account()
    session = await begin(pool, keys, log, doctor.login, NOW)
    assert doctor.post is not None
    await end_post(pool, log, doctor.post, now=NOW, ends=NOW + 10 * MINUTE)
    assert await session_account(pool, keys, session.token, now=NOW + 9 * MINUTE) is not None
    assert await session_account(pool, keys, session.token, now=NOW + 10 * MINUTE) is None


async def test_a_post_that_has_not_begun_opens_nothing(
    pool: Pool, keys: Keys, log: AuditLog, make_account: MakeAccount
) -> None:
    doctor = await make_account()
    assert doctor.post is not None
    place = await other_place(pool)
    wanted = NewPost(role="nurse", organisation=place, begins=NOW + 30 * DAY)
    coming = await give_post(pool, log, doctor.id, wanted, now=NOW)
    session = await begin(pool, keys, log, doctor.login, NOW)
    with pytest.raises(AccountRefused, match="post-unknown"):
        await switch_post(pool, log, token_hash(keys, session.token), coming, now=NOW)
    await end_post(pool, log, doctor.post, now=NOW + MINUTE)
    later = await begin(pool, keys, log, doctor.login, NOW + 31 * DAY)
    assert (later.account.role, later.account.organisation) == ("nurse", place)


async def test_somebody_with_two_posts_acts_in_one_and_changes_between_them(
    pool: Pool, keys: Keys, log: AuditLog, make_account: MakeAccount
) -> None:
    doctor = await make_account()
    place = await other_place(pool)
    second = await give_post(
        pool, log, doctor.id, NewPost(role="gp", organisation=place), now=NOW + MINUTE
    )
    session = await begin(pool, keys, log, doctor.login, NOW + 2 * MINUTE)
    assert session.account.post == doctor.post
    hashed = token_hash(keys, session.token)
    switched = await switch_post(pool, log, hashed, second, now=NOW + 3 * MINUTE)
    assert (switched.role, switched.organisation) == ("gp", place)
    acting = await session_account(pool, keys, session.token, now=NOW + 3 * MINUTE)
    assert acting is not None
    assert acting.post == second
    next_time = await begin(pool, keys, log, doctor.login, NOW + 4 * MINUTE)
    assert next_time.account.post == second
    await end_post(pool, log, second, now=NOW + 5 * MINUTE)
    assert await session_account(pool, keys, session.token, now=NOW + 5 * MINUTE) is None


async def test_nobody_acts_in_another_ones_post(
    pool: Pool, keys: Keys, log: AuditLog, make_account: MakeAccount
) -> None:
    doctor, other = await make_account(), await make_account()
    session = await begin(pool, keys, log, doctor.login, NOW)
    for post in (str(other.post), "nothing", "0" * 32):
        with pytest.raises(AccountRefused, match="post-unknown"):
            await switch_post(pool, log, token_hash(keys, session.token), post, now=NOW)


async def test_a_transfer_is_one_end_and_one_beginning(
    pool: Pool, log: AuditLog, make_account: MakeAccount
) -> None:
    doctor = await make_account()
    place = await other_place(pool)
    assert doctor.post is not None
    to = NewPost(role="doctor", organisation=place, begins=NOW + DAY)
    given = await transfer(pool, log, doctor.post, to, now=NOW)
    posts = {post.id: post for post in (await posts_of(pool, [doctor.id]))[doctor.id]}
    assert posts[doctor.post].ends == posts[given].begins == NOW + DAY
    assert posts[doctor.post].in_force(NOW) != posts[given].in_force(NOW)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"role": "wizard"}, "role-unknown"),
        ({"role": "system"}, "role-of-machines"),
        ({"role": "resident", "organisation": None}, "person-needed"),
        ({"organisation": None}, "organisation-needed"),
        ({"organisation": "nowhere"}, "organisation-unknown"),
        ({"begins": NOW - EARLIEST - DAY}, "dates-unsuitable"),
        ({"begins": NOW + DAY, "ends": NOW + DAY}, "dates-unsuitable"),
        ({"ends": NOW - DAY}, "dates-unsuitable"),
        ({"title": "x" * 101}, "text-unsuitable"),
        ({"department": "a\nb"}, "text-unsuitable"),
        ({}, "post-held"),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(value) or "again",
)
async def test_a_post_that_makes_no_sense_is_refused_by_its_code(
    pool: Pool, log: AuditLog, make_account: MakeAccount, change: dict[str, object], code: str
) -> None:
    doctor = await make_account()
    fields = {"role": "doctor", "organisation": doctor.organisation} | change
    with pytest.raises(AccountRefused) as refused:
        await give_post(pool, log, doctor.id, NewPost(**fields), now=NOW)  # type: ignore[arg-type]
    assert refused.value.code == code
    assert len((await posts_of(pool, [doctor.id]))[doctor.id]) == 1


async def test_nobody_changes_the_own_posts(
    pool: Pool, log: AuditLog, make_account: MakeAccount
) -> None:
    own = await make_account(role="system-administrator")
    assert own.post is not None
    with pytest.raises(AccountRefused, match="own-account"):
        await end_post(pool, log, own.post, now=NOW, by=own)
    place = NewPost(role="doctor", organisation=own.organisation)
    with pytest.raises(AccountRefused, match="own-account"):
        await give_post(pool, log, own.id, place, now=NOW, by=own)
    (post,) = (await posts_of(pool, [own.id]))[own.id]
    assert post.ends is None


async def test_without_audit_no_post_is_given_or_ended(
    pool: Pool, log: AuditLog, make_account: MakeAccount
) -> None:
    doctor = await make_account()
    place = await other_place(pool)
    assert doctor.post is not None
    await log.close()
    with pytest.raises(AuditUnavailable):
        await give_post(pool, log, doctor.id, NewPost(role="gp", organisation=place), now=NOW)
    with pytest.raises(AuditUnavailable):
        await end_post(pool, log, doctor.post, now=NOW)
    (post,) = (await posts_of(pool, [doctor.id]))[doctor.id]
    assert post.ends is None


async def test_the_institution_of_a_post_is_what_its_department_belongs_to(
    pool: Pool, log: AuditLog, make_account: MakeAccount
) -> None:
    doctor = await make_account()
    department = f"{doctor.organisation}-nk"
    await pool.execute(
        "insert into accounts.organisation (id, name, kind, level, parent, institution) "
        "values ($1, '内科', 'department', 'department', $2, $2)",
        department,
        doctor.organisation,
    )
    inside = await make_account(organisation=department)
    assert (inside.organisation, inside.institution) == (department, doctor.organisation)
    assert (await Directory(pool).fresh()).institution_of(department) == doctor.organisation


minutes = st.integers(-500, 500).map(lambda n: NOW + n * MINUTE)


@given(minutes, st.none() | minutes, minutes)
def test_a_post_is_in_force_from_its_beginning_to_before_its_end(
    begins: datetime, ends: datetime | None, now: datetime
) -> None:
    post = Post("1", "2", "doctor", None, None, "", "", begins, ends, "operator", None, None)
    assert post.in_force(now) == (begins <= now and not (ends is not None and ends <= now))
