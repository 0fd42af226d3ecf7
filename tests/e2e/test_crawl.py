"""Every link and button of every page, for every role, and the same decision at page and API."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from minkang.app.demonstration.accounts import demo_accounts
from tests.e2e.crawl import press, walk
from tests.e2e.installation import Installation, installation
from tests.e2e.running import make_cast

pytestmark = pytest.mark.prove

LOGINS = [one.login for one in demo_accounts()]
LAST = ("xitong", "anquan", "anquan2", "shenji")
"""Their buttons change what others may do."""


@pytest.fixture(scope="module")
def region() -> Iterator[Installation]:
    """A demonstration of which nothing need stay whole."""
    with installation() as made:
        make_cast(made)
        yield made


def number_of(region: Installation, login: str) -> str:
    if login != "jumin":
        return ""
    row = region.fetch("select person from accounts.account where login = 'jumin'")[0]
    return next(one.id_number for _, one in region.persons() if one.person == row["person"])


@pytest.mark.parametrize("login", LOGINS)
def test_every_link_leads_to_a_page_and_no_page_tells_too_much(
    region: Installation, login: str
) -> None:
    with region.logged_in(login) as client:
        found = walk(client, "/", own_number=number_of(region, login))
    assert len(found.seen) > 8, f"{login} gets nowhere: {[one.address for one in found.seen]}"
    assert not found.faults, "\n".join(found.faults)


@pytest.mark.parametrize("login", LOGINS)
def test_what_a_page_opens_the_base_opens_and_nothing_else(
    region: Installation, login: str
) -> None:
    with region.logged_in(login) as client:
        known = [one for _, one in region.persons()][:8]
        differing = []
        for one in known:
            page = client.get(f"/record/{one.person}")
            opened = page.status_code in (200, 303)
            patient = min(one.patients)
            read = client.get("/fhir/Condition", params={"patient": patient, "_count": "1"})
            if opened != (read.status_code == 200):
                differing.append(f"{one.person}: page {page.status_code}, base {read.status_code}")
        assert not differing, "\n".join(differing)


@pytest.mark.parametrize("login", [one for one in LOGINS if one not in LAST])
def test_no_fact_is_shown_that_the_base_refuses(region: Installation, login: str) -> None:
    with region.logged_in(login) as client:
        found = walk(client, "/")
        facts = {urlsplit(one.address).path for one in found.seen if "/fact/" in one.address}
        for path in sorted(facts):
            kind, key = path.split("/")[-2:]
            assert client.get(f"/fhir/{kind}/{key}").status_code == 200, path


@pytest.mark.parametrize("login", sorted(LOGINS, key=LAST.__contains__))
def test_every_button_answers(region: Installation, login: str) -> None:
    number = number_of(region, login)
    faults = []
    with region.logged_in(login) as client:
        buttons = walk(client, "/", own_number=number).buttons.values()
    for button in buttons:
        # A session of its own for every button: some end all sessions.
        with region.logged_in(login) as client:
            seen = press(client, button, own_number=number)
        if seen.fault:
            faults.append(f"{seen.address} (on {seen.linked_from}): {seen.fault}")
    assert not faults, "\n".join(faults)
