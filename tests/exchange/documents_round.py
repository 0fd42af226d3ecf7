"""Documents there and back: mapped and merged, the original dropped, and written again."""

import re
from collections import Counter
from decimal import Decimal

from lxml import etree

from minkang.exchange.documents import Facts
from minkang.fhir import Resource
from tests.exchange.cda_mapped import contributions
from tests.exchange.cda_samples import Node, set_all, written
from tests.exchange.hl7v2_mapped import merged

_TECHNICAL = frozenset(
    "root codeSystemName classCode typeCode moodCode determinerCode contextControlCode use type"
    " contextConductionInd negationInd nullFlavor".split()
)
"""Attributes that say how V3 is meant, not what the hospital says."""
_CONSTANT = frozenset({"realmCode", "typeId", "templateId", "signatureCode", "statusCode"})
_OID = re.compile(r"\d+(\.\d+)+")
_YUAN = {"元": Decimal(1), "角": Decimal("0.1"), "分": Decimal("0.01")}

Said = Counter[tuple[str, str, str]]


def numbered(root: Node) -> Node:
    """The same with numbers of staff that are not their names: those would be no numbers."""
    for number, name in enumerate(("assignedEntity", "assignedAuthor", "participantRole"), 1):
        set_all(root, f"//h:{name}/h:id[@extension='样例']/@extension", f"S0{number}")
    return root


def facts_of(kind: str, root: Node) -> Facts:
    """The facts of a document as the store would have them; original and text are not there."""
    (facts,) = all_facts(root).values()
    assert facts.kind == kind
    return facts


def all_facts(*roots: Node) -> dict[str, Facts]:
    """The facts of several documents that came in together, by the number of the document."""
    several = [one for root in roots for one in contributions(written(root))]
    resources = {f"{t}/{i}": one for (t, i), one in merged(several).items()}
    found = {}
    for document in list(resources.values()):
        if document["resourceType"] == "DocumentReference" and "masterIdentifier" in document:
            found[document["masterIdentifier"]["value"]] = _facts(document, resources)
    return found


def _facts(document: Resource, resources: dict[str, Resource]) -> Facts:
    related = [one.get("reference", "") for one in document["context"]["related"]]
    (composition,) = (resources[one] for one in related if one.startswith("Composition/"))
    return Facts(
        kind=document["type"]["coding"][0]["code"],
        document={name: value for name, value in document.items() if name != "content"},
        composition=composition,
        patient=resources[composition["subject"]["reference"]],
        encounter=resources.get(composition.get("encounter", {}).get("reference", "")),
        resources=resources,
    )


def said(root: Node) -> Said:
    """Whatever a document says: XPath, attribute and value of everything that is no constant.

    A time is the same as attribute and as text, an amount in 角 the same as in 元.
    """
    found: Said = Counter()
    for node in root.iter():
        names = [
            etree.QName(one).localname for one in (*reversed(list(node.iterancestors())), node)
        ]
        if names[-1] in _CONSTANT:
            continue
        values = {etree.QName(key).localname: text.strip() for key, text in node.attrib.items()}
        if values.get("currency") in _YUAN:
            amount = Decimal(values["value"]) * _YUAN[values.pop("currency")]
            values["value"] = str(amount.normalize())
        values[""] = (node.text or "").strip()
        for name, text in values.items():
            if text in ("", "NA") or name in _TECHNICAL:
                continue
            if name == "codeSystem" and (not _OID.fullmatch(text) or "component" not in names):
                continue
            attribute = "value" if not name and names[-1] in ("time", "effectiveTime") else name
            found["/".join(names), attribute, text] += 1
    return found
