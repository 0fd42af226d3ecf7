from minkang.fhir import decode, encode, local_reference, patients_of


def test_decimals_keep_the_digits_they_were_written_with() -> None:
    text = b'{"value":1.50,"low":3.0,"count":7,"tiny":0.000000001}'
    assert encode(decode(text)) in (text, text.replace(b"0.000000001", b"1E-9"))
    assert encode(decode(b'{"value":1.50}')) == b'{"value":1.50}'


def test_a_reference_elsewhere_is_not_ours() -> None:
    assert local_reference({"reference": "http://other/Patient/1"}) is None
    assert local_reference({"reference": "Nonsense/1"}) is None
    assert local_reference({"reference": "Patient/1/_history/2"}) == ("Patient", "1")


def test_a_person_lies_in_the_compartments_of_all_its_patients() -> None:
    person = {
        "resourceType": "Person",
        "id": "p",
        "link": [{"target": {"reference": f"Patient/{n}"}} for n in "ab"],
    }
    assert patients_of(person) == {"a", "b"}
    assert patients_of({"resourceType": "Organization", "id": "o"}) == frozenset()
