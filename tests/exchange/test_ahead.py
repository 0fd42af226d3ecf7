"""What the door mapped is taken by the processor beside it, if nothing can make a difference."""

import hashlib
from datetime import UTC, datetime

import msgspec

from minkang.exchange import Ahead, process_waiting
from minkang.exchange.channels.door import look_at_hl7v2
from minkang.exchange.mappings import Context, map_message
from tests.exchange.conftest import HAIBIN, Exchange
from tests.exchange.messages import PID, adt, oru

_KEY = b"k" * 32
_CAME = datetime(2026, 6, 1, tzinfo=UTC)


def context(raw: bytes) -> Context:
    return Context(HAIBIN, _KEY, _CAME, hashlib.sha256(raw).digest())


def test_what_was_made_ahead_is_what_mapping_makes_and_is_given_once() -> None:
    ahead = Ahead()
    raw = oru(report="LX1", control="x1")
    ahead.map(HAIBIN, _KEY, "mllp", raw)
    assert ahead.take(context(raw), "mllp") == map_message(context(raw), "mllp", raw)
    assert ahead.take(context(raw), "mllp") is None


def test_what_leans_on_when_a_message_came_is_mapped_again() -> None:
    ahead = Ahead()
    raw = adt(control="x2")
    undated = b"\r".join(
        b"|".join(b"" if (name == b"MSH" and n == 6) or (name == b"EVN" and n == 2) else field
                  for n, field in enumerate(line.split(b"|")))
        for line in raw.split(b"\r")
        for name in [line[:3]]
    )  # fmt: skip
    ahead.map(HAIBIN, _KEY, "mllp", undated)
    assert ahead.take(context(undated), "mllp") is None


def test_another_source_key_or_channel_is_mapped_again() -> None:
    raw = oru(report="LX3", control="x3")
    here = context(raw)
    renamed = msgspec.structs.replace(HAIBIN, name="海滨市第一人民医院")
    for other, channel in (
        (msgspec.structs.replace(here, source=renamed), "mllp"),
        (msgspec.structs.replace(here, id_key=b"o" * 32), "mllp"),
        (here, "wst"),
    ):
        ahead = Ahead()
        ahead.map(HAIBIN, _KEY, "mllp", raw)
        assert ahead.take(other, channel) is None


def test_only_so_many_messages_are_remembered() -> None:
    ahead = Ahead()
    raws = [oru(report=f"LX{n}", control=f"y{n}") for n in range(401)]
    for raw in raws:
        ahead.map(HAIBIN, _KEY, "mllp", raw)
    assert ahead.take(context(raws[0]), "mllp") is None
    assert ahead.take(context(raws[-1]), "mllp") is not None


async def test_a_message_mapped_ahead_is_stored_as_any_other(exchange: Exchange) -> None:
    ahead = Ahead()
    raw = oru(pid=PID.replace("P001", "X4"), report="LX4", control="x4")
    seen = look_at_hl7v2({HAIBIN.id: HAIBIN}, exchange.keys.id_key, raw, None, ahead)
    kept = await exchange.inbox.keep(seen.arrival)
    while (await process_waiting(exchange.store, exchange.keys, ahead=ahead)).messages:
        pass
    assert await exchange.state(kept.id) == "stored"
    made = await exchange.store.pool.fetch(
        "select id from exchange.made where message = $1", kept.id
    )
    expected = map_message(
        Context(HAIBIN, exchange.keys.id_key, _CAME, seen.arrival.hash), "mllp", raw
    )
    assert {row["id"] for row in made} == {one.key[1] for one in expected}
