"""Hostile requests that somebody thought of."""

import gzip
import zlib
from collections.abc import Iterator

from minkang.fhir import encode
from tests.fuzz.asked import Asked, Expected

DEEP = 10_000
MEGABYTE = 1024 * 1024

PATIENT = {"resourceType": "Patient", "id": "fuzz", "name": [{"family": "a"}]}
"""Exists before the catalogue is sent."""


def catalogue() -> Iterator[Asked]:
    """All of them."""
    yield from _bodies()
    yield from _patches()
    yield from _conditions_on_versions()
    yield from _bundles()
    yield from _searches()
    yield from _addresses()
    yield from _protocol()
    yield from _sizes()


def _posted(name: str, body: bytes, expected: Expected = "refused") -> Asked:
    return Asked(name=name, method="POST", target="Patient", body=body, expected=expected)


def _bodies() -> Iterator[Asked]:
    for text in (
        "",
        " ",
        "{",
        "[]",
        "nul",
        "null",
        "1",
        '"Patient"',
        "{}",
        "[{}]",
        '{"resourceType":"Patient"',
        '{"resourceType":"Patient",}',
        '{"resourceType":"Patient"} x',
        "{'resourceType':'Patient'}",
        '{"resourceType":"Patient","multipleBirthInteger":NaN}',
        '{"resourceType":"Patient","multipleBirthInteger":-Infinity}',
        '{"resourceType":"Patient","multipleBirthInteger":01}',
    ):
        yield _posted(f"malformed {text[:40]!r}", text.encode())
    for content in (
        '"name":"x"',
        '"name":{"family":"x"}',
        '"name":[["x"]]',
        '"name":[null]',
        '"name":[]',
        '"name":[{}]',
        '"name":[{"family":["x"]}]',
        '"name":null',
        '"active":"true"',
        '"active":1',
        '"gender":1',
        '"gender":"männlich"',
        '"gender":""',
        '"gender":{}',
        '"birthDate":19700101',
        '"birthDate":"2024-02-30"',
        '"birthDate":"2023-02-29"',
        '"birthDate":"2024-13-01"',
        '"birthDate":"1970-1-1"',
        '"birthDate":"0000-00-00"',
        '"birthDate":"１９７０-01-01"',
        '"deceasedBoolean":true,"deceasedDateTime":"2020"',
        '"multipleBirthInteger":1.5',
        '"multipleBirthInteger":99999999999999999999',
        '"multipleBirthInteger":1e999999999',
        '"unknown":1',
        '"__proto__":{"a":1}',
        '"meta":[]',
        '"meta":{"lastUpdated":"yesterday"}',
        '"contained":[{}]',
        '"contained":[{"resourceType":"Patient","contained":[{"resourceType":"Patient"}]}]',
        '"extension":[{"valueString":"no url"}]',
        '"extension":[{"url":"a","valueString":"b","valueCode":"c"}]',
        '"managingOrganization":{"reference":"Patient/not-an-organization"}',
        '"photo":[{"data":"not base64!"}]',
        '"text":{"status":"generated","div":"<div><script>alert(1)</script></div>"}',
        '"id":"with space"',
        '"implicitRules":" "',
    ):
        expected: Expected = "answered" if "<script>" in content or '"id"' in content else "refused"
        body = f'{{"resourceType":"Patient",{content}}}'
        yield _posted(f"wrong content {content[:60]}", body.encode(), expected)
    for name, content in (
        ("lone surrogate", '"\\ud800"'),
        ("two surrogates the wrong way round", '"\\udc00\\ud800"'),
        ("NUL", '"a\\u0000b"'),
        ("raw control character", '"a\x01b"'),
    ):
        yield _posted(
            name, f'{{"resourceType":"Patient","name":[{{"family":{content}}}]}}'.encode()
        )
    text = '{"resourceType":"Patient","name":[{"family":"é"}]}'
    for coding in ("latin-1", "utf-16", "utf-32-be"):
        yield _posted(f"in {coding}", text.encode(coding))
    yield _posted("raw NUL", text.encode().replace("é".encode(), b"\0"))
    yield _posted("cut UTF-8", text.encode().replace("é".encode(), b"\xc3"))
    yield _posted("overlong UTF-8", text.encode().replace("é".encode(), b"\xc0\xaf"))
    yield _posted("byte order mark", b"\xef\xbb\xbf" + text.encode(), "answered")
    yield _posted("names twice", b'{"resourceType":"Patient","id":"a","id":"b"}', "answered")
    for name, opened, closed in (
        ("arrays", "[", "]"),
        ("objects", '{"a":', "}"),
        ("extensions", '{"url":"u","extension":[', "]}"),
    ):
        for end in (closed * DEEP, ""):
            deep = f'{{"resourceType":"Patient","extension":[{opened * DEEP}{end}]}}'
            yield _posted(f"{name} {DEEP} deep, {'closed' if end else 'open'}", deep.encode())
    yield _posted(
        "many brackets in a string", encode({**PATIENT, "language": "[" * 100_000}), "answered"
    )
    for kind in ("", "Nonsense", "patient", "Resource", "DomainResource", "Element", "../Patient"):
        yield _posted(f"resourceType {kind!r}", encode({"resourceType": kind}))
    yield _posted("another type", encode({"resourceType": "Basic", "code": {"text": "x"}}))
    quantity = '{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":'
    for number in ("1e400", "-1e-400", "9" * 5_000, "1" * 100_000, "0." + "1" * 5_000):
        measured = f'{quantity}{{"value":{number}}}}}'.encode()
        yield Asked(
            name=f"number {number[:20]}",
            method="POST",
            target="Observation",
            body=measured,
            expected="answered",
        )
    for name, content_of in (
        ("no id", encode({"resourceType": "Patient"})),
        ("another id", encode({"resourceType": "Patient", "id": "other"})),
        ("another type", encode({"resourceType": "Basic", "id": "fuzz"})),
    ):
        yield Asked(name=f"PUT with {name}", method="PUT", target="Patient/fuzz", body=content_of)
    for bad in ("a" * 65, "a%20b", "a%2Fb", "a'b", "%00", "%F0%9F%98%80", "a;b", "*"):
        yield Asked(
            name=f"PUT to id {bad[:20]}",
            method="PUT",
            target=f"Patient/{bad}",
            body=encode(PATIENT),
        )


