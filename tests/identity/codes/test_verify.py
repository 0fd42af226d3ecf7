"""Whether a token counts, with the keys of now and before; used up once, by whoever comes first."""

import asyncio
import base64
from datetime import datetime

import pytest

from minkang.crypto import Keys, load_keys
from minkang.crypto.wrapping import make_next_key, take_next_key
from minkang.identity import Resident
from minkang.identity.codes import (
    CodeKeys,
    change_code,
    issue_code,
    show,
    use_up,
    verify,
    visit_token,
)
from minkang.identity.codes.keys import code_keys, make_code_key, rewrap_code_keys
from minkang.identity.codes.steps import Step
from minkang.identity.codes.token import PREFIX, mac_of, make_token
from minkang.identity.codes.verify import forget_used
from tests.identity.codes.people import NOW, People, later


async def issued(people: People, name: str) -> tuple[Resident, int]:
    who = await people.born(name)
    code = await issue_code(people.store, people.log, who, by=None, now=NOW)
    return who, code.id


async def shown(people: People, code: int, now: datetime = NOW) -> str:
    made = await show(
        people.store, people.keys, people.held, code, now=now, validity=people.validity
    )
    return made.text


async def verdict(
    people: People, text: str, now: datetime = NOW, held: CodeKeys | None = None, at: str = "MK1"
) -> str:
    found = await verify(
        people.store,
        people.keys,
        held or people.held,
        text,
        now=now,
        validity=people.validity,
        institution=at,
    )
    return found.verdict


async def test_a_token_counts_for_its_minute(people: People) -> None:
    who, code = await issued(people, "一分钟")
    text = await shown(people, code)
    found = await verify(
        people.store, people.keys, people.held, text, now=NOW, validity=people.validity
    )
    assert (found.verdict, found.person, found.until) == ("good", who.person, later(seconds=60))
    assert await verdict(people, text, later(seconds=59)) == "good"
    assert await verdict(people, text, later(seconds=60)) == "expired"
    assert await verdict(people, text, later(seconds=-4)) == "good"  # clocks are not quite alike
    assert await verdict(people, text, later(seconds=-20)) == "early"


async def test_a_code_of_nobody_is_unknown_though_its_mac_is_right(people: People) -> None:
    assert await verdict(people, await shown(people, 2**40)) == "unknown"


@pytest.mark.parametrize(
    ("step", "expected"),
    [("freeze", "frozen"), ("lost", "lost"), ("revoke", "revoked"), ("reissue", "revoked")],
)
async def test_a_code_that_was_stopped_does_not_count(
    step: Step, expected: str, people: People
) -> None:
    who, code = await issued(people, f"停{step}")
    text = await shown(people, code)
    await change_code(people.store, people.log, who, step, by=None, now=NOW)
    assert await verdict(people, text) == expected
    assert await verdict(people, text, later(days=1)) == expected


async def test_a_token_is_used_up_once_by_whoever_comes_first(people: People) -> None:
    _, code = await issued(people, "单次")
    text = await shown(people, code)
    servers = [CodeKeys() for _ in range(8)]

    async def bring(held: CodeKeys) -> bool:
        found = await verify(
            people.store, people.keys, held, text, now=NOW, validity=people.validity
        )
        assert found.verdict == "good"
        return await use_up(people.store.pool, found)

    won = await asyncio.gather(*(bring(held) for held in servers))
    assert sum(won) == 1
    assert not await bring(people.held)


async def test_what_was_used_is_forgotten_when_it_no_longer_counts(people: People) -> None:
    _, code = await issued(people, "遗忘")
    found = await verify(
        people.store,
        people.keys,
        people.held,
        await shown(people, code),
        now=NOW,
        validity=people.validity,
    )
    assert await use_up(people.store.pool, found)
    await forget_used(people.store.pool, later(minutes=5))
    assert not await use_up(people.store.pool, found)
    await forget_used(people.store.pool, later(minutes=30))
    assert await people.store.pool.fetchval("select count(*) from identity.code_used") == 0


