"""Document, FHIR, document: with the original deleted first, every data element is there again."""

from collections.abc import Iterator
from typing import Any

import pytest
from lxml import etree

from minkang.exchange.documents import KINDS, check_document, write_document
from minkang.exchange.mappings.cda import WHOLE
from minkang.fhir import Refused
from tests.exchange import cda_samples as samples
from tests.exchange.cda_samples import Node, document, set_all, whole
from tests.exchange.documents_round import all_facts, facts_of, numbered, said


@pytest.fixture(autouse=True)
def there() -> None:
    samples.there()


def again(kind: str, root: Node) -> Node:
    """A document as it is written from its facts, valid by its schema and by our own rules."""
    assert samples.faults(root, kind) == []
    raw = write_document(facts_of(kind, root))
    made = etree.fromstring(raw)
    assert samples.faults(made, kind) == []
    assert check_document(raw) == []
    return made


def full(kind: str) -> Node:
    """A document in which the schema's every element and attribute is filled."""
    return numbered(document(kind))


def test_every_kind_that_is_understood_is_written() -> None:
    assert set(KINDS) == set(WHOLE)


@pytest.mark.parametrize("kind", KINDS)
def test_a_real_document_comes_back_with_all_that_it_said(kind: str) -> None:
    root = numbered(whole()[kind])
    before, after = said(root), said(again(kind, root))
    assert before - after == {}
    assert after - before == {}


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_lost_with_every_optional_element_filled(kind: str) -> None:
    root = full(kind)
    assert said(root) - said(again(kind, root)) == {}


def test_documents_of_one_person_do_not_change_each_other() -> None:
    roots = {kind: numbered(whole()[kind]) for kind in KINDS}
    for number, (kind, root) in enumerate(roots.items(), 1):
        digits = 20 if kind == "C0045" else 32
        set_all(root, "h:id/@extension", str(number).zfill(digits))
    facts = all_facts(*roots.values())
    assert len(facts) == len(KINDS)
    assert len({one.patient["id"] for one in facts.values()}) == 1
    for one in facts.values():
        made = etree.fromstring(write_document(one))
        assert samples.faults(made, one.kind) == []
        assert said(made) == said(roots[one.kind])


@pytest.mark.parametrize("kind", KINDS)
def test_the_facts_say_it_all_and_the_layout_holds_no_values(kind: str) -> None:
    layout = facts_of(kind, whole()[kind]).composition
    assert list(kept(layout)) == []


def kept(holder: Any) -> Iterator[Any]:
    """Values that a layout holds itself though no resource says them."""
    if isinstance(holder, list):
        for one in holder:
            yield from kept(one)
    elif isinstance(holder, dict):
        alone = "entry" not in holder
        more = holder.get("extension", ())
        yield from (one for one in more if alone and one["url"] == "urn:minkang:cda:value")
        if holder.get("url") == "value":
            yield holder
        for one in holder.values():
            yield from kept(one)


def test_a_corrected_fact_is_written_as_it_is_now() -> None:
    facts = facts_of("C0007", samples.laboratory())
    for one in facts.resources.values():
        if one["resourceType"] == "Observation" and one["code"]["text"] == "GLU":
            one["valueQuantity"]["value"] = type(one["valueQuantity"]["value"])("8.1")
    made = etree.fromstring(write_document(facts))
    values = made.xpath("//h:value[@xsi:type='REAL']/@value", namespaces=NAMESPACES)
    assert values == ["8.1000", "4.2000"]


NAMESPACES = {"h": samples.V3, "xsi": samples.XSI}


def test_an_empty_document_is_none() -> None:
    facts = facts_of("C0007", samples.laboratory())
    facts.composition["section"] = []
    with pytest.raises(Refused) as refusal:
        write_document(facts)
    assert [one.rule for one in refusal.value.problems] == ["empty-document"]


def test_a_document_of_which_a_fact_is_gone_is_not_written_in_part() -> None:
    facts = facts_of("C0007", samples.laboratory())
    resources = dict(facts.resources)
    for name, one in facts.resources.items():
        if one["resourceType"] == "Specimen":
            del resources[name]
    rest = type(facts)(
        facts.kind, facts.document, facts.composition, facts.patient, facts.encounter, resources
    )
    with pytest.raises(Refused) as refusal:
        write_document(rest)
    (problem,) = refusal.value.problems
    assert problem.rule == "fact-missing"
    assert problem.place.startswith("Specimen/")


@pytest.mark.parametrize("kind", ["C0002", "C0007", "C0032"])
def test_set_version_and_the_document_appended_to_are_kept(kind: str) -> None:
    root = numbered(whole()[kind])
    set_all(root, "h:setId", "SET-1")
    set_all(root, "h:versionNumber", "3")
    set_all(root, "h:relatedDocument/@typeCode", "APND")
    for name, text in (("id", "OLD-1"), ("setId", "SET-0"), ("versionNumber", "2")):
        set_all(root, f"h:relatedDocument/h:parentDocument/h:{name}", text)
    set_all(root, "//h:administrativeGenderCode/@code", "9")
    set_all(root, "//h:administrativeGenderCode/@displayName", "未说明的性别")
    assert said(again(kind, root)) == said(root)
    # The one that it appends to has not come in: nothing is made up of it.
    facts = facts_of(kind, root)
    documents = [r for r in facts.resources.values() if r["resourceType"] == "DocumentReference"]
    assert len(documents) == 1