def _patches() -> Iterator[Asked]:
    media = (("content-type", "application/json-patch+json"),)
    for text in (
        "",
        "{}",
        "[1]",
        '[{"op":"explode","path":"/name"}]',
        '[{"op":"add","path":"name","value":1}]',
        '[{"op":"add","path":"/birthDate","value":"2024-02-30"}]',
        f'[{{"op":"add","path":"/extension","value":{"[" * 3_000}{"]" * 3_000}}}]',
    ):
        yield Asked(
            name=f"patch {text[:60]}",
            method="PATCH",
            target="Patient/fuzz",
            headers=media,
            body=text.encode(),
        )


def _conditions_on_versions() -> Iterator[Asked]:
    for tag in ('W/"x"', '"1"', "W/1", "1", "*", 'W/"99999999999999999999"', 'W/"-1"', "W/", "é"):
        yield Asked(
            name=f"If-Match {tag}",
            method="PUT",
            target="Patient/fuzz",
            headers=(("if-match", tag),) if tag.isascii() else (),
            body=encode(PATIENT),
            expected="answered",
        )
    for bad in ("W/x", "x" * 2_000, 'W/"x"'):
        headers = (("if-match", bad),)
        yield Asked(
            name=f"bad ETag {bad[:20]}", method="DELETE", target="Patient/x", headers=headers
        )
    for name in ("if-modified-since", "if-none-match"):
        yield Asked(
            name=f"{name} of nonsense",
            target="Patient/fuzz",
            headers=((name, "the day before"),),
            expected="answered",
        )
    for version in ("x", "-1", "0", "99999999999999999999", "1'", "%00"):
        yield Asked(name=f"version {version}", target=f"Patient/fuzz/_history/{version}")


