"""Invented registers of a few hundred people, for the tests of training and batch."""

from functools import cache

from minkang.app.linkage_trial import Trial, features_of_row, rows_of
from minkang.identity.linkage.features import Features
from minkang.synth.dirt.registers.row import RegisterRow


@cache
def some_rows(people: int = 600, seed: int = 3) -> tuple[RegisterRow, ...]:
    """All registrations of the first so many people."""
    return tuple(rows_of(Trial("development", people, seed)))


@cache
def some_features(people: int = 600, seed: int = 3) -> tuple[Features, ...]:
    """What of them counts for matching."""
    return tuple(features_of_row(row) for row in some_rows(people, seed))
