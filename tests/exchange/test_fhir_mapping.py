"""FHIR from a source: whose number a resource has, where references lead, what is refused."""

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minkang.exchange.mappings.context import Context
from minkang.exchange.mappings.fhir import label_of, map_fhir
from minkang.exchange.merge import merge
from minkang.exchange.sources import Source
from minkang.fhir import Resource, decode, encode
from minkang.fhir.validate import validate
from tests.exchange.fhir_mapped import (
    CONTEXT,
    SOURCE,
    bundle,
    entry,
    mapped,
    of_type,
    patient,
    problems,
    result,
    rules,
)

UUID = "urn:uuid:8a4b0c9e-4f0b-4b51-9d3e-0d6a2f6f1a01"
BASE = "https://his.gangwan.example/fhir"


def derived(kind: str, number: str) -> str:
    never = msgspec.structs.replace(SOURCE, number_period="never")
    return Context(never, CONTEXT.id_key, CONTEXT.received, b"").id(kind, number)


def subject(given: Resource, **more: str) -> str:
    found = of_type(mapped(given), "Observation").resource["subject"]["reference"]
    assert isinstance(found, str)
    return found


def test_a_resource_gets_a_derived_id_and_keeps_its_own_as_identifier() -> None:
    (one,) = mapped(patient("P1", identifier=[{"value": "x"}])).values()
    assert one.key == ("Patient", derived("Patient", "P1"))
    own = {"system": "urn:minkang:source:gangwan:fhir-Patient", "value": "P1"}
    assert one.resource["identifier"] == [{"value": "x"}, own]
    assert one.resource["name"] == [{"text": "欧阳小明"}]


def test_a_number_means_the_same_whatever_the_year() -> None:
    """A FHIR id is never given out twice, even by a source that begins its numbers anew."""
    later = msgspec.structs.replace(CONTEXT, received=CONTEXT.received.replace(year=2027))
    (now,), (then,) = mapped(patient()).values(), mapped(patient(), later).values()
    assert now.key == then.key == ("Patient", CONTEXT.id("Patient", "P1"))
    (visit,) = map_fhir(CONTEXT, encode(_encounter("V1")))
    (again,) = map_fhir(later, encode(_encounter("V1")))
    assert visit.key == again.key


def _encounter(number: str) -> Resource:
    kind = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"}
    return {"resourceType": "Encounter", "id": number, "status": "finished", "class": kind}


@pytest.mark.parametrize(
    ("full_url", "about"),
    [
        (UUID, UUID),
        (f"{BASE}/Patient/P1", f"{BASE}/Patient/P1"),
        (f"{BASE}/Patient/P1", "Patient/P1"),
        ("", "Patient/P1"),
        ("", "Patient/P1/_history/3"),
        (UUID, "Patient?identifier=urn:x|7"),
        ("", "Patient?identifier=urn:minkang:source:gangwan:patient|P1"),
    ],
)
def test_references_inside_and_outside_of_the_bundle_lead_to_the_derived_id(
    full_url: str, about: str
) -> None:
    own = patient("P1", identifier=[{"system": "urn:x", "value": "7"}])
    entries = [entry(result("R1", about), full_url=f"{BASE}/Observation/R1")]
    if full_url:
        entries.append(entry(own, full_url=full_url))
    assert subject(bundle(*entries)) == f"Patient/{derived('Patient', 'P1')}"


def test_absolute_references_to_the_own_server_are_derived_and_to_others_kept() -> None:
    own = entry(result("R1", f"{BASE}/Patient/P9"), full_url=f"{BASE}/Observation/R1")
    assert subject(bundle(own)) == f"Patient/{derived('Patient', 'P9')}"
    other = "https://elsewhere.example/fhir/Patient/P9"
    assert subject(bundle(entry(result("R1", other)))) == other


def test_contained_resources_stay_with_their_references() -> None:
    inside = {"resourceType": "Patient", "id": "p", "managingOrganization": {"reference": "#"}}
    one = of_type(mapped(result("R1", "#p", contained=[inside])), "Observation")
    assert one.resource["contained"] == [inside]
    assert one.resource["subject"] == {"reference": "#p"}


def test_without_an_id_the_business_identifier_is_the_number() -> None:
    own = {"system": "urn:minkang:source:gangwan:patient", "value": "P7"}
    foreign = {"system": "urn:oid:1.2", "value": "371"}
    old = {"system": "urn:oid:1.1", "value": "0", "use": "old"}
    one = of_type(mapped(bundle(entry(patient("", identifier=[foreign, own])))), "Patient")
    assert one.key[1] == derived("Patient", "P7")
    assert one.resource["identifier"] == [foreign, own]
    one = of_type(mapped(bundle(entry(patient("", identifier=[old, foreign])))), "Patient")
    assert one.key[1] == derived("Patient", "urn:oid:1.2|371")