def _bundles() -> Iterator[Asked]:
    def bundle(name: str, text: str, expected: Expected = "refused") -> Asked:
        return Asked(name=f"bundle {name}", method="POST", body=text.encode(), expected=expected)

    def transaction(*entries: str) -> str:
        joined = ",".join(entries)
        return f'{{"resourceType":"Bundle","type":"transaction","entry":[{joined}]}}'

    new = '{"resource":{"resourceType":"Patient"},"request":{"method":"POST","url":"Patient"}}'
    yield bundle("without type", '{"resourceType":"Bundle"}')
    for kind in ("document", "searchset", "nonsense"):
        yield bundle(f"of type {kind}", f'{{"resourceType":"Bundle","type":"{kind}"}}')
    yield bundle("is a Patient", '{"resourceType":"Patient"}')
    yield bundle("entry no list", '{"resourceType":"Bundle","type":"batch","entry":{}}')
    for entry in (
        "1",
        "null",
        "{}",
        '{"request":{}}',
        '{"request":{"method":"EXPLODE","url":"Patient"}}',
        '{"request":{"method":"GET"}}',
        '{"request":{"method":"POST","url":"Patient"}}',
        '{"request":{"method":"GET","url":"http://elsewhere.example/Patient/1"}}',
        '{"request":{"method":"GET","url":"../../metadata"}}',
        '{"request":{"method":"GET","url":"Patient?birthdate=2024-02-30"}}',
        '{"request":{"method":"GET","url":"Patient/%zz"}}',
        '{"request":{"method":"DELETE","url":"Patient?"}}',
        '{"request":{"method":"POST","url":"","resource":{}}}',
        '{"resource":{"resourceType":"Patient","id":"a"},"request":{"method":"PUT","url":"Patient/b"}}',
        (
            '{"resource":{"resourceType":"Patient"},"request":{"method":"POST","url":"Patient",'
            '"ifNoneExist":"nonsense=1"}}'
        ),
        (
            '{"resource":{"resourceType":"Patient"},"request":{"method":"POST","url":"Patient",'
            '"ifMatch":"W/x"}}'
        ),
        (
            '{"resource":{"resourceType":"Bundle","type":"transaction","entry":[]},'
            '"request":{"method":"POST","url":""}}'
        ),
        (
            '{"resource":{"resourceType":"Observation","status":"final","code":{"text":"x"},'
            '"subject":{"reference":"Patient?identifier=urn:nobody|x"}},'
            '"request":{"method":"POST","url":"Observation"}}'
        ),
        (
            '{"resource":{"resourceType":"Observation","status":"final","code":{"text":"x"},'
            '"subject":{"reference":"urn:uuid:nowhere"}},'
            '"request":{"method":"POST","url":"Observation"}}'
        ),
    ):
        text = transaction(entry)
        unresolved: Expected = "answered" if "urn:uuid:nowhere" in entry else "refused"
        yield bundle(f"entry {entry[:90]}", text, unresolved)
        yield bundle(f"batch {entry[:90]}", text.replace('"transaction"', '"batch"', 1), "answered")
    put = (
        '{"resource":{"resourceType":"Patient","id":"two"},'
        '"request":{"method":"PUT","url":"Patient/two"}}'
    )
    yield bundle("the same target twice", transaction(put, put))
    named = new.replace('{"resource"', '{"fullUrl":"urn:uuid:a","resource"', 1)
    yield bundle("the same fullUrl twice", transaction(named, named))
    yield bundle("10,001 entries", transaction(*[new] * 10_001))
    ring = [
        f'{{"fullUrl":"urn:uuid:00000000-0000-4000-8000-00000000000{n}",'
        '"resource":{"resourceType":"Patient","link":[{"type":"seealso","other":'
        f'{{"reference":"urn:uuid:00000000-0000-4000-8000-00000000000{1 - n}"}}}}]}},'
        '"request":{"method":"POST","url":"Patient"}}'
        for n in range(2)
    ]
    yield bundle("in a ring", transaction(*ring), "answered")


