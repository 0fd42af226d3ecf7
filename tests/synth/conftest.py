from datetime import date

import pytest

from minkang.synth import Region, generate

TODAY = date(2026, 3, 2)


@pytest.fixture(scope="session")
def region() -> Region:
    return generate(200, 7, TODAY)
