"""One world for all tests of people, and its first hundred thousand thin lives."""

from datetime import date

import pytest

from minkang.synth.people import ThinBlock, households, thin_block
from minkang.synth.place import build_place
from minkang.synth.record import Household, World

BEGIN, TODAY = date(2016, 11, 22), date(2026, 11, 22)


@pytest.fixture(scope="session")
def world() -> World:
    return World(7, BEGIN, TODAY, build_place(7))


@pytest.fixture(scope="session")
def thin(world: World) -> ThinBlock:
    return thin_block(world, 0, 42_500)


@pytest.fixture(scope="session")
def some(world: World) -> list[Household]:
    return list(households(world, range(3000)))
