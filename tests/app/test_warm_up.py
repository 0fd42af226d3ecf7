"""What is made beforehand is what the first request would have to wait for."""

import asyncio
import gc
from collections.abc import Iterator

import pytest

from minkang.app import warm_up as module
from minkang.app.warm_up import warm_up
from minkang.fhir import TYPE_CODES


@pytest.fixture(autouse=True)
def collector() -> Iterator[None]:
    """The collector of reference cycles stays for other tests as it was."""
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


async def test_every_type_is_met_and_requests_come_in_between(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[str] = []
    turns = 0
    monkeypatch.setattr(module, "_make", made.append)
    monkeypatch.setattr(module, "_PAUSE", 0)

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    beside = asyncio.create_task(other())
    await warm_up()
    beside.cancel()
    assert set(made) == set(TYPE_CODES)
    assert turns >= len(made)


def test_a_type_is_made_without_a_right_resource() -> None:
    for kind in ("Patient", "Bundle", "Parameters", "StructureDefinition"):
        module._make(kind)
