"""Wrong role, wrong resident, no log-in: refused at every door that exists, and written down."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute

from minkang.api.routes import ROUTES
from minkang.identity import Resident as Person
from tests.e2e.installation import PASSWORD, Installation
from tests.e2e.running import Cast, People
from tests.web.doors import (
    BY_NUMBER,
    CENTRE,
    DOCTOR,
    DOORS,
    FHIR_PUBLIC,
    FOR_SYSTEMS,
    PUBLIC,
    RESIDENT,
    WITHIN_SCOPE,
    Door,
    Whom,
)

DIRECTORY = {"Organization", "Location", "Practitioner", "PractitionerRole", "HealthcareService"}
LOGINS = {DOCTOR: "yisheng", RESIDENT: "linju", CENTRE: "xinxi"}
SHUT = pytest.mark.parametrize("door", DOORS, ids=str)
ABOUT_A_PERSON = pytest.mark.parametrize("door", [d for d in DOORS if d.about], ids=str)


def knock(client: httpx.Client, door: Door, whom: Whom) -> httpx.Response:
    """Ask at a door, without following where it leads; a stream is let go after its head."""
    headers = {"accept": "text/event-stream"} if door.path.endswith("/events") else {}
    with client.stream(
        door.method, door.at(whom), data=door.form or None, headers=headers
    ) as answer:
        if not answer.headers.get("content-type", "").startswith("text/event-stream"):
            answer.read()
        return answer


def of(person: Person) -> Whom:
    """The ids of a resident; of several Patients, one."""
    return Whom(person.person, min(person.patients))


@contextmanager
def writes_refusal(platform: Installation, door: Door, **expected: str | None) -> Iterator[None]:
    """The block must leave at least one entry of a refusal at this door; `expected` on the last."""
    before = platform.fetch("select count(*) as n from audit.entry")[0]["n"]
    yield
    rows = platform.fetch(
        """select e.action, e.reason, e.person, e.role, a.login from audit.entry e
           left join accounts.account a on a.id::text = e.account
           where not e.allowed order by e.at desc, e.seq desc limit 1"""
    )
    after = platform.fetch("select count(*) as n from audit.entry")[0]["n"]
    assert after > before, f"{door}: nothing was written down"
    found = dict(rows[0])
    assert found["action"] == door.action
    assert {name: found[name] for name in expected} == expected


def test_every_route_is_either_public_or_a_door_these_tests_know(application: Litestar) -> None:
    routes = {
        (method, route.path)
        for route in application.routes
        if isinstance(route, HTTPRoute)
        for method in route.methods
        if method != "OPTIONS"  # answered by the framework with the list of methods
    }
    assert all(isinstance(route, HTTPRoute) for route in application.routes)
    fhir = {(method, f"/fhir{path}") for path, methods in ROUTES.items() for method in methods}
    doors = {(door.method, door.path) for door in DOORS}
    assert routes == PUBLIC | {one for one in doors if not one[1].startswith("/fhir")}
    assert fhir == FHIR_PUBLIC | BY_NUMBER | FOR_SYSTEMS | WITHIN_SCOPE | {
        one for one in doors if one[1].startswith("/fhir")
    }


@SHUT
def test_without_log_in_a_door_leads_to_the_log_in_or_nowhere(
    door: Door, platform: Installation, cast: Cast
) -> None:
    about = {"person": cast.own.person} if door.about else {}
    with (
        platform.browser() as nobody,
        writes_refusal(platform, door, reason="no-log-in", login=None, **about),
    ):
        answer = knock(nobody, door, of(cast.own))
        if door.for_people:
            assert answer.status_code == 303
            assert answer.headers["location"].startswith("/login?next=/")
        else:
            assert answer.status_code == 401
        assert_tells_nothing(answer, cast)


@pytest.mark.parametrize(("method", "path"), sorted(FOR_SYSTEMS))
def test_a_browsers_session_opens_no_door_of_systems(
    method: str, path: str, people: People, cast: Cast
) -> None:
    address = Door(method, path, "", frozenset()).at(of(cast.own))
    for login in LOGINS.values():
        answer = people[login].request(method, address)
        assert answer.status_code in (401, 403)
        assert_tells_nothing(answer, cast)


@pytest.mark.parametrize(("method", "path"), sorted(BY_NUMBER))
def test_a_number_is_cross_referenced_for_those_who_may_read_the_resident(
    method: str, path: str, platform: Installation, people: People, cast: Cast
) -> None:
    number = f"{platform.address}/fhir|{min(cast.own.patients)}"
    given: dict[str, Any] = {"params": {"sourceIdentifier": number}}
    if method == "POST":
        sent = [{"name": "sourceIdentifier", "valueString": number}]
        given = {"json": {"resourceType": "Parameters", "parameter": sent}}
    statuses = {}
    for login in (*LOGINS.values(), "nanyi", "mayi", "jumin"):
        answer = people[login].request(method, path, **given)
        statuses[login] = answer.status_code
        if answer.status_code != 200:
            assert_tells_nothing(answer, cast)
    if method == "POST":  # a browser's session posts nothing here, whoever it is
        assert set(statuses.values()) == {401}
        return
    readers = dict.fromkeys(("yisheng", "mayi", "jumin"), 200)
    assert statuses == readers | dict.fromkeys(("linju", "xinxi", "nanyi"), 403)


@pytest.mark.parametrize(("method", "path"), sorted(WITHIN_SCOPE))
def test_who_names_nobody_gets_the_directory_and_the_own_list_at_most(
    method: str, path: str, people: People, cast: Cast
) -> None:
    address = Door(method, path, "", frozenset()).at(of(cast.own))
    terminology = {"CodeSystem", "ConceptMap", "ValueSet"}
    listed = {"OperationOutcome", "Encounter", "Appointment", *DIRECTORY, *terminology}
    for role, login in LOGINS.items():
        answer = people[login].request(method, address)
        assert answer.status_code in (200, 400, 401, 403)
        if role != DOCTOR:
            assert_tells_nothing(answer, cast)
        entries = answer.json().get("entry", ())
        kinds = {one["resource"]["resourceType"] for one in entries if "resource" in one}
        assert role == RESIDENT or kinds <= listed  # residents get what is their own


@ABOUT_A_PERSON
def test_another_residents_record_is_refused_and_the_entry_names_whose_it_was(
    door: Door, platform: Installation, people: People, cast: Cast
) -> None:
    with writes_refusal(platform, door, login="linju", person=cast.own.person):
        answer = knock(people["linju"], door, of(cast.own))
        assert answer.status_code == 403
        assert_tells_nothing(answer, cast)


@ABOUT_A_PERSON
def test_a_doctor_without_relation_is_refused_and_the_entry_names_whose_record_it_was(
    door: Door, platform: Installation, people: People, cast: Cast
) -> None:
    with writes_refusal(platform, door, login="nanyi", person=cast.own.person):
        answer = knock(people["nanyi"], door, of(cast.own))
        assert answer.status_code == 403
        assert_tells_nothing(answer, cast)


@ABOUT_A_PERSON
def test_who_does_not_exist_looks_like_who_may_not_be_seen(
    door: Door, people: People, cast: Cast
) -> None:
    # Wrong codes are counted: those typed at one door must not shut the other one.
    doctor = "beiyi" if door.action == "witness-consent" else "nanyi"
    # Those whose work it is to know who there is are told.
    others = ("linju",) if CENTRE in door.roles else ("linju", "xinxi")
    for login in (doctor, *others):
        nobody = Whom("3" * len(cast.own.person), "4" * len(min(cast.own.patients)))
        known = knock(people[login], door, of(cast.own))
        unknown = knock(people[login], door, nobody)
        assert known.status_code == unknown.status_code == 403
        assert neutral(known, of(cast.own)) == neutral(unknown, nobody)
        assert known.headers.keys() == unknown.headers.keys()


def neutral(answer: httpx.Response, whom: Whom) -> str:
    """A page without what differs from one request to the next."""
    text = answer.text.replace(whom.person, "WHOM").replace(whom.patient, "WHOM")
    text = re.sub(r"\b[0-9a-f]{128}\b", "TOKEN", text)
    return re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d", "TIME", text)


def assert_tells_nothing(answer: httpx.Response, cast: Cast) -> None:
    """Nothing of the resident's is in a refusal."""
    who = cast.own
    for secret in (who.name, who.id_number, who.code, who.birth_date, who.address, who.phone):
        assert secret
        assert secret not in answer.text


