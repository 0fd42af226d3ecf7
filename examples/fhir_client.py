"""Write to the FHIR base, search it and read back, with the client `fhirpy` from PyPI.

    pip install fhirpy
    TOKEN=$(minkang token --role system --org MK37109800100000110001)
    python examples/fhir_client.py http://127.0.0.1:8000/fhir "$TOKEN"

The token belongs to a connected system; what it writes counts as its organisation's, and it reads
what its organisation sent. The organisation here is the first hospital of `minkang demo`. The
patient is invented, and may be written any number of times: its identifier says which it is.
"""

import sys
from typing import Any

from fhirpy import SyncFHIRClient

NUMBER = {"system": "urn:example:fhir-client", "value": "EX-1"}


def main(base: str, token: str) -> list[dict[str, Any]]:
    """Write a patient with two results, show its health code, give back the results as found."""
    client = SyncFHIRClient(base, authorization=f"Bearer {token}")

    patients = client.resources("Patient")
    patient = patients.search(identifier=f"{NUMBER['system']}|{NUMBER['value']}").first()
    if patient is None:
        patient = client.resource(
            "Patient",
            identifier=[NUMBER],
            name=[{"text": "例小明"}],
            gender="female",
            birthDate="1985-03-12",
        )
        patient.save()
    # Who it is was worked out before the answer came.
    number = client.execute(
        "Patient/$ihe-pix",
        method="get",
        params={
            "sourceIdentifier": f"{base}|Patient/{patient.id}",
            "targetSystem": "urn:minkang:ehealth-code",
        },
    )["parameter"][0]["valueIdentifier"]["value"]
    sys.stdout.write(f"Electronic health code: {number}\n")

    for day, value in (("2026-11-20", 5.4), ("2026-11-21", 11.2)):
        result = client.resource(
            "Observation",
            id=f"example-{patient.id}-{day}",
            status="final",
            code={"coding": [{"system": "http://loinc.org", "code": "14749-6"}], "text": "葡萄糖"},
            subject={"reference": f"Patient/{patient.id}"},
            effectiveDateTime=day,
            valueQuantity={
                "value": value,
                "unit": "mmol/L",
                "system": "http://unitsofmeasure.org",
                "code": "mmol/L",
            },
        )
        result.save()

    results = client.resources("Observation").search(
        patient=patient.id, code="http://loinc.org|14749-6", value_quantity__gt="5"
    )
    found = results.sort("-date").fetch_all()
    return [client.reference("Observation", one["id"]).to_resource() for one in found]


if __name__ == "__main__":
    for one in main(*sys.argv[1:]):
        quantity = one["valueQuantity"]
        sys.stdout.write(f"{one['effectiveDateTime']} {quantity['value']} {quantity['unit']}\n")
