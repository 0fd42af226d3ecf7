"""Documents from the inbox into the store, or into quarantine with place and rule."""

from minkang.exchange import Arrival, Kept
from minkang.exchange.cda import label_of
from tests.exchange import cda_samples as samples
from tests.exchange.conftest import Exchange


async def keep(exchange: Exchange, *documents: bytes) -> list[Kept]:
    return [
        await exchange.inbox.keep(Arrival("haibin", "document", *label_of(raw), raw))
        for raw in documents
    ]


async def test_documents_are_stored_and_a_second_copy_changes_nothing(exchange: Exchange) -> None:
    samples.there()
    raw = [samples.written(root) for root in samples.whole().values()]
    for number, one in enumerate(raw):
        raw[number] = one.replace(samples.DOCUMENT_ID.encode(), f"{number + 1:032d}".encode())
    kept = await keep(exchange, *raw)
    await exchange.process()
    assert [await exchange.rules(one.id) for one in kept] == [[]] * len(raw)
    assert [await exchange.state(one.id) for one in kept] == ["stored"] * len(raw)
    assert [one.repeated for one in await keep(exchange, *raw)] == [True] * len(raw)
    async with exchange.store.pool.acquire() as connection:
        made = await connection.fetch(
            "select distinct id, type from exchange.made where message = any($1::bigint[])",
            [one.id for one in kept],
        )
        kinds = await connection.fetch(
            "select distinct kind from exchange.message where channel = 'document'"
        )
    assert len(made) > 40
    assert {row["kind"] for row in kinds} == {f"document:{kind}" for kind in samples.whole()}


async def test_a_document_that_is_refused_lies_in_quarantine_with_its_place(
    exchange: Exchange,
) -> None:
    samples.there()
    root = samples.laboratory()
    samples.set_all(root, "h:id/@extension", "d" * 32)
    samples.set_all(root, "h:effectiveTime/@value", "20260230080000")
    bomb = b'<!DOCTYPE a [<!ENTITY b "b">]><a>&b;</a>'
    kept = await keep(exchange, samples.written(root), bomb, b"")
    await exchange.process()
    assert [await exchange.state(one.id) for one in kept] == ["quarantined"] * 3
    assert [await exchange.rules(one.id) for one in kept] == [
        [("/ClinicalDocument/effectiveTime/@value 第 2 行", "calendar-date")],
        [("第 1 行", "doctype")],
        [("第 1 行第 1 列", "xml")],
    ]


async def test_a_kind_without_mapping_is_stored_and_noted_so(exchange: Exchange) -> None:
    samples.there()
    (kept,) = await keep(exchange, samples.written(samples.document("C0038")))
    await exchange.process()
    assert await exchange.state(kept.id) == "stored"
    assert await exchange.rules(kept.id) == [("/ClinicalDocument/code/@code 第 2 行", "no-mapping")]
