"""One place for all tests of it: it never changes."""

import pytest

from minkang.synth.place import Place, build_place


@pytest.fixture(scope="session")
def place() -> Place:
    return build_place(7)
