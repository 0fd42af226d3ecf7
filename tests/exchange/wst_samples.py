"""Sample messages of the interaction services, written after the schemas in ../shared.

Every element and attribute of a schema is filled, optional ones too, each text with one of its
own where the schema allows it, so that a value that is lost shows. The people in them do not exist.
"""

import re
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from lxml import etree

from minkang.exchange.wst import SERVICES, kept
from minkang.terminology.id_number import check_character

FOLDER = Path(__file__).parents[2].parent / "shared" / "data" / "wst500" / "services"
BRINGING = tuple(name for name, service in SERVICES.items() if not service.asks)
"""Services that bring something."""

V3 = "urn:hl7-org:v3"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
_X = "{http://www.w3.org/2001/XMLSchema}"
_OID = "2.16.156.10011."
ID_CARD = "37109819850315001" + check_character("37109819850315001")
INSTITUTION = "91371000MA3C000001"
PATIENT, VISIT = f"{_OID}2.5.1.4", f"{_OID}2.5.1.9"
DAY, MOMENT = "20260503", "20260503081500"

Node: TypeAlias = Any
"""An element of lxml, which has no types."""

_NUMBERS = frozenset(
    "int short byte long integer positiveInteger float decimal nonNegativeInteger".split()
)
_CANDIDATES = (MOMENT, DAY, "19850315", "active", "00000000-0000-4000-8000-00000000", INSTITUTION)

# What the numbers of an `id` are, by the element that has it; an unbounded one holds all of them.
_ROOTS: dict[str, tuple[str, ...]] = {
    "encounterEvent": ("2.5.1.9", "1.12", "2.5.1.8"),
    "encounter": ("2.5.1.9", "2.5.1.8"),
    "patient": ("2.5.1.4", "1.11", "1.12"),
    "priorRegisteredRole": ("2.5.1.4",),
    "patientPerson": ("1.3", "2.5.1.77"),
    "healthCarePrincipalPerson": ("1.3",),
    "Person": ("1.3",),
    "asOtherIDs": ("1.19", "1.2"),
    "scopingOrganization": ("1.5",),
    "providerOrganization": ("1.5",),
    "custodian": ("1.5",),
    "representedOrganization": ("1.26",),
    "clinicalDocument": ("2.5.1.24",),
    "actOrder": ("1.24",),
}
_UNUSED = frozenset("statusCode code priorityCode processingModeCode id quantity formCode".split())
_TIMES = frozenset({"time", "effectiveTime", "creationTime", "low", "high", "any"})
_BEDSIDE = {"location": "1.22", "serviceProviderOrganization": "1.26", "wholeOrganization": "1.27"}
_PLACES = ("1.26", "1.27", "1.21", "1.22")
_TYPES = {
    "name": ("DSET_EN", "LIST_EN", "BAG_EN"),
    "telecom": ("DSET_TEL", "BAG_TEL"),
    "addr": ("LIST_AD", "DSET_AD", "BAG_AD"),
    "effectiveTime": ("IVL_TS", "QSC_TS"),
    "time": ("TS", "IVL_TS"),
    "value": ("ST", "CD"),
    "doseCheckQuantity": ("DSET_RTO",),
}


def there() -> None:
    """Skip the test where the schemas are not there."""
    if not (FOLDER / "PatientInfoRegister.xsd").exists():
        pytest.skip("NOT RUN: ../shared/data/wst500/services is not there")


@cache
def _tree(name: str) -> Node:
    return etree.parse(FOLDER / f"{name}.xsd").getroot()


def faults(root: Node, name: str) -> list[str]:
    """What the schema of a service finds wrong."""
    checker = etree.XMLSchema(_tree(name).getroottree())
    checker.validate(root)
    return [f"{one.line}: {one.message}" for one in checker.error_log]


