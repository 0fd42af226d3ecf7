"""Sources: what they may send, their trial, their secrets."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from minkang.crypto import Keys
from minkang.exchange import Inbox, Source, process_waiting, register, save_source
from minkang.exchange.channels.door import look_at_hl7v2
from minkang.exchange.credentials import (
    credentials,
    is_credential,
    issue_credential,
    revoke_credential,
)
from minkang.exchange.log import states
from minkang.exchange.sources import go_live, sources
from minkang.store import Store
from tests.exchange.messages import adt

NOW = datetime(2026, 5, 4, 8, tzinfo=UTC)


def source(**fields: object) -> Source:
    return msgspec.convert(
        {
            "id": "haibin",
            "name": "海滨市人民医院",
            "organisation": "MKHAIBIN",
            "channels": ["mllp"],
            **fields,
        },
        Source,
    )


def test_an_address_is_allowed_by_its_network() -> None:
    assert source().sends_from("192.0.2.1")
    inside = source(addresses=["10.1.2.0/24", "fd00::1"])
    assert inside.sends_from("10.1.2.77")
    assert inside.sends_from("fd00::1")
    assert not inside.sends_from("10.1.3.1")


@pytest.mark.parametrize("wrong", [{"addresses": ["10.1.2.x"]}, {"channels": []}, {"stage": "no"}])
def test_what_is_no_description_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        source(**wrong)


def test_a_source_sends_by_its_channels_while_it_is_enabled() -> None:
    assert source().sends_by("mllp")
    assert not source().sends_by("wst")
    assert not source(enabled=False).sends_by("mllp")


@pytest.mark.parametrize("keep", [True, False])
async def test_a_trial_keeps_judges_and_stores_nothing_until_it_is_live(
    store: Store, keys: Keys, keep: bool
) -> None:
    name = f"trial-{keep}".lower()
    await register(store, source(id=name, stage="trial"))
    async with store.pool.acquire() as connection:
        known = await sources(connection)
    inbox = Inbox(store)
    try:
        good = look_at_hl7v2(known, keys.id_key, adt(sender=name))
        bad = look_at_hl7v2(known, keys.id_key, adt(sender=name).replace(b"0315|M", b"0332|M"))
        kept = [await inbox.keep(one.arrival) for one in (good, bad)]
    finally:
        await inbox.close()
    assert [one.state for one in kept] == ["trial", "trial"]
    assert (await process_waiting(store, keys)).messages == 0

    async with store.pool.acquire() as connection:
        assert await go_live(connection, name, keep=keep) == (2 if keep else 0)
        assert (await sources(connection))[name].stage == "live"
    done = await process_waiting(store, keys)
    assert (done.stored, done.quarantined) == ((1, 1) if keep else (0, 0))
    async with store.pool.acquire() as connection:
        left = await states(connection, [one.id for one in kept])
    assert list(left.values()) == (["stored", "quarantined"] if keep else [])


async def test_a_secret_opens_its_source_alone_until_it_is_revoked(
    store: Store, keys: Keys
) -> None:
    async with store.pool.acquire() as connection:
        await save_source(connection, source())
        await save_source(connection, source(id="nanshan", organisation="MKNANSHAN"))
        secret, issued = await issue_credential(connection, keys, "haibin", "HIS", NOW)
        assert await is_credential(connection, keys, "haibin", secret, NOW)
        assert not await is_credential(connection, keys, "nanshan", secret, NOW)
        assert not await is_credential(connection, keys, "haibin", secret + "x", NOW)
        later = NOW + timedelta(minutes=5)
        assert await is_credential(connection, keys, "haibin", secret, later)
        [one] = await credentials(connection, "haibin")
        assert (one.label, one.last_used) == ("HIS", later)
        assert await revoke_credential(connection, issued.id, later)
        assert not await revoke_credential(connection, issued.id, later)
        assert not await is_credential(connection, keys, "haibin", secret, later)
        found = await connection.fetchval("select hash from exchange.credential")
    assert secret.encode() not in found
