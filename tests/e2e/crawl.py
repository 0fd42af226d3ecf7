"""Follow every link and press every button that the pages offer somebody, and note what is wrong.

Pages of one kind (the same route, the same names of parameters) are looked at a few times each, so
that the whole is finite. What is looked for: a failure of the server, a link or button that leads
nowhere, an identity number in full, a text that a template left behind.
"""

import re
from collections import Counter, deque
from collections.abc import Iterator
from functools import cache
from typing import Any, Final
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx
import lxml.html
import msgspec
from litestar.handlers import HTTPRouteHandler

from minkang.web.application import AREAS

_OF_A_KIND: Final = 2
_MOST: Final = 600
_TELLING: Final = ("tab", "topic", "view", "measure", "disease")
"""Parameters whose values make another page of the same address."""

_NOT_ASKED: Final = re.compile(r"^/(?:fhir|static)/|/events$")
"""The base, files that are built, and streams that never end: other tests ask for them."""

_NUMBER: Final = re.compile(
    r"(?<!\d)[1-9]\d{5}(?:18|19|20)\d{2}[01]\d[0-3]\d{4}[\dXx](?![\dA-Za-z])"
)
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_LEFT_BEHIND: Final = re.compile(
    r"\{\{|\{%|Traceback|asyncpg|<bound method|%\(\w+\)s|\bNone\b|Undefined"
)
_HREF: Final = re.compile(r"""(?:href|hx-get)="([^"]+)\"""")
_NOT_PRESSED: Final = frozenset({"/logout", "/language"})
"""Buttons that end the walk or turn it into another language; other tests press them."""

_ASKS_FIRST: Final = re.compile(r"^/record/[^/]+$")
"""Pages that answer 403 with what may be done about it: show the code, break the glass."""
_SHOWS: Final = re.compile(r"^/centre/identity/review/[^/]+/show$")
"""Buttons that show a number in full, which is written to the log."""


class Seen(msgspec.Struct, frozen=True):
    """One answer: where it was linked from, and what is wrong with it (empty: nothing)."""

    address: str
    linked_from: str
    status: int
    fault: str


class Button(msgspec.Struct, frozen=True):
    """A form that posts, as it stands when the page has just been opened."""

    page: str
    address: str
    fields: tuple[tuple[str, str], ...]

    @property
    def kind(self) -> str:
        """Buttons of one kind do the same to something else."""
        values = [f"{name}={value}" for name, value in self.fields if name in ("action", "kind")]
        return "|".join([kind_of(self.address), *sorted(name for name, _ in self.fields), *values])


class Walk(msgspec.Struct):
    """What was seen by somebody; `pages` are the texts of whole pages and parts, by address."""

    seen: list[Seen]
    buttons: dict[str, Button]
    pages: dict[str, str]

    @property
    def routes(self) -> frozenset[str]:
        """Routes of which a page was seen, without fault."""
        return frozenset(route_of(one.address) for one in self.seen if not one.fault)

    def named(self, pattern: str) -> list[tuple[str, ...]]:
        """What an address says by a pattern's groups, of all pages that were opened and all links
        that stood in them; each once."""
        links = {link for text in self.pages.values() for link in _HREF.findall(text)}
        opened = {one.address for one in self.seen if one.status == 200}
        return sorted(
            {found.groups() for one in links | opened if (found := re.match(pattern, one))}
        )

    def opened(self, pattern: str) -> list[str]:
        """The first group of a pattern, of the addresses that were opened (200); each once."""
        matches = (re.match(pattern, one.address) for one in self.seen if one.status == 200)
        return sorted({one[1] for one in matches if one})

    @property
    def faults(self) -> list[str]:
        """One line each."""
        return [
            f"{one.address} (from {one.linked_from}): {one.fault}" for one in self.seen if one.fault
        ]


@cache
def page_routes() -> tuple[str, ...]:
    """Every route that a browser asks for with GET, as the application writes it; those without
    ids first, as the application chooses them."""
    found = {
        path
        for one in AREAS
        if isinstance(one, HTTPRouteHandler) and "GET" in one.http_methods
        for path in one.paths
    }
    return tuple(sorted(found, key=lambda path: (path.count("{"), path)))


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple(
        (re.compile(re.sub(r"\{\w+:\w+\}", "[^/]+", path).replace(".", r"\.")), path)
        for path in page_routes()
    )


def route_of(address: str) -> str:
    """The route behind an address; the path itself if it is none of the pages'."""
    path = urlsplit(address).path
    return next((route for pattern, route in _patterns() if pattern.fullmatch(path)), path)


def kind_of(address: str) -> str:
    """The route, the names of the parameters, and the values that make another page."""
    query = parse_qsl(urlsplit(address).query, keep_blank_values=True)
    names = sorted({name for name, _ in query})
    told = [f"{name}={value}" for name, value in query if name in _TELLING]
    return f"{route_of(address)}?{'&'.join([*names, *told])}"


