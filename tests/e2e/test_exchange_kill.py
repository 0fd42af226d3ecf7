"""kill -9 while every channel sends: what was acknowledged is there once.

With `make prove`; `make test` kills while messages come over MLLP (`test_kill`).
"""

import pytest

from tests.e2e.exchange_storm import TARGETS, exchange_storm
from tests.e2e.installation import installation

OWN = ("web", "listener", "worker")
"""The database's processes are killed in the other storms, and all of them in `make prove`."""


@pytest.mark.prove
def test_whatever_is_killed_every_message_of_every_channel_is_kept_once() -> None:
    with installation() as made:
        outcome = exchange_storm(made, kills=len(OWN), seed=5)
    assert outcome.faults == ()
    assert tuple(row.kill.what for row in outcome.rows) == OWN == TARGETS[: len(OWN)]
    assert sum((row.lost, row.doubled) != (0, 0) for row in outcome.rows) == 0
    assert sum(sum(row.answered.values()) for row in outcome.rows) >= 50
