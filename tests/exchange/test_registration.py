"""A shared document is registered by a message that its schema knows."""

import re

import pytest
from lxml import etree

from minkang.exchange.cda import read_document
from minkang.exchange.targets.parcel import registered
from minkang.exchange.targets.registration import registration
from minkang.exchange.wst.envelope import read_envelope
from minkang.fhir import Refused
from tests.exchange import cda_samples as samples

SERVICES = samples.FOLDER.parent / "services"


@pytest.fixture(autouse=True)
def there() -> None:
    samples.there()


def text_of(kind: str) -> bytes:
    written: bytes = etree.tostring(samples.document(kind), encoding="UTF-8")
    return written


@pytest.mark.parametrize("kind", ["C0002", "C0007", "C0053", "C0031"])
def test_it_is_valid_and_the_same_each_time(kind: str) -> None:
    schema = etree.XMLSchema(etree.parse(SERVICES / "DocumentRegister.xsd"))
    message = registration(text_of(kind), "MINKANG", "city")
    schema.validate(etree.fromstring(message))
    assert not [one.message for one in schema.error_log]
    assert message == registration(text_of(kind), "MINKANG", "city")


def test_it_travels_in_an_envelope() -> None:
    parcel = registered(text_of("C0007"), "MINKANG", "city")
    call = read_envelope(parcel.body, parcel.headers["content-type"])
    assert call.action == "DocumentRegister"
    assert read_document(call.message).name == "RCMR_IN000002UV02"


def test_a_document_without_a_time_is_not_registered() -> None:
    raw = re.sub(rb"<effectiveTime[^>]*/>", b"", text_of("C0007"), count=1)
    with pytest.raises(Refused) as refused:
        registration(raw, "MINKANG", "city")
    assert refused.value.problems[0].rule == "required"
