"""kill -9 while systems write to the FHIR base: nothing acknowledged is lost, nothing is half."""

import pytest

from tests.e2e.fhir_storm import TARGETS, fhir_storm
from tests.e2e.installation import installation

pytestmark = pytest.mark.prove


def test_whatever_is_killed_every_acknowledged_write_is_there_whole() -> None:
    with installation() as made:
        outcome = fhir_storm(made, kills=len(TARGETS), seed=11)
    assert outcome.faults == ()
    assert (outcome.lost, outcome.doubled, outcome.halves) == (0, 0, 0)
    assert sum(row.acknowledged for row in outcome.rows) >= 50