def _searches() -> Iterator[Asked]:
    for query in (
        *(f"_count={n}" for n in ("-1", "abc", "1e3", "0x10", "9" * 20, "1.5", "%D9%A1", "")),
        *(
            f"birthdate={day}"
            for day in (
                "2024-02-30",
                "2024-13-01",
                "2024-02-01T25:00",
                "99999-01-01",
                "-2024",
                "gt",
                "eqeq2024",
                "lt2024-02-31",
                "2024-02-01T10:00:00.Z",
                "yesterday",
                "xx2024",
            )
        ),
        "gender=%7C",
        "active=perhaps",
        "general-practitioner=///",
        "general-practitioner=Patient/../../etc/passwd",
        "colour=red",
        "name:sideways=x",
        "name:missing=perhaps",
        "gender:contains=m",
        "birthdate:exact=2024",
        "_sort=colour",
        "_sort=-",
        "_sort=name,name",
        "_elements=../../x",
        "_elements=",
        "_summary=evil",
        "_total=evil",
        "_after=evil",
        "_after=" + "A" * 400,
        "_include=evil",
        "_include=Patient",
        "_include=Patient:name",
        "_include=Patient:organization:Nonsense",
        "_include:sideways=Patient:organization",
        "_revinclude=Observation:subject:Nonsense",
        "_has:Observation:subject:code",
        "_has:Observation:colour:code=x",
        "_has:Nonsense:subject:code=x",
        "_has=x",
        "_type=Patient",
        "organization.colour=x",
        "organization:Patient.name=x",
        "organization." * 20 + "name=x",
        "_has:Patient:organization:" * 20 + "name=x",
        "&".join(f"name=a{n}" for n in range(500)),
        "_lastUpdated=2024-02-30",
        "name",
    ):
        yield Asked(
            name="search",
            target=f"Patient?{query}",
        )
    for query in (
        "Observation?value-quantity=abc",
        "Observation?value-quantity=1e999999999",
        "Observation?value-quantity=NaN",
        "Observation?value-quantity=5.4||||",
        "Observation?code-value-quantity=x",
        "Observation?code-value-quantity=a$b$c",
        "RiskAssessment?probability=Infinity",
        "RiskAssessment?probability=%D9%A1",
        "Location?near=0|0|1|km",
        "Nonsense?x=1",
        "?_type=Nonsense",
        "?name=x",
        "Patient/fuzz/Nonsense",
        "Patient/fuzz/Observation?colour=red",
    ):
        yield Asked(name="search", target=query.encode())
    wide = "_include:iterate=*&_revinclude:iterate=*"
    for query in (
        f"Patient?{wide}",
        "Patient?_include:iterate=Patient:link&_revinclude:iterate=Patient:link",
        f"Observation?{wide}&_count=1000",
        "?_type=Patient&name=x",
        "Patient?_id=a/b",
        "Patient?=x",
        "Patient?name=%25",
        "Patient?name=_",
        "Patient?name:contains=%25_%5C",
        "Patient?name=(a%2B)%2B%24",
        "Patient?name:exact=.*",
        "ValueSet?url:below=http://%25",
        "ValueSet?url:above=http://a/../../b",
        "Patient?_tag=a%7C%7Cb",
        "Patient?identifier=%5C%7C",
        "Patient?name=%5C",
        "Patient?_lastUpdated=gt0001&_lastUpdated=lt9999",
        "Patient?birthdate=9999-12-31T23:59:60Z",
        "Patient?birthdate=0001",
        "Patient?name=" + "%F0%9F%98%80" * 50,
        "Patient?name:contains=" + "a" * 5_000,
        "Patient?name=%E2%80%AE%E2%80%8F",
    ):
        yield Asked(name="odd search", target=query, expected="answered")
    form = (("content-type", "application/x-www-form-urlencoded"),)
    for count in (1_000, 1_001, 1_000_000):
        yield Asked(
            name=f"{count} alternatives",
            method="POST",
            target="Patient/_search",
            headers=form,
            body=b"_id=" + b",".join([b"a"] * count),
            expected="answered" if count == 1_000 else "refused",
        )
    for body in (
        b"birthdate=2024-02-30",
        b"name=%zz",
        b"name=\xff\xfe",
        b"\0",
        b"name=%ff",
    ):
        yield Asked(
            name=f"form {body!r}",
            method="POST",
            target="Patient/_search",
            headers=form,
            body=body,
        )


