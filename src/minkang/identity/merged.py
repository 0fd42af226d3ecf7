"""Patients that a source has merged (HL7 v2 A40): who replaces a Patient."""

from minkang.fhir import Resource, survivor_of


def replaced_by(patient: Resource) -> str | None:
    """The id of the Patient that replaces this one."""
    survivor = survivor_of(patient)
    return survivor.removeprefix("Patient/") if survivor else None