async def test_only_what_counts_is_used_up(people: People) -> None:
    _, code = await issued(people, "不算")
    text = await shown(people, code)
    found = await verify(
        people.store,
        people.keys,
        people.held,
        text,
        now=later(minutes=5),
        validity=people.validity,
    )
    assert found.verdict == "expired"
    assert not await use_up(people.store.pool, found)


async def test_a_visit_token_counts_at_its_institution_for_hours(people: People) -> None:
    _, code = await issued(people, "就诊")
    made = await visit_token(
        people.store,
        people.keys,
        people.held,
        code,
        "MK1",
        now=NOW,
        validity=people.validity,
    )
    assert await verdict(people, made.text, later(hours=3)) == "good"
    assert await verdict(people, made.text, later(hours=4)) == "expired"
    assert await verdict(people, made.text, at="MK2") == "tampered"


async def test_another_regions_token_is_nothing(people: People) -> None:
    _, code = await issued(people, "外地")
    text = await shown(people, code)
    version = (await people.held.current(people.store.pool, people.keys, "token")).version
    foreign = make_token(
        mac_of(bytes(32)), "show", key=version, code=code, issued=int(NOW.timestamp())
    )
    assert await verdict(people, foreign) == "tampered"
    raw = bytearray(base64.b32decode(text[len(PREFIX) :]))
    raw[1:3] = (999).to_bytes(2, "big")  # a key that nobody here has
    assert await verdict(people, PREFIX + base64.b32encode(bytes(raw)).decode()) == "tampered"


async def test_a_new_key_counts_on_all_servers_and_the_old_one_for_its_overlap(
    people: People,
) -> None:
    _, code = await issued(people, "换钥")
    other = CodeKeys()
    before = await shown(people, code)
    assert await verdict(people, before, held=other) == "good"
    async with people.store.pool.acquire() as connection:
        version = await make_code_key(connection, people.keys, "token")
    fresh = CodeKeys()
    made = await show(people.store, people.keys, fresh, code, now=NOW, validity=people.validity)
    await asyncio.sleep(0.6)  # so often a server looks for a key that it does not know
    assert await verdict(people, made.text, held=other) == "good"
    assert await verdict(people, before, held=fresh) == "good"
    async with people.store.pool.acquire() as connection:
        await connection.execute(
            """update identity.code_key set retired = '2020-01-01'
               where kind = 'token' and version = $1""",
            version - 1,
        )
    assert await verdict(people, before, held=CodeKeys()) == "tampered"
    async with people.store.pool.acquire() as connection:
        await make_code_key(connection, people.keys, "token")
        gone = [(one.kind, one.version) for one in await code_keys(connection) if one.destroyed]
    assert gone == [("token", version - 1)]


async def test_two_servers_that_begin_at_once_make_one_key(people: People) -> None:
    async with people.store.pool.acquire() as connection:
        await connection.execute("delete from identity.code_key")
    servers = [CodeKeys() for _ in range(6)]
    pool, keys = people.store.pool, people.keys
    made = await asyncio.gather(*(one.current(pool, keys, "token") for one in servers))
    assert len(set(made)) == 1


async def test_another_envelope_key_wraps_the_keys_anew_and_tokens_go_on(
    people: People, tmp_path_factory: pytest.TempPathFactory
) -> None:
    _, code = await issued(people, "信封")
    folder = tmp_path_factory.mktemp("envelope")
    own: Keys = load_keys(folder, create=True)
    async with people.store.pool.acquire() as connection:
        await connection.execute("delete from identity.code_key")
    held = CodeKeys()
    made = await show(people.store, own, held, code, now=NOW, validity=people.validity)
    make_next_key(folder)
    take_next_key(folder)
    async with people.store.pool.acquire() as connection:
        assert await rewrap_code_keys(connection, own) == 3
        assert await rewrap_code_keys(connection, own) == 0
    (folder / "envelope.previous.key").unlink()
    found = await verify(
        people.store, own, CodeKeys(), made.text, now=NOW, validity=people.validity
    )
    assert found.verdict == "good"
    async with people.store.pool.acquire() as connection:
        await connection.execute("delete from identity.code_key")
