"""Which patients a resource is about (FHIR R4 CompartmentDefinition patient, elements in use)."""

from minkang.fhir.json import Resource
from minkang.fhir.references import local_reference

_ELEMENTS: dict[str, tuple[str, ...]] = {
    "AllergyIntolerance": ("patient",),
    "Condition": ("subject",),
    "DiagnosticReport": ("subject",),
    "DocumentReference": ("subject",),
    "Encounter": ("subject",),
    "Immunization": ("patient",),
    "MedicationRequest": ("subject",),
    "Observation": ("subject",),
    "Procedure": ("subject",),
    "ServiceRequest": ("subject",),
}


def patients_of(resource: Resource) -> frozenset[str]:
    """Ids of the Patients in whose compartments the resource lies; empty if it is about nobody.

    A Person lies in the compartments of all Patients it links, so that whoever may follow one of
    them also learns that the link changed.
    """
    resource_type = resource.get("resourceType", "")
    if resource_type == "Patient":
        return frozenset([resource["id"]])
    if resource_type == "Person":
        targets = [local_reference(link.get("target")) for link in resource.get("link", [])]
    else:
        targets = [local_reference(resource.get(e)) for e in _ELEMENTS.get(resource_type, ())]
    return frozenset(target[1] for target in targets if target and target[0] == "Patient")