def test_an_identifier_that_several_share_is_the_number_of_none() -> None:
    shared = [{"system": "urn:lis", "value": "SAMPLE1"}]
    several = [
        entry(result("", identifier=shared, valueString=n), full_url=f"urn:uuid:{n}") for n in "ab"
    ]
    assert len(mapped(bundle(*several))) == 2


def test_an_attachment_that_names_a_binary_leads_to_it() -> None:
    document = {
        "resourceType": "DocumentReference",
        "id": "D1",
        "status": "current",
        "content": [{"attachment": {"url": "Binary/B1"}}, {"attachment": {"url": UUID}}],
    }
    binary = {"resourceType": "Binary", "id": "B2", "contentType": "text/plain"}
    found = mapped(bundle(entry(document), entry(binary, full_url=UUID)))
    content = of_type(found, "DocumentReference").resource["content"]
    urls = [one["attachment"]["url"] for one in content]
    assert urls == [f"Binary/{derived('Binary', number)}" for number in ("B1", "B2")]


def test_the_own_institution_is_the_registered_one() -> None:
    about = patient(managingOrganization={"reference": "Organization/MKGANGWAN"})
    one = of_type(mapped(about), "Patient")
    assert one.resource["managingOrganization"] == {"reference": "Organization/MKGANGWAN"}


def test_the_later_of_two_versions_stands_in_either_order() -> None:
    def at(hour: int, **more: str) -> Resource:
        meta = {"lastUpdated": f"2026-05-01T{hour:02}:00:00+08:00", "versionId": str(hour)}
        return patient(meta=meta, **more)

    (one,) = mapped(at(8, gender="male", birthDate="1985-03-15")).values()
    (two,) = mapped(at(9, gender="female")).values()
    ends = []
    for first, second in ((one, two), (two, one)):
        resource, orders = merge(None, {}, first)
        resource, _ = merge(resource, orders, second)
        ends.append(resource)
    assert ends[0] == ends[1]
    # Absent never erases, in a PUT neither.
    assert (ends[0]["gender"], ends[0]["birthDate"]) == ("female", "1985-03-15")
    assert "meta" not in ends[0]


def test_without_a_time_of_its_own_the_bundle_and_then_the_arrival_say_the_order() -> None:
    (dated,) = mapped(bundle(entry(patient()), timestamp="2026-04-01T00:00:00Z")).values()
    (undated,) = mapped(bundle(entry(patient()))).values()
    assert dated.order < undated.order
    assert undated.order == CONTEXT.order(None)


def test_one_form_of_an_element_takes_back_the_others() -> None:
    (one,) = mapped(result("R1", valueString="阳性")).values()
    assert {"valueQuantity", "_valueString", "valueCodeableConcept"} <= one.erased
    reason = {"extension": [{"url": "urn:x", "valueCode": "unknown"}]}
    (unknown,) = mapped(patient(_birthDate=reason)).values()
    known, orders = merge(None, {}, next(iter(mapped(patient(birthDate="1985-03-15")).values())))
    later = msgspec.structs.replace(
        unknown, order=msgspec.structs.replace(unknown.order, micros=unknown.order.micros + 1)
    )
    merged, _ = merge(known, orders, later)
    assert ("birthDate" in merged, merged["_birthDate"]) == (False, reason)


def test_labels_stay_in_meta_and_the_version_of_the_sender_does_not() -> None:
    label = {"system": "urn:x", "code": "R"}
    (one,) = mapped(patient(meta={"versionId": "7", "security": [label]})).values()
    merged, _ = merge(None, {}, one)
    assert merged["meta"] == {"security": [label]}


def test_delete_withdraws() -> None:
    (one,) = mapped(bundle(entry(None, "Patient/P1", "DELETE"), kind="transaction")).values()
    assert (one.withdrawn, one.key) == (True, ("Patient", derived("Patient", "P1")))


def test_a_message_brings_its_resources_and_not_its_header() -> None:
    event = {"system": "urn:x", "code": "new"}
    header = {"resourceType": "MessageHeader", "eventCoding": event, "source": {"endpoint": "a:b"}}
    assert list(mapped(bundle(entry(header), entry(patient()), kind="message"))) == ["Patient/P1"]


