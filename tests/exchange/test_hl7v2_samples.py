"""The 70 samples of third parties: each comes in, and what it becomes is valid."""

from pathlib import Path

import pytest

from minkang.exchange.hl7v2 import header
from minkang.exchange.mappings import Context, map_message
from minkang.exchange.mappings.hl7v2 import note_on
from minkang.exchange.sources import Source
from minkang.fhir import Refused
from tests.exchange.hl7v2_mapped import CONTEXT, merged

FOLDER = Path(__file__).parents[2].parent / "shared" / "data" / "hl7v2"

REFUSED: dict[str, tuple[str, str]] = {}
"""Sample to place and rule of its first problem: today there is none."""

UNMAPPED = {
    *(f"ADT-A{event}-01" for event in "09 10 14 15 16 25 26 27 29 41 45 60".split()),
    *"BAR-P01-02 BAR-P02-02 BAR-P12-02 DFT-P03-02 DFT-P11-02".split(),
    *"PC1-Problem-Delete-v2.3.1 REF-I12-01 REF-I14-01".split(),
}
"""Samples of a kind without mapping: taken in, found by their patient."""


def samples() -> list[Path]:
    return sorted(FOLDER.glob("*.hl7"))


@pytest.fixture(autouse=True)
def there() -> None:
    if not samples():
        pytest.skip("NOT RUN: ../shared/data/hl7v2 is not there")


def source(raw: bytes) -> Context:
    """The samples' senders are not ours: they are taken in under one name, as `load --source`."""
    sender = Source(id="samples", name="样例", organisation="MKSAMPLES", channels=("mllp",))
    return Context(sender, CONTEXT.id_key, CONTEXT.received, CONTEXT.content_hash)


def test_all_seventy_come_in_or_are_refused_with_the_right_reason() -> None:
    found: dict[str, tuple[str, str]] = {}
    for path in samples():
        raw = path.read_bytes()
        try:
            assert merged(map_message(source(raw), "mllp", raw)), path.name
        except Refused as refusal:
            found[path.stem] = (refusal.problems[0].place, refusal.problems[0].rule)
    assert len(samples()) == 70
    assert found == REFUSED


def test_the_message_log_says_which_have_no_mapping_yet() -> None:
    notes = {path.stem: note_on(path.read_bytes(), "utf-8") for path in samples()}
    assert {name for name, note in notes.items() if note is not None} == UNMAPPED
    assert {note.rule for note in notes.values() if note is not None} == {"no-mapping"}


@pytest.mark.parametrize(
    ("family", "expected"),
    [
        ("ADT-A01", {"Patient", "Encounter", "Condition", "AllergyIntolerance"}),
        ("ADT-A40", {"Patient"}),
        ("ORM-O01-06", {"Patient", "MedicationRequest", "AllergyIntolerance"}),
        ("OML-O21-01", {"Patient", "ServiceRequest", "AllergyIntolerance"}),
        ("RDS-O13", {"Patient", "MedicationRequest", "MedicationDispense"}),
        ("LAB-ORU", {"Patient", "DiagnosticReport", "Observation"}),
        ("OUL-R22", {"Patient", "DiagnosticReport"}),
        ("MDM-T02", {"Patient", "DocumentReference"}),
        ("SIU-S12", {"Patient", "Appointment"}),
        ("VXU", {"Patient", "Immunization"}),
    ],
)
def test_what_the_families_become(family: str, expected: set[str]) -> None:
    for path in samples():
        if path.stem.startswith(family):
            raw = path.read_bytes()
            made = merged(map_message(source(raw), "mllp", raw))
            assert {kind for kind, _ in made} == expected, path.name


def test_every_sample_has_a_header_that_can_be_answered() -> None:
    for path in samples():
        assert header(path.read_bytes()) is not None, path.name
