"""Every link and button of every page, for every role, and the same decision at page and API."""

import re
from collections.abc import Callable, Iterator

import httpx
import pytest

from minkang.app.demonstration.accounts import demo_accounts
from minkang.identity import Resident as Person
from tests.e2e.crawl import Walk, page_routes, press, walk
from tests.e2e.installation import Installation, installation

pytestmark = pytest.mark.prove

LOGINS = [one.login for one in demo_accounts()]
LAST = ("anquan", "anquan2", "shenji", "xitong")
"""Their buttons change what others may do; those of the last shut accounts."""

CARE = ("yisheng", "zhongyi", "quanke", "cunyi", "hushi", "fuyou")
NOBODYS = ("guihua", "jiandu", "yanjiu", "yuanxin", "xitong", "anquan", "anquan2")
"""Roles whose pages name no resident: aggregates, settings, rules."""

ELSEWHERE = {
    "/login": "before the log-in",
    "/login/second-factor": "before the log-in",
    "/login/enrol": "before the log-in",
    "/login/password": "before the log-in",
    "/login/oidc/{provider:str}": "leads to the region's own log-in",
    "/login/oidc/{provider:str}/back": "leads back from there",
    "/recover/{token:str}": "with a link that an administrator hands over",
    "/my/confirm": "when the password was given longer than ten minutes ago",
    "/oauth/authorize": "asked by an app",
    "/launch": "asked by a hospital's own system",
    "/launch/{token:str}": "asked by a hospital's own system",
    "/launch/over/{code:str}": "when a frame of a hospital's own system is shut",
    "/record/{person:str}/events": "a stream that never ends",
    "/doctor/today/events": "a stream that never ends",
    "/doctor/today/body": "when the stream says that something is new",
    "/audit/verification/live": "while a verification runs",
    "/audit/archive/{number:int}": "when there is an archive",
    "/population/events": "when there are births and deaths to compare",
    "/centre/identity/labels": "when pairs have been decided on",
    "/centre/identity/review/table": "when pairs wait for a decision",
    "/centre/sources/{source:str}/setup/who": "after a source was begun",
    "/centre/sources/{source:str}/setup/how": "after a source was begun",
    "/centre/sources/{source:str}/setup/credentials": "after a source was begun",
    "/centre/sources/{source:str}/setup/live": "after a source was begun",
    "/centre/sources/{source:str}/setup/test": "after a source was begun",
    "/centre/sources/{source:str}/setup/test/live": "after a source was begun",
    "/corrections/{correction:str}": "when a resident has asked for a correction",
    "/record/{person:str}/notes/{note:str}": "when a note was written here",
    "/record/{person:str}/notes/{note:str}/withdraw": "when a note was written here",
    "/demo/sent/{control_id:str}": "after a message was sent by hand",
    "/region/export": "asked with a number of its own",
    "/me/code": "asked by the code page as the code runs out",
    "/me/code.svg": "asked by the code page as the code runs out",
    "/me/growth": "for a child",
}
"""Routes that no link from a role's home need lead to, and why; tests of their own knock there."""

AS_ITS_OWN = re.compile(r"^/me/family/\{person:str\}|print\.pdf$")
"""Pages of a child are those of the resident, if the invented resident has a child; a sheet to be
printed is made from the page beside it."""


@pytest.fixture(scope="module")
def region() -> Iterator[Installation]:
    """A demonstration of which nothing need stay whole."""
    with installation("--residents", "50", "--years", "1") as made:
        yield made


@pytest.fixture(scope="module")
def persons(region: Installation) -> dict[str, Person]:
    """Everybody of the demonstration by the id of the Person."""
    return {one.person: one for _, one in region.persons()}


@pytest.fixture(scope="module")
def walked(region: Installation, persons: dict[str, Person]) -> Callable[[str], Walk]:
    """The walk of a login, from `/`: made once, before any button is pressed."""
    made: dict[str, Walk] = {}
    known = [persons[own_person(region)], *persons.values()]
    words = tuple(dict.fromkeys(one.name for one in known[:4]))

    def of(login: str) -> Walk:
        if login not in made:
            with region.logged_in(login) as client:
                made[login] = walk(client, "/", own_number=number_of(region, login), words=words)
        return made[login]

    return of


def own_person(region: Installation) -> str:
    row = region.fetch("select person from accounts.account where login = 'jumin'")[0]
    return str(row["person"])


