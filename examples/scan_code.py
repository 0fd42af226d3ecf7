"""Show a resident's health code and scan it, as a phone and a hospital's system do: plain HTTP.

    minkang demo
    RESIDENT=$(minkang token --role resident --person ID)
    DOCTOR=$(minkang token --role doctor --org MK37109800200000210002)
    python examples/scan_code.py http://127.0.0.1:8000 "$RESIDENT" "$DOCTOR"

The phone asks for a code that counts for a minute and once. Scanning it tells the doctor who it is
and activates the consent that the resident has given; the record of all institutions opens. The
second scan of the same code is refused.
"""

import json
import sys
import urllib.error
import urllib.request
from typing import Any


def call(address: str, token: str, sent: dict[str, Any] | None = None) -> tuple[int, Any]:
    """Status and JSON of one request; POST if something is sent."""
    if not address.startswith(("http://", "https://")):
        raise ValueError("an address begins with http:// or https://")
    request = urllib.request.Request(  # noqa: S310 - checked above
        address,
        data=None if sent is None else json.dumps(sent).encode(),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def main(base: str, resident: str, doctor: str) -> dict[str, Any]:
    """Show, scan, read, scan again; what each gave."""
    _, shown = call(f"{base}/api/codes/show", resident, {})
    _, scanned = call(f"{base}/api/codes/scan", doctor, {"code": shown["code"]})
    record = {}
    for patient in scanned["sees"]["patients"]:
        address = f"{base}/fhir/Encounter?patient={patient.removeprefix('Patient/')}&_count=50"
        _, bundle = call(address, doctor)
        record[patient] = len(bundle.get("entry", []))
    status, refused = call(f"{base}/api/codes/scan", doctor, {"code": shown["code"]})
    return {
        "person": scanned["person"],
        "activated": scanned["activated"],
        "visits": record,
        "again": [status, refused["issue"][0]["diagnostics"]],
    }


if __name__ == "__main__":
    told = json.dumps(main(*sys.argv[1:4]), ensure_ascii=False, indent=2)
    sys.stdout.write(told + "\n")