REFUSED = {
    "json": (b"{", "-", "json"),
    "no object": (b"[]", "-", "type"),
    "no type": (b'{"resourceType":""}', "-", "unknown-type"),
    "gb18030": ('{"a":"海"}'.encode("gb18030"), "第 1 行", "encoding"),
    "deep": (b'{"a":' * 3_000 + b"1" + b"}" * 3_000, "-", "depth"),
    "deep arrays": (b"[" * 100_000, "-", "depth"),
    "number": (b'{"resourceType":"Patient","a":1e999999999999999999999}', "-", "number"),
    "twice": (
        b'{"resourceType":"Patient","contact":[{"gender":"male","gender":"female"}]}',
        "Patient.contact[0].gender",
        "duplicate-name",
    ),
    "alone": (encode(patient("P1", gender="m")), "Patient.gender", "required-binding"),
    "in its entry": (
        encode(bundle(entry(patient()), entry(patient("P2", birthDate="2026-02-30")))),
        "Bundle.entry[1].resource.birthDate",
        "calendar-date",
    ),
    "kind": (encode(bundle(entry(patient()), kind="history")), "Bundle.type", "bundle-type"),
    "empty": (b'{"resourceType":"Bundle","type":"batch"}', "Bundle.entry", "empty"),
    "no resource": (
        b'{"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":"urn:x:y"}]}',
        "Bundle.entry[0].resource",
        "required",
    ),
    "no request": (
        encode(bundle(entry(patient()), kind="transaction")),
        "Bundle.entry[0].request",
        "required",
    ),
    "patch": (
        encode(bundle(entry(patient(), "Patient/P1", "PATCH"), kind="batch")),
        "Bundle.entry[0].request.method",
        "not-supported",
    ),
    "conditional delete": (
        encode(bundle(entry(None, "Patient?name=x", "DELETE"), kind="batch")),
        "Bundle.entry[0].request.url",
        "not-supported",
    ),
    "mismatch": (
        encode(bundle(entry(patient(), "Patient/P2", "PUT"), kind="batch")),
        "Bundle.entry[0].request.url",
        "entry-mismatch",
    ),
    "no number": (
        encode(bundle(entry(result()))),
        "Bundle.entry[0].resource.id",
        "no-number",
    ),
    "lost": (
        encode(bundle(entry(result("R1", UUID)))),
        "Bundle.entry[0].resource.subject.reference",
        "lost-reference",
    ),
    "conditional": (
        encode(result("R1", "Patient?identifier=urn:x|1")),
        "Observation.subject.reference",
        "conditional-reference",
    ),
    "twice in a bundle": (
        encode(bundle(entry(patient()), entry(patient(gender="male")))),
        "Bundle.entry[1].resource",
        "duplicate",
    ),
    "a clock of year one": (
        encode(patient(meta={"lastUpdated": "0001-01-01T00:00:00Z"})),
        "Patient.meta.lastUpdated",
        "calendar-date",
    ),
    "a clock of the last year": (
        encode(bundle(entry(patient()), timestamp="9999-12-31T23:59:59Z")),
        "Bundle.timestamp",
        "calendar-date",
    ),
    "answer": (
        encode({"resourceType": "Parameters", "id": "x"}),
        "Parameters",
        "not-supported",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_wrong_is_refused_with_its_place_and_rule(name: str) -> None:
    raw, place, rule = REFUSED[name]
    assert rules(raw)[0] == (place, rule)


def test_the_log_has_a_name_for_everything() -> None:
    told = bundle(entry(patient()), identifier={"value": "M1"})
    assert label_of(encode(told)) == ("fhir:Bundle:collection", "M1")
    assert label_of(encode(patient())) == ("fhir:Patient", "P1")
    for raw in (b"", b"{", b'{"resourceType":"X"}', b'{"resourceType":3}', b"[" * 100_000):
        assert label_of(raw) == ("fhir", "")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
PLACES = st.sampled_from(
    "type timestamp entry fullUrl resource request method url id meta identifier subject reference "
    "ifNoneExist value system resourceType".split()
)


def _changed(value: object, name: str, new: object) -> object:
    if isinstance(value, dict):
        return {k: new if k == name else _changed(v, name, new) for k, v in value.items()}
    return [_changed(one, name, new) for one in value] if isinstance(value, list) else value


@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(st.lists(st.tuples(PLACES, VALUES), max_size=3))
def test_whatever_comes_is_valid_or_refused_with_place_and_rule(
    changes: list[tuple[str, object]],
) -> None:
    identifier = [{"system": "urn:x", "value": "1"}]
    whole: object = bundle(
        entry(patient("", identifier=identifier), "Patient", "POST", UUID),
        entry(result("R1", UUID), "Observation/R1", "PUT"),
        kind="transaction",
        timestamp="2026-05-01T00:00:00Z",
    )
    for name, new in changes:
        whole = _changed(whole, name, new)
    raw = encode(whole)
    if wrong := problems(raw):
        assert all(one.place and one.rule and one.text for one in wrong)
        return
    for one in map_fhir(CONTEXT, raw):
        if not one.withdrawn:
            assert validate(decode(encode(one.resource))) == []


def test_two_sources_never_meet() -> None:
    other = Source(id="beigang", name="北港", organisation="MKBEIGANG", channels=("fhir",))
    (one,) = mapped(patient()).values()
    (two,) = mapped(patient(), msgspec.structs.replace(CONTEXT, source=other)).values()
    assert one.key != two.key
