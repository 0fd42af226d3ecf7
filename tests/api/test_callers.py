"""Who holds a token is remembered, and still every call sees what was taken away before it."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from minkang.accounts import Account, issue_token
from minkang.accounts.tokens import Holder, rights_number, token_holder
from minkang.api import Callers
from minkang.crypto import Keys
from minkang.policy import Gate
from minkang.store import Connection


class Asking:
    """Calls with one token, as two processes get them."""

    def __init__(self, gate: Gate, keys: Keys, token: str) -> None:
        self.store, self._keys, self._token = gate.store, keys, token
        self.one, self.other = Callers(), Callers()
        self.looked_up = 0

    async def call(self, process: Callers, at: datetime | None = None) -> Account | None:
        """Who is calling, as this process finds."""
        now = at or datetime.now(UTC)

        async def look_up() -> Holder | None:
            self.looked_up += 1
            return await token_holder(self.store.pool, self._keys, self._token, now=now)

        return await process.holder(self.store, self._token.encode(), now, look_up)


async def asking(gate: Gate, keys: Keys, lifetime: timedelta = timedelta(hours=1)) -> Asking:
    """With a token of its own."""
    issued = await issue_token(
        gate.store.pool,
        keys,
        gate.log,
        role="system",
        organisation="MK1",
        lifetime=lifetime,
        now=datetime.now(UTC),
    )
    return Asking(gate, keys, issued.token)


async def test_who_was_looked_up_is_not_looked_up_again(gate: Gate, keys: Keys) -> None:
    given = await asking(gate, keys)
    first = await given.call(given.one)
    assert first is not None
    assert [await given.call(given.one) for _ in range(5)] == [first] * 5
    assert given.looked_up == 1


async def test_calls_of_a_moment_share_the_question_whether_rights_were_taken_away(
    gate: Gate, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    given, asked = await asking(gate, keys), 0
    real = rights_number

    async def counted(connection: Connection) -> int:
        nonlocal asked
        asked += 1
        return await real(connection)

    monkeypatch.setattr("minkang.api.callers.rights_number", counted)
    await given.call(given.one)
    found = await asyncio.gather(*(given.call(given.one) for _ in range(200)))
    assert None not in found
    assert 1 <= asked <= 2
    assert given.looked_up == 1


async def test_a_revoked_token_is_dead_at_the_next_call_in_every_process(
    gate: Gate, keys: Keys
) -> None:
    given = await asking(gate, keys)
    for process in (given.one, given.other):
        assert await given.call(process) is not None
    await given.store.pool.execute(
        "update accounts.token set revoked = now() where id = (select id from accounts.token "
        "order by created desc limit 1)"
    )
    for process in (given.one, given.other):
        assert await given.call(process) is None


async def test_a_change_that_is_not_committed_yet_is_not_missed_when_it_is(
    gate: Gate, keys: Keys
) -> None:
    given = await asking(gate, keys)
    assert await given.call(given.one) is not None
    async with given.store.pool.acquire() as connection, connection.transaction():
        await connection.execute(
            "update accounts.token set revoked = now() where id = (select id from accounts.token "
            "order by created desc limit 1)"
        )
        for process in (given.one, given.other):
            assert await given.call(process) is not None
    for process in (given.one, given.other):
        assert await given.call(process) is None


async def test_a_token_is_not_remembered_past_its_end(gate: Gate, keys: Keys) -> None:
    given = await asking(gate, keys, timedelta(minutes=1))
    assert await given.call(given.one) is not None
    later = datetime.now(UTC) + timedelta(minutes=1, seconds=1)
    assert await given.call(given.one, later) is None


async def test_a_database_that_does_not_answer_lets_nobody_in(
    gate: Gate, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = await asking(gate, keys)
    await given.call(given.one)

    async def lost(connection: Connection) -> int:
        raise OSError("the connection was lost")

    monkeypatch.setattr("minkang.api.callers.rights_number", lost)
    for _ in range(2):
        with pytest.raises(OSError, match="lost"):
            await given.call(given.one)
    monkeypatch.undo()
    assert await given.call(given.one) is not None