@pytest.mark.parametrize(
    "door",
    [d for d in DOORS if d.about and d.method == "GET" and DOCTOR in d.roles],
    ids=str,
)
def test_a_shown_code_opens_the_record_to_that_doctor_alone(
    door: Door, people: People, cast: Cast
) -> None:
    # Behind the door of a note there is none of that id.
    behind = 404 if "{note:str}" in door.path else 200
    assert knock(people["mayi"], door, of(cast.own)).status_code == behind
    assert knock(people["mayi"], door, of(cast.other)).status_code == 403


def test_a_wrong_code_opens_nothing(people: People, cast: Cast) -> None:
    path = f"/record/{cast.own.person}"
    for code in ("", "0" * 16, cast.other.code, cast.own.id_number, cast.own.name):
        assert people["nanyi"].post(f"{path}/code", data={"code": code}).status_code == 403
    assert people["nanyi"].get(path).status_code == 403


@pytest.mark.parametrize(
    "door",
    [d for d in DOORS if RESIDENT in d.roles and d.method == "GET" and "demo" not in d.path],
    ids=str,
)
def test_a_resident_passes_the_doors_to_the_own_record(
    door: Door, people: People, cast: Cast
) -> None:
    assert knock(people["jumin"], door, of(cast.own)).status_code == 200


