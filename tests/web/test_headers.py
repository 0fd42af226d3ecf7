"""What every answer carries, whatever it is: no script of others, no copy in a shared cache."""

import re

import httpx
import pytest
from litestar import Litestar

from minkang.web.cookies import session_cookie
from tests.e2e.installation import Installation
from tests.e2e.running import Cast, People

POLICY = {
    "default-src": "'self'",
    "img-src": "'self' data:",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "object-src": "'none'",
}
FIXED = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}


def assert_guarded(answer: httpx.Response) -> None:
    policy = dict(
        part.strip().partition(" ")[::2]
        for part in answer.headers["content-security-policy"].split(";")
    )
    assert policy == POLICY
    assert {name: answer.headers[name] for name in FIXED} == FIXED


def test_every_kind_of_answer_is_guarded(
    platform: Installation, people: People, cast: Cast
) -> None:
    own = f"/record/{cast.own.person}"
    expected = {
        ("mayi", "GET", own): 200,
        ("mayi", "GET", f"{own}/body"): 200,
        ("mayi", "GET", "/doctor"): 200,
        ("mayi", "GET", "/me"): 403,
        ("nanyi", "GET", own): 403,
        ("jumin", "GET", "/me/access"): 200,
        ("jumin", "GET", "/me/code.svg"): 200,
        ("xinxi", "GET", "/centre/messages"): 200,
        ("xinxi", "GET", "/centre/messages/99999999"): 404,
        ("xinxi", "GET", "/centre/messages/999999999999999999999999"): 400,
        ("xinxi", "GET", "/nowhere"): 404,
        ("xinxi", "PUT", "/centre/messages"): 405,
        ("xinxi", "GET", "/"): 303,
    }
    for (login, method, path), status in expected.items():
        answer = people[login].request(method, path)
        assert (path, answer.status_code) == (path, status)
        assert_guarded(answer)
        if status in (200, 403):
            assert answer.headers["cache-control"] == "no-store"
    with platform.browser() as nobody:
        for path in ("/doctor", "/login", "/health/ready", "/fhir/metadata"):
            assert_guarded(nobody.get(path))
        assert_guarded(httpx.post(f"{platform.address}/login", trust_env=False, verify=False))


def test_a_machines_answer_with_personal_data_stays_out_of_caches(
    people: People, cast: Cast
) -> None:
    for path in (f"/fhir/Patient/{min(cast.own.patients)}", "/fhir/Patient/nobody"):
        answer = people["mayi"].get(path)
        assert answer.headers["cache-control"] == "no-store"
        assert_guarded(answer)


def test_built_files_are_kept_for_good_and_carry_nobodys_cookie(platform: Installation) -> None:
    with platform.browser() as visitor:
        page = visitor.get("/login").text
        files = set(re.findall(r'(?:href|src)="(/static/[^"#]+)', page))
        assert {path.rpartition(".")[2] for path in files} >= {"css", "js", "svg"}
        for path in files:
            answer = visitor.get(path)
            assert answer.status_code == 200
            assert "immutable" in answer.headers["cache-control"]
            assert "set-cookie" not in answer.headers
            assert_guarded(answer)
        assert visitor.get("/static/nothing.css").status_code == 404
        assert visitor.get("/static/../application.py").status_code == 404
        assert visitor.get("/static/%2e%2e/application.py").status_code == 404


def test_pages_have_no_inline_script_style_or_handler(people: People, cast: Cast) -> None:
    """The policy would stop them: they would silently not work."""
    pages = {
        "mayi": ["/doctor", f"/record/{cast.own.person}", f"/record/{cast.own.person}?tab=results"],
        "nanyi": [f"/record/{cast.own.person}"],
        "jumin": ["/me", "/me/record", "/me/access"],
        "xinxi": [
            "/centre/messages",
            "/centre/quarantine",
            "/centre/sources",
            "/centre/messages/1",
        ],
    }
    for login, paths in pages.items():
        for path in paths:
            text = people[login].get(path).text
            assert not re.search(r"<script(?![^>]*\bsrc=)", text), path
            assert not re.search(r"<style|<[^>]+\s(?:style|on[a-z]+)=", text), path


@pytest.mark.parametrize("path", ["/login", "/doctor"])
async def test_behind_https_cookies_are_for_https_alone(path: str, application: Litestar) -> None:
    """With `secure_cookies`, as an operator sets it behind a proxy with HTTPS."""
    transport = httpx.ASGITransport(application)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="https://region.example") as client:
        answer = await client.get(path)
        assert "secure" in answer.headers["set-cookie"].lower()


def test_a_session_behind_https_is_for_https_alone() -> None:
    assert session_cookie("token", 60, secure=True).secure
