"""What Minkang holds of a source, counted as hospitals count it.

| kind | what | day |
|---|---|---|
| visits | Encounters that are no stay, not planned or cancelled | begin |
| admissions | stays (class IMP, ACUTE, NONAC) | begin |
| discharges | stays that have ended | end |
| reports | DiagnosticReports that were issued | issued |
| prescriptions | prescription numbers, whatever they hold | authored |
| fees | Invoices and ChargeItems; their sum | date |

What says no time counts for the day it came.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, Literal, get_args

import msgspec

from minkang.fhir import Resource, date_range, local_reference
from minkang.fhir.dates import LOCAL

Kind = Literal["visits", "admissions", "discharges", "reports", "prescriptions", "fees"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

_STAYS: Final = frozenset({"IMP", "ACUTE", "NONAC"})
_NO_VISIT: Final = frozenset({"planned", "cancelled", "entered-in-error"})
_NO_REPORT: Final = frozenset({"registered", "cancelled", "entered-in-error"})
_VOID: Final = frozenset({"cancelled", "entered-in-error", "draft", "not-billable", "aborted"})


class Holding(msgspec.Struct, frozen=True):
    """One thing that counts.

    Attributes:
        number: the source's own.
        department: as it says itself; None: that of its visit.
        amount: of fees.
        visit: id of its Encounter.
    """

    kind: Kind
    day: date
    number: str
    department: str | None
    amount: Decimal | None = None
    visit: str | None = None


def holdings(resource: Resource, received: datetime) -> list[Holding]:
    """What a resource counts as: nothing for most, two for a stay that has ended."""
    reader = _READERS.get(resource["resourceType"])
    return reader(resource, received) if reader is not None else []


def _day(text: Any, received: datetime) -> date:
    try:
        moment = date_range(text).low if text else received
    except (ValueError, TypeError):
        moment = received
    return moment.astimezone(LOCAL).date()


def own_number(resource: Resource) -> str:
    """What the source calls it; else what anybody does, else our id."""
    identifiers = [one for one in resource.get("identifier", ()) if one.get("value")]
    own = [one for one in identifiers if str(one.get("system")).startswith("urn:minkang:source:")]
    found = [*own, *identifiers]
    return str(found[0]["value"] if found else resource["id"])


def _text(concept: Any) -> str | None:
    if not isinstance(concept, dict):
        return None
    first = (concept.get("coding") or [{}])[0]
    found: str | None = concept.get("text") or first.get("display") or first.get("code")
    return found


def _visit(element: Any) -> str | None:
    found = local_reference(element)
    return found[1] if found is not None and found[0] == "Encounter" else None


def _encounter(resource: Resource, received: datetime) -> list[Holding]:
    if resource.get("status") in _NO_VISIT:
        return []
    number, department = own_number(resource), _text(resource.get("serviceType"))
    period = resource.get("period", {})
    code = resource.get("class", {}).get("code")
    if code == "PRENC":
        return []
    begin = _day(period.get("start"), received)
    if code not in _STAYS:
        return [Holding("visits", begin, number, department)]
    found = [Holding("admissions", begin, number, department)]
    if period.get("end"):
        end = _day(period["end"], received)
        found.append(Holding("discharges", end, number, department))
    return found


def _report(resource: Resource, received: datetime) -> list[Holding]:
    if resource.get("status") in _NO_REPORT:
        return []
    day = _day(resource.get("issued") or resource.get("effectiveDateTime"), received)
    # The institution is a reference, the department that reports has only a name.
    performers = [one for one in resource.get("performer", ()) if "reference" not in one]
    department = next((one["display"] for one in performers if one.get("display")), None)
    visit = _visit(resource.get("encounter"))
    return [Holding("reports", day, own_number(resource), department, visit=visit)]


def _prescription(resource: Resource, received: datetime) -> list[Holding]:
    if resource.get("status") in _VOID or resource.get("intent") in ("proposal", "plan"):
        return []
    day = _day(resource.get("authoredOn"), received)
    number = resource.get("groupIdentifier", {}).get("value") or own_number(resource)
    visit = _visit(resource.get("encounter"))
    return [Holding("prescriptions", day, str(number), None, visit=visit)]


def _money(element: Any) -> Decimal | None:
    value = element.get("value") if isinstance(element, dict) else None
    return None if value is None else Decimal(str(value))


def _invoice(resource: Resource, received: datetime) -> list[Holding]:
    if resource.get("status") in _VOID:
        return []
    amount = _money(resource.get("totalGross")) or _money(resource.get("totalNet"))
    if amount is None:
        lines = [
            _money(price.get("amount"))
            for line in resource.get("lineItem", ())
            for price in line.get("priceComponent", ())
            if price.get("type") == "base"
        ]
        amount = sum((one for one in lines if one is not None), Decimal(0)) if lines else None
    day = _day(resource.get("date"), received)
    return [Holding("fees", day, own_number(resource), None, amount)]


def _charge(resource: Resource, received: datetime) -> list[Holding]:
    if resource.get("status") in _VOID:
        return []
    at = resource.get("occurrenceDateTime") or resource.get("enteredDate")
    department = (resource.get("performingOrganization") or {}).get("display")
    return [
        Holding(
            "fees",
            _day(at, received),
            own_number(resource),
            department,
            _money(resource.get("priceOverride")),
            _visit(resource.get("context")),
        )
    ]


_READERS: Final = {
    "ChargeItem": _charge,
    "DiagnosticReport": _report,
    "Encounter": _encounter,
    "Invoice": _invoice,
    "MedicationRequest": _prescription,
}