@pytest.mark.parametrize(
    "path",
    sorted(
        {d.at(Whom()) for d in DOORS if d.method == "POST"} | {"/login", "/logout", "/language"}
    ),
)
def test_a_form_of_another_site_is_refused(path: str, people: People) -> None:
    for login in ("yisheng", "jumin", "xinxi"):
        given = people[login]
        cookies = {"minkang_session": given.cookies["minkang_session"]}
        for headers in ({}, {"x-csrftoken": "0" * 128}):
            answer = httpx.post(
                f"{given.base_url}{path}",
                cookies={**cookies, "minkang_csrf": given.cookies["minkang_csrf"]},
                headers=headers,
                data={"q": "wang", "login": "yisheng", "password": PASSWORD},
                trust_env=False,
                verify=False,
            )
            assert answer.status_code == 403
            assert "set-cookie" not in answer.headers
    assert people["yisheng"].get("/doctor").status_code == 200


def test_a_session_that_was_ended_or_made_up_opens_nothing(
    platform: Installation, cast: Cast
) -> None:
    with platform.logged_in("mayi") as doctor, platform.browser() as thief:
        thief.cookies.set("minkang_session", doctor.cookies["minkang_session"], "127.0.0.1")
        assert thief.get(f"/record/{cast.own.person}").status_code == 200
        assert doctor.post("/logout").status_code == 303
        assert "minkang_session" not in doctor.cookies
        assert thief.get(f"/record/{cast.own.person}").status_code == 303
        thief.cookies.set("minkang_session", "A" * 43, "127.0.0.1")
        assert thief.get("/doctor").status_code == 303


def test_a_log_in_begins_a_session_of_its_own(platform: Installation, cast: Cast) -> None:
    del cast
    with platform.browser() as visitor:
        visitor.cookies.set("minkang_session", "brought-along", "127.0.0.1")
        answer = visitor.post("/login", data={"login": "nanyi", "password": PASSWORD})
        (cookie,) = [
            line
            for line in answer.headers.get_list("set-cookie")
            if line.startswith("minkang_session=")
        ]
        assert "brought-along" not in cookie
        attributes = {part.strip().lower() for part in cookie.split(";")[1:]}
        assert {"httponly", "samesite=lax", "path=/", "max-age=43200"} <= attributes


def test_the_token_of_forms_is_not_for_scripts(platform: Installation) -> None:
    with platform.browser() as visitor:
        visitor.cookies.clear()
        cookie = visitor.get("/login").headers["set-cookie"].lower()
        assert cookie.startswith("minkang_csrf=")
        assert {"httponly", "samesite=lax", "path=/"} <= {p.strip() for p in cookie.split(";")}


ELSEWHERE = (
    "https://evil.example/",
    "//evil.example/",
    "///evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "javascript:alert(1)",
    "/%2f/evil.example",
    "evil.example",
    "/doctor\r\nX-Evil: 1",
)


@pytest.mark.parametrize("target", ELSEWHERE)
def test_neither_log_in_nor_language_leads_to_another_site(
    target: str, platform: Installation, cast: Cast
) -> None:
    del cast
    with platform.browser() as visitor:
        asked = visitor.get("/login", params={"next": target})
        assert asked.status_code == 200
        answers = [
            visitor.post("/language", data={"language": "en", "back": target}),
            visitor.post("/login", data={"login": "nanyi", "password": PASSWORD, "next": target}),
        ]
        for answer in answers:
            assert answer.status_code == 303
            assert "x-evil" not in answer.headers
            # As browsers read it: tabs and line ends are dropped, a backslash is a slash.
            location = re.sub(r"[\t\r\n]", "", answer.headers["location"]).replace("\\", "/")
            assert urlsplit(urljoin(platform.address, location)).netloc == (
                f"127.0.0.1:{platform.port}"
            )


def test_log_in_goes_on_to_where_the_visitor_wanted(platform: Installation, cast: Cast) -> None:
    path = f"/record/{cast.own.person}"
    with platform.browser() as visitor:
        asked = visitor.get(path)
        assert asked.headers["location"] == f"/login?next={path}"
        page = visitor.get(asked.headers["location"])
        assert f'name="next" value="{path}"' in page.text
        answer = visitor.post("/login", data={"login": "mayi", "password": PASSWORD, "next": path})
        assert answer.headers["location"] == path