def walk(
    client: httpx.Client,
    start: str,
    *,
    own_number: str = "",
    words: tuple[str, ...] = (),
    of_a_kind: int = _OF_A_KIND,
) -> Walk:
    """Everything that is reached from a page by links, and by forms that only ask.

    `own_number` may be shown in full: it is the visitor's own. `words` are typed into the boxes
    that search by POST; `of_a_kind` pages of one kind are opened.
    """
    found = Walk([], {}, {})
    todo, kinds = deque([(start, "")]), Counter[str]()
    known = {start}

    def look(address: str, linked_from: str, answer: httpx.Response) -> Any:
        found.seen.append(
            Seen(address, linked_from, answer.status_code, _fault(address, answer, own_number))
        )
        if "text/html" not in answer.headers.get("content-type", ""):
            return None
        here = str(answer.url.copy_with(scheme="", host="", port=None))
        page = lxml.html.document_fromstring(answer.text or "<p/>")
        found.pages[address] = answer.text
        for button in _buttons(page, here):
            found.buttons.setdefault(button.kind, button)
        for link in _links(page, here):
            if link not in known:
                known.add(link)
                todo.append((link, here))
        return page

    while todo and len(found.seen) < _MOST:
        address, linked_from = todo.popleft()
        kind = kind_of(address)
        if kinds[kind] >= of_a_kind or _NOT_ASKED.search(urlsplit(address).path):
            continue
        kinds[kind] += 1
        page = look(address, linked_from, client.get(address, follow_redirects=True))
        if page is None or kinds[kind] > 1:
            continue
        for asked, fields in _searches(page, address):
            for word in words:
                sent = {name: word if value is None else value for name, value in fields}
                look(f"POST {asked}", address, client.post(asked, data=sent, follow_redirects=True))
    return found


def press(client: httpx.Client, button: Button, *, own_number: str = "") -> Seen:
    """Press a button with the form as it stands: something may be missing, nothing may fail."""
    answer = client.post(button.address, data=dict(button.fields), follow_redirects=True)
    fault = _fault(button.address, answer, own_number, pressed=True)
    return Seen(f"POST {button.address}", button.page, answer.status_code, fault)


def _links(page: Any, here: str) -> Iterator[str]:
    """Addresses of this platform behind links, pictures, parts fetched later and asking forms."""
    wanted = (
        *page.xpath("//a[@href]/@href"),
        *page.xpath("//*/@hx-get"),
        *page.xpath("//*[self::img or self::script or self::source]/@src"),
        *page.xpath("//link[@rel='stylesheet' or @rel='icon']/@href"),
    )
    for one in wanted:
        yield from _inside(one, here)
    for form in page.xpath("//form[not(@method) or translate(@method, 'GET', 'get')='get']"):
        query = httpx.QueryParams(tuple(_fields(form)))
        action = form.get("action") or urlsplit(here).path
        yield from _inside(f"{action}?{query}" if query else action, here)


def _searches(page: Any, here: str) -> Iterator[tuple[str, list[tuple[str, str | None]]]]:
    """Forms that search by POST, so that what is searched stands in no address; None is the box."""
    for form in page.xpath("//form[translate(@method, 'POST', 'post')='post']"):
        boxes = form.xpath(".//input[@type='search']/@name")
        if boxes:
            address = urlsplit(urljoin(f"http://here{here}", form.get("action") or here)).path
            yield address, [(n, None if n == boxes[0] else value) for n, value in _fields(form)]


def _inside(link: str, here: str) -> Iterator[str]:
    parts = urlsplit(urljoin(f"http://here{here}", link.strip()))
    if parts.scheme == "http" and parts.netloc == "here":
        yield parts.path + (f"?{parts.query}" if parts.query else "")


def _buttons(page: Any, here: str) -> Iterator[Button]:
    for form in page.xpath("//form[translate(@method, 'POST', 'post')='post']"):
        address = urlsplit(urljoin(f"http://here{here}", form.get("action") or here)).path
        if address in _NOT_PRESSED:
            continue
        fields = tuple(_fields(form))
        named = form.xpath(".//button[@name]")
        if not named:
            yield Button(here, address, fields)
        for one in named:
            yield Button(here, address, (*fields, (one.get("name"), one.get("value", ""))))
    for one in page.xpath("//*[@hx-post]"):
        yield Button(here, urlsplit(urljoin(f"http://here{here}", one.get("hx-post"))).path, ())


def _fields(form: Any) -> Iterator[tuple[str, str]]:
    for field in form.xpath(".//input[@name] | .//textarea[@name] | .//select[@name]"):
        name, kind = field.get("name"), field.get("type", "text")
        if field.tag == "select":
            chosen = field.xpath(".//option[@selected]") or field.xpath(".//option")[:1]
            if chosen:
                text = chosen[0].get("value")
                yield name, chosen[0].text_content().strip() if text is None else text
        elif field.tag == "textarea":
            yield name, field.text or ""
        elif (
            kind not in ("checkbox", "radio", "file", "submit") or field.get("checked") is not None
        ):
            yield name, field.get("value", "")


def _fault(address: str, answer: httpx.Response, own_number: str, *, pressed: bool = False) -> str:
    status, html = answer.status_code, "text/html" in answer.headers.get("content-type", "")
    path = urlsplit(address).path
    if status >= 500:
        return f"the server failed ({status})"
    asks = status == 403 and (_ASKS_FIRST.match(path) or pressed)
    if status >= 400 and not asks and not (pressed and status in (400, 409, 413, 415, 422)):
        return f"leads nowhere ({status})"
    if not html:
        return ""
    page = lxml.html.document_fromstring(answer.text or "<p/>")
    for one in page.xpath("//script | //style"):
        one.drop_tree()
    text = page.text_content()
    numbers = {one for one in _NUMBER.findall(text) if _checks(one)} - {own_number}
    if numbers and not (pressed and _SHOWS.search(path)):
        return f"{len(numbers)} identity numbers in full"
    if left := _LEFT_BEHIND.search(text):
        return f"a template left behind: {text[max(0, left.start() - 30) : left.end() + 20]!r}"
    if "<html" in answer.text and not (page.xpath("//title/text()") and page.xpath("//h1")):
        return "no title or no heading"
    return ""


def _checks(number: str) -> bool:
    """GB 11643-1999."""
    total = sum(int(one) * weight for one, weight in zip(number, _WEIGHTS, strict=False))
    return "10X98765432"[total % 11] == number[-1].upper()
