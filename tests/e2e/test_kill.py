"""kill -9 under load: what was acknowledged is in the record or in quarantine, once."""

from collections.abc import Iterator

import pytest

from tests.e2e.installation import Installation, installation
from tests.e2e.running import Cast, make_cast
from tests.e2e.storm import TARGETS, storm

SEED = 7


@pytest.fixture(scope="module")
def stormy() -> Iterator[Installation]:
    """An installation of its own: it will be killed."""
    with installation() as made:
        yield made


@pytest.fixture(scope="module")
def stormy_cast(stormy: Installation) -> Cast:
    return make_cast(stormy)


@pytest.mark.prove
def test_whatever_is_killed_every_acknowledged_message_is_kept_once(
    stormy: Installation, stormy_cast: Cast
) -> None:
    outcome = storm(stormy, stormy_cast, kills=len(TARGETS), seed=SEED)
    assert outcome.faults == ()
    assert {row.kill.what for row in outcome.rows} == set(TARGETS)
    assert sum(row.acknowledged for row in outcome.rows) >= 50
    assert sum(row.refused for row in outcome.rows) >= 3
    assert outcome.pages > 0
    verified = stormy.command("audit", "verify")
    assert (verified.returncode, "intact" in verified.stdout) == (0, True), verified.stdout
