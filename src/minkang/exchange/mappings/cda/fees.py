"""What a visit or a prescription cost, as Invoice: a line for each data element that is money.

A fee that stands inside another (西药费 and its 抗菌药物费用) is part of it, and so informational:
added up are only those that stand by themselves.
"""

from typing import Any, Final

from minkang.exchange.mappings.cda.body import Item
from minkang.exchange.mappings.cda.case import Case
from minkang.exchange.mappings.cda.facts import name_of

_TOTAL: Final = "HDSD00.11.142"
"""住院总费用."""


def map_fees(case: Case) -> None:
    """One Invoice with all fees of the document; none if there is no fee."""
    lines: list[dict[str, Any]] = []
    total: dict[str, Any] | None = None
    for section in case.body.all():
        for item in section.items():
            amount = _amount(case, item)
            if amount is None:
                continue
            case.body.take(item)
            if item.code == _TOTAL:
                total = amount
            else:
                lines.append(_line(case, item, amount, "base"))
            lines += _parts(case, item)
    if not lines and total is None:
        return
    invoice = case.draft("Invoice", f"{case.key}/fees")
    invoice.put("status", "issued")
    invoice.put("subject", case.patient.reference)
    invoice.put("date", case.reader.time(case.root.first("effectiveTime")))
    invoice.put("totalGross", total)
    invoice.put("lineItem", lines)


def _amount(case: Case, item: Item) -> dict[str, Any] | None:
    value = case.reader.value(item.value)
    return value[1] if value is not None and value[0] == "Money" else None


def _parts(case: Case, item: Item) -> list[dict[str, Any]]:
    found = []
    for inner in item.nested():
        amount = _amount(case, inner)
        if amount is not None:
            found.append(_line(case, inner, amount, "informational"))
        found += _parts(case, inner)
    return found


def _line(case: Case, item: Item, amount: dict[str, Any], kind: str) -> dict[str, Any]:
    return {
        "chargeItemCodeableConcept": name_of(case, item),
        "priceComponent": [{"type": kind, "amount": amount}],
    }