def _addresses() -> Iterator[Asked]:
    for text in (
        b"Patient?name=%",
        b"Patient?name=%z",
        b"Patient?name=%zz",
        b"Patient?name=%80",
        b"Patient?name=%C0%AF",
        b"Patient?name=%ED%A0%80",
        b"Patient?name=%00",
        b"Patient?%00=x",
        b"Patient?%80=x",
        b"Patient/%",
        b"Patient/%80",
        b"Patient/%00",
        b"Patient/a%2Fb",
        b"Patient/..%2F..%2Fmetadata",
        b"%2e%2e/fhir/Patient/x/y",
        b"Patient/x/y/z/1",
        b"Patient/x/_history/1/2",
        b"Patient/$explode",
        b"Patient/fuzz/$explode",
        b"$explode",
        b"patient/fuzz",
        b"Nonsense/1",
        b"_nonsense",
        b"Patient/" + b"a" * 65,
        b"Patient/" + b"a" * 5_000,
        b"Patient?name=" + b"a" * 10_000,
        b"Patient?" + b"name=a&" * 2_000,
        b"Patient?_format=xml",
        b"Patient?_format=application/fhir%2Bxml",
        b"Patient?_format=;;;",
        b"Patient/fuzz/_history?_count=x",
        b"Patient/fuzz/_history?_since=2024-02-30",
        b"_history?_since=yesterday",
        b"Patient/fuzz/$everything?_count=-1",
        b"Patient/fuzz/$everything?start=2024-02-30",
        b"Patient/fuzz/$everything?_type=Nonsense",
    ):
        yield Asked(name="address", target=text)
    for method, target in (
        ("PUT", ""),
        ("DELETE", ""),
        ("PATCH", ""),
        ("TRACE", "Patient/fuzz"),
        ("PROPFIND", "Patient"),
        ("EXPLODE", "Patient"),
        ("POST", "metadata"),
        ("DELETE", "metadata"),
        ("POST", "Patient/fuzz"),
        ("DELETE", "Patient"),
        ("DELETE", "Patient?"),
        ("PUT", "Patient?"),
        ("PUT", "Patient?colour=red"),
        ("DELETE", "Patient?birthdate=2024-02-30"),
    ):
        yield Asked(name="method", method=method, target=target, body=encode(PATIENT))


def _protocol() -> Iterator[Asked]:
    body = encode(PATIENT)
    for media in ("text/xml", "application/fhir+xml", "text/plain", "", "x", "multipart/form-data"):
        yield Asked(
            name=f"Content-Type {media!r}",
            method="POST",
            target="Patient",
            headers=(("content-type", media),),
            body=body,
        )
    for accept in ("application/fhir+xml", "text/html", "image/*", ";", "x" * 2_000):
        yield Asked(
            name=f"Accept {accept[:30]}", target="Patient/fuzz", headers=(("accept", accept),)
        )
    for value in ("return=everything", "handling=never"):
        headers = (("prefer", value),)
        yield Asked(name=f"Prefer {value}", target="Patient", headers=headers, expected="answered")
    for value in ("nonsense=1", "birthdate=2024-02-30", "%zz", "a" * 9_000):
        yield Asked(
            name=f"If-None-Exist {value[:30]}",
            method="POST",
            target="Patient",
            headers=(("if-none-exist", value),),
            body=body,
        )
    yield Asked(name="40 kB header", target="Patient", headers=(("x-long", "a" * 40_000),))
    many = tuple((f"x-{n}", "a" * 500) for n in range(80))
    yield Asked(name="80 headers", target="Patient", headers=many)
    for coding, packed in (
        ("gzip", b"not gzip"),
        ("gzip", gzip.compress(body)[:-9]),
        ("deflate", b"\xff" * 20),
        ("br", body),
        ("zstd", body),
    ):
        yield Asked(
            name=f"Content-Encoding {coding}",
            method="POST",
            target="Patient",
            headers=(("content-encoding", coding),),
            body=packed,
        )
    for value in ("Bearer", "Bearer " + "a" * 5_000, "Basic !!!", "Nonsense"):
        yield Asked(
            name=f"Authorization {value[:20]}",
            target="Patient/fuzz",
            headers=(("authorization", value),),
            expected="answered",
        )


def _sizes() -> Iterator[Asked]:
    def streamed(megabytes: int) -> Iterator[bytes]:
        yield b'{"resourceType":"Patient","name":[{"family":"'
        for _ in range(megabytes):
            yield b"a" * MEGABYTE
        yield b'"}]}'

    yield Asked(name="200 MB in a stream", method="POST", target="Patient", body=streamed(200))
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(b" " * MEGABYTE) for _ in range(200)) + packer.flush()
    yield Asked(
        name="200 MB packed into few",
        method="POST",
        target="Patient",
        headers=(("content-encoding", "gzip"),),
        body=bomb,
    )
    yield _posted(
        "5 MB in one name", encode({**PATIENT, "name": [{"family": "长" * 2_000_000}]}), "answered"
    )
    names = [{"family": f"a{n}"} for n in range(1_000)]
    yield _posted("1,000 names", encode({**PATIENT, "name": names}), "answered")