class _Writer:
    """Fills one schema; counts, so that texts differ."""

    def __init__(self, name: str) -> None:
        top = _tree(name)
        self.types = {one.get("name"): one for one in top if one.tag == f"{_X}complexType"}
        self.top = top.find(f"{_X}element")
        self.count = 0

    def element(self, declared: Node, parent: Node | None, index: int = 0) -> Node:
        name = declared.get("name", "")
        tag = f"{{{V3}}}{name}"
        if parent is None:
            made = etree.Element(tag, nsmap={None: V3, "xsi": XSI})
        else:
            made = etree.SubElement(parent, tag)
        kind = declared.find(f"{_X}complexType")
        given = declared.get("type", "").rpartition(":")[2]
        if kind is None and given in self.types:
            kind = self.types[given]
        if kind is None and not given and declared.find(f"{_X}simpleType") is None:
            kind = self.chosen(made, name, index)
            if kind is None:
                return made
        if kind is None:
            # What is only an empty element in every real message has no meaning to be kept.
            if name not in _UNUSED:
                made.text = self.value(declared.find(f"{_X}simpleType"), given, made, "")
            return made
        self.fill(made, kind, index)
        return made

    def chosen(self, made: Node, name: str, index: int) -> Node | None:
        """The data type of an element that the schema leaves open."""
        wanted = _TYPES.get(name, ())
        if name == "value" and "PQ" in self.types and "BL" in self.types:
            wanted = (("ST", "CD", "PQ", "BL")[index % 4],)
        for one in wanted:
            if one in self.types:
                made.set(f"{{{XSI}}}type", one)
                return self.types[one]
        return None

    def fill(self, made: Node, kind: Node, index: int) -> None:
        for one in kind:
            if one.tag == f"{_X}attribute":
                name = one.get("name", "")
                given = one.get("type", "").rpartition(":")[2]
                fixed = one.get("fixed")
                value = fixed or self.value(one.find(f"{_X}simpleType"), given, made, name)
                made.set(name, value)
            elif one.tag == f"{_X}element":
                for position in range(self.times(one, made)):
                    child = self.element(one, made, position)
                    if child.tag.endswith("}item") and "root" in child.attrib:
                        self.number(child, position)
            elif isinstance(one.tag, str) and one.tag not in (f"{_X}annotation", f"{_X}simpleType"):
                base = one.get("base", "").rpartition(":")[2]
                if base in self.types:
                    self.fill(made, self.types[base], index)
                self.fill(made, one, index)

    def times(self, declared: Node, made: Node) -> int:
        most = declared.get("maxOccurs", "1")
        if most == "1":
            return 1
        if declared.get("name") == "item":
            above = made.getparent()
            return len(_ROOTS.get(etree.QName(above).localname, ("",)) if above is not None else "")
        return int(most) if most.isdigit() else 4 if declared.get("name") == "component" else 2

    def number(self, item: Node, position: int) -> None:
        """The OID of a number, and an identity card where it stands for one."""
        above = item.getparent().getparent()
        name = etree.QName(above).localname
        roots = _ROOTS.get(name)
        if above.xpath("ancestor::h:encounter", namespaces={"h": V3}) and name in _BEDSIDE:
            inner = above.getparent().tag.endswith("}asLocatedEntityPartOf")
            roots = ("1.21",) if inner else (_BEDSIDE[name],)
        elif name in ("location", "locatedPlace"):
            depth = sum(1 for one in above.iterancestors(f"{{{V3}}}locatedPlace"))
            roots = (_PLACES[depth + (name == "locatedPlace")],)
        elif name == "asOtherIDs" and not position:
            before = len(list(above.itersiblings(above.tag, preceding=True)))
            roots = (_ROOTS[name][before % 2],)
        if not roots:
            return
        root = _OID + roots[position % len(roots)]
        item.set("root", root)
        if root == f"{_OID}1.3":
            item.set("extension", ID_CARD)

    def value(self, simple: Node | None, given: str, made: Node, attribute: str) -> str:
        self.count += 1
        restriction = simple.find(f"{_X}restriction") if simple is not None else None
        if restriction is not None:
            listed = [one.get("value", "") for one in restriction.findall(f"{_X}enumeration")]
            if listed:
                said: str = next(one for one in listed if one)
                return said
            given = restriction.get("base", "").rpartition(":")[2]
            first = "19850315" if "birthTime" in str(made.tag) else self.number_or_text(given)
            fitting = (first, str(self.count % 90 + 1), *_CANDIDATES)
            found: str = next(one for one in fitting if _fits(one, restriction))
            return found
        name = etree.QName(made).localname
        if name in _TIMES and attribute in ("value", ""):
            return DAY if given == "int" else MOMENT
        if attribute.startswith("validTime"):
            return MOMENT
        if name == "quantity" and attribute == "value":
            given = "decimal"
        if name == "birthTime":
            return "19850315"
        return "true" if given == "boolean" else self.number_or_text(given)

    def number_or_text(self, given: str) -> str:
        if given == "byte":
            return str(self.count % 90 + 10)
        if given in _NUMBERS:
            return str(1000 + self.count)
        return f"值{self.count}"


def _fits(value: str, restriction: Node) -> bool:
    if restriction.get("base", "").rpartition(":")[2] in _NUMBERS and not value.isdigit():
        return False
    patterns = [one.get("value", "") for one in restriction.findall(f"{_X}pattern")]
    if patterns and not any(re.fullmatch(pattern, value) for pattern in patterns):
        return False
    return all(
        _within(value, str(one.tag).removeprefix(_X), one.get("value", "")) for one in restriction
    )


def _within(value: str, facet: str, limit: str) -> bool:
    if facet in ("length", "minLength", "maxLength"):
        size = len(value)
        return {"length": size == int(limit), "minLength": size >= int(limit)}.get(
            facet, size <= int(limit)
        )
    if facet in ("minInclusive", "maxInclusive", "maxExclusive"):
        number = float(value)
        return {"minInclusive": number >= float(limit), "maxExclusive": number < float(limit)}.get(
            facet, number <= float(limit)
        )
    return True


@cache
def _model(name: str) -> bytes:
    writer = _Writer(name)
    root = writer.element(writer.top, None)
    raw: bytes = etree.tostring(root, encoding="utf-8")
    return raw


def message(name: str) -> Node:
    """A message of a service with everything that its schema knows."""
    return etree.fromstring(_model(name))


def set_all(root: Node, path: str, value: str) -> None:
    """Set an attribute (`…/@name`) or the text of every element at an XPath (prefix `h:`)."""
    match = re.fullmatch(r"(.*)/@(\w+)", path)
    path, attribute = (match[1], match[2]) if match else (path, "")
    found = root.xpath(path, namespaces={"h": V3})
    assert found, path
    for node in found:
        if attribute:
            node.set(attribute, value)
        else:
            node.text = value


def written(name: str, root: Node) -> bytes:
    """A message as the inbox keeps it."""
    return kept(SERVICES[name], etree.tostring(root, encoding="utf-8"))


def root_of(name: str) -> str:
    """The root element that a schema declares."""
    top = _tree(name).find(f"{_X}element")
    return str(top.get("name"))
