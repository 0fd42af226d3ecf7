"""The long proof of the practice region: through a real database, and what memory it takes."""

from pathlib import Path

import pytest

from minkang.config import Settings
from minkang.crypto import load_keys
from tests.synth.region_proof import MEMORY, memory, prove_region


@pytest.mark.prove
def test_what_becomes_of_a_region_is_what_its_truth_says(database_url: str, tmp_path: Path) -> None:
    load_keys(tmp_path / "keys", create=True)
    settings = Settings(home=tmp_path, database_url=database_url)
    outcome = prove_region(settings, database_url, tmp_path / "region", 150, 3)
    assert outcome.faults == []
    assert outcome.lost["visits"] > 0
    assert outcome.dead > 0


@pytest.mark.prove
def test_four_times_the_residents_take_no_more_memory(tmp_path: Path) -> None:
    small, large = (memory(n, 3, tmp_path / str(n)) for n in (100, 400))
    assert large <= small * MEMORY
