"""Hostile text in a message shows as the text it is, wherever it comes out."""

from datetime import UTC, datetime
from html.parser import HTMLParser

import httpx
import pytest

from minkang.identity import Resident as Person
from tests.e2e.installation import Installation
from tests.e2e.processes import becomes
from tests.e2e.running import Cast, People
from tests.region import HOSTILE_TEXT, Resident, new_lab_message

SCRIPT = "<script>alert('x')</script>"
TAG = '"><img src=x onerror=alert(1)>'
TEMPLATE = "{{ 7*191 }}${7*191}"


class Reader(HTMLParser):
    """The text and the tags of a page, as a browser takes them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words = ""
        self.tags: list[str] = []
        self.handlers: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.handlers += [name for name, _ in attrs if name.startswith("on")]

    def handle_data(self, data: str) -> None:
        self.words += data


def read(answer: httpx.Response) -> Reader:
    """The page; its only scripts are our two files, and no text has become a tag."""
    page = Reader(answer.text)
    assert page.tags.count("script") in (0, 2)
    assert not {"b", "iframe", "object"} & set(page.tags)
    assert not page.handlers
    assert answer.text.count("<script") == answer.text.count("<script src=") + answer.text.count(
        '<script type="module" src='
    )
    assert "1337" not in page.words
    return page


@pytest.fixture(scope="module")
def marked(platform: Installation, people: People, cast: Cast) -> tuple[Resident, Person]:
    """A resident whose last report carries the hostile remark; `mayi` has seen the code."""
    truth, person = next(
        (t, p)
        for t, p in platform.persons()
        if "haibin" in t.numbers and p.person not in (cast.own.person, cast.other.person)
    )
    raw = new_lab_message("haibin", truth, datetime.now(UTC), "HOSTILE", {"comment": HOSTILE_TEXT})
    assert platform.send(raw) == ["AA"]
    assert becomes(lambda: platform.waiting() == 0, 30)
    shown = people["mayi"].post(f"/record/{person.person}/code", data={"code": person.code})
    assert shown.status_code == 303
    return truth, person


def test_a_hostile_remark_is_text_on_the_doctors_and_the_residents_page(
    platform: Installation, people: People, marked: tuple[Resident, Person]
) -> None:
    _, person = marked
    for tab in ("overview", "results", "visits"):
        page = read(people["mayi"].get(f"/record/{person.person}", params={"tab": tab}))
        if tab == "results":
            shown = " ".join(page.words.split())
            assert " ".join(HOSTILE_TEXT.replace("|", " ").split()) in shown.replace("|", " ")


def test_hostile_text_in_every_field_of_a_message_stays_text(
    platform: Installation, people: People, cast: Cast
) -> None:
    """In remark, item name, unit, flag, department, name, address, control id: stored or not."""
    control = f"X{TAG}"
    raw = new_lab_message(
        "haibin", cast.truth, datetime.now(UTC), control, {"comment": SCRIPT + TEMPLATE}
    ).decode()
    raw = raw.replace("血糖", f"血糖{TAG}").replace("内分泌科", f"内分泌科{SCRIPT}")
    raw = raw.replace("mmol/L", "mmol<b>L").replace(cast.truth.address, f"{TAG}{SCRIPT}")
    assert platform.send(raw.encode()) == ["AA"]
    assert becomes(lambda: platform.waiting() == 0, 30)
    row = platform.fetch("select id, state from exchange.message order by id desc limit 1")[0]
    assert row["state"] == "stored"

    def shows() -> bool:
        page = read(people["mayi"].get(f"/record/{cast.own.person}?tab=results"))
        return SCRIPT + TEMPLATE in page.words

    assert becomes(shows, 10)
    for login, path in (
        ("mayi", f"/record/{cast.own.person}"),
        ("mayi", f"/record/{cast.own.person}/body?tab=results"),
        ("jumin", "/me"),
        ("jumin", "/me/record"),
        ("xinxi", "/centre/messages"),
        ("xinxi", f"/centre/messages/{row['id']}"),
    ):
        read(people[login].get(path))
    message = read(people["xinxi"].get(f"/centre/messages/{row['id']}"))
    assert SCRIPT in message.words
    assert TAG in message.words


def test_a_refused_message_with_hostile_text_stays_text_in_quarantine(
    platform: Installation, people: People, cast: Cast
) -> None:
    raw = new_lab_message(
        "haibin", cast.truth, datetime.now(UTC), f"Q{SCRIPT}", {"comment": SCRIPT}
    ).decode()
    sender = raw.replace("|haibin|", f"|{SCRIPT}|", 1)
    number = raw.replace("|NM|", "|NM|", 1)
    lines = number.split("\r")
    place = next(i for i, line in enumerate(lines) if line.startswith("OBX") and "|NM|" in line)
    fields = lines[place].split("|")
    fields[5] = f"5.6{SCRIPT}{TAG}"
    lines[place] = "|".join(fields)
    kind = raw.replace("ORU^R01", f"ORU^{SCRIPT}", 1)
    garbage = f"GET {SCRIPT}{TAG}"
    answers = platform.send(*(one.encode() for one in (sender, "\r".join(lines), kind, garbage)))
    assert answers == ["AR", "AE", "AA", "AR"]  # an event that nothing maps is kept all the same
    page = read(people["xinxi"].get("/centre/quarantine"))
    assert f"Q{SCRIPT}" in page.words
    rows = platform.fetch(
        "select id, state from exchange.message order by id desc limit 4",
    )
    assert [row["state"] for row in rows].count("quarantined") == 3
    for row in rows:
        read(people["xinxi"].get(f"/centre/messages/{row['id']}"))
    read(people["xinxi"].get("/centre/messages"))


@pytest.mark.parametrize("text", [SCRIPT, TAG, TEMPLATE, HOSTILE_TEXT])
def test_what_a_visitor_types_comes_back_as_text(
    text: str, platform: Installation, people: People, cast: Cast
) -> None:
    read(people["mayi"].post("/doctor", data={"q": text}))
    read(people["mayi"].post("/doctor/results", data={"q": text}))
    read(people["nanyi"].post(f"/record/{cast.own.person}/code", data={"code": text}))
    read(people["mayi"].get(f"/record/{cast.own.person}", params={"tab": text, "item": text}))
    read(people["jumin"].get("/me/record", params={"item": text}))
    read(people["xinxi"].get("/centre/messages", params={"source": text, "state": text}))
    read(people["xinxi"].get("/centre/quarantine", params={"source": text}))
    with platform.browser() as visitor:
        read(visitor.get("/login", params={"next": f"/{text}"}))
        read(visitor.post("/login", data={"login": text, "password": "x", "next": f"/{text}"}))