def reads(client: httpx.Client, one: Person) -> set[int]:
    """What the base answers to a search in each of somebody's Patients; a limited consent may open
    one of them and not another."""
    return {
        client.get("/fhir/Condition", params={"patient": key, "_count": "1"}).status_code
        for key in sorted(one.patients)
    }


def number_of(region: Installation, login: str) -> str:
    if login != "jumin":
        return ""
    own = own_person(region)
    return next(one.id_number for _, one in region.persons() if one.person == own)


@pytest.mark.parametrize("login", LOGINS)
def test_every_link_leads_to_a_page_and_no_page_tells_too_much(
    walked: Callable[[str], Walk], login: str, record_property: Callable[[str, object], None]
) -> None:
    found = walked(login)
    own = found.routes & frozenset(page_routes())
    record_property("answers, routes, buttons", (len(found.seen), len(own), len(found.buttons)))
    assert len(own) > 4, f"{login} gets nowhere: {sorted(own)}"
    assert not found.faults, "\n".join(found.faults)


def test_every_page_is_reached_by_somebody(walked: Callable[[str], Walk]) -> None:
    reached = {route for login in LOGINS for route in walked(login).routes}
    left = [
        one
        for one in page_routes()
        if one not in reached and one not in ELSEWHERE and not AS_ITS_OWN.search(one)
    ]
    assert not left, f"no role is led to {left}"
    assert set(ELSEWHERE) <= set(page_routes()), "an exception for a page that is no more"


@pytest.mark.parametrize("login", LOGINS)
def test_what_a_page_opens_the_base_opens_and_nothing_else(
    region: Installation, persons: dict[str, Person], login: str
) -> None:
    with region.logged_in(login) as client:
        differing = []
        for one in persons.values():
            page = client.get(f"/record/{one.person}")
            opened = page.status_code in (200, 303)
            read = reads(client, one)
            if opened != (200 in read):
                differing.append(f"{one.person}: page {page.status_code}, base {read}")
        assert not differing, "\n".join(differing)


@pytest.mark.parametrize("login", [*CARE, "jumin"])
def test_no_fact_is_shown_that_the_base_refuses(
    region: Installation, walked: Callable[[str], Walk], login: str
) -> None:
    """Every fact that a page of a record or of a resident links to is one the base reads out."""
    facts = walked(login).named(r"^/record/[^/]+/fact/(\w+)/([^/?#]+)")
    with region.logged_in(login) as client:
        refused = {
            f"{kind}/{key}: {answer.status_code}"
            for kind, key in facts
            if (answer := client.get(f"/fhir/{kind}/{key}")).status_code != 200
        }
    assert not refused, "\n".join(sorted(refused))


@pytest.mark.parametrize("login", LOGINS)
def test_whose_tabs_and_own_pages_open_the_base_reads_too(
    region: Installation, persons: dict[str, Person], walked: Callable[[str], Walk], login: str
) -> None:
    """Record tabs and pages of a family: who is opened there is opened by the base."""
    opened = {
        *walked(login).opened(r"^/record/([^/?]+)(?:[?/](?!fact|notes|forms|apps))"),
        *walked(login).opened(r"^/me/family/([^/?]+)"),
        *([own_person(region)] if login == "jumin" else ()),
    }
    with region.logged_in(login) as client:
        refused = [
            f"{person}: {read}"
            for person in sorted(opened & set(persons))
            if 200 not in (read := reads(client, persons[person]))
        ]
    assert not refused, "\n".join(refused)


@pytest.mark.parametrize("login", NOBODYS)
def test_who_sees_figures_or_settings_is_shown_no_resident(
    persons: dict[str, Person], walked: Callable[[str], Walk], login: str
) -> None:
    found = []
    for address, text in walked(login).pages.items():
        found += [
            f"{address} names {one.person}"
            for one in persons.values()
            if one.person in text or any(key in text for key in one.patients) or one.code in text
        ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("login", [*(one for one in LOGINS if one not in LAST), *LAST])
def test_every_button_answers(
    region: Installation, walked: Callable[[str], Walk], login: str
) -> None:
    number = number_of(region, login)
    faults = []
    for button in walked(login).buttons.values():
        # A session of its own for every button: some end all sessions.
        with region.logged_in(login) as client:
            seen = press(client, button, own_number=number)
        if seen.fault:
            faults.append(f"{seen.address} (on {seen.linked_from}): {seen.fault}")
    assert not faults, "\n".join(faults)
