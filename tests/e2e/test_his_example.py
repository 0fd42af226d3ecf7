"""A hospital's own system, played by the example: the record in a frame of its page, and cards."""

import importlib.util
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.installation import Installation

pytestmark = pytest.mark.prove

EXAMPLE = Path(__file__).parents[2] / "examples" / "his.py"


def example() -> Any:
    """The example as a module."""
    spec = importlib.util.spec_from_file_location("his", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def his(platform: Installation) -> Iterator[Any]:
    """The system that the demonstration registered."""
    said = json.loads((platform.home / "demo" / "his.json").read_text(encoding="utf-8"))
    with httpx.Client(trust_env=False, timeout=30) as client:
        yield example().His(client, platform.address, said)


def test_its_link_opens_the_record_of_its_patient_once(platform: Installation, his: Any) -> None:
    link = his.link()
    page = f"http://127.0.0.1:{example().HERE[1]}/"
    with httpx.Client(trust_env=False, timeout=30) as browser:
        opened = browser.get(link, headers={"referer": page})
        assert opened.status_code == 303
        record = browser.get(f"{platform.address}{opened.headers['location']}")
        assert record.status_code == 200
        assert his.said["patient"]["name"] in record.text
        policy = record.headers["content-security-policy"]
        assert f"frame-ancestors {page.rstrip('/')} http://localhost:" in policy
        assert browser.get(link, headers={"referer": page}).status_code == 403
        assert browser.get(f"{platform.address}/doctor").status_code == 303


def test_its_orders_are_told_what_was_done_and_what_became_of_a_card_is_kept(
    platform: Installation, his: Any
) -> None:
    module = example()
    cards = his.on_order([*module.TESTS, *module.MEDICINES])
    assert all(len(one["summary"]) < 140 for one in cards)
    assert all(
        one["source"]["topic"]["code"] in ("repeat", "duplicate", "allergy") for one in cards
    )
    for one in cards[:1]:
        his.feedback(one["uuid"], "weighty")
    kept = platform.fetch("select count(*) as n from cds.feedback where reason = 'weighty'")
    assert kept[0]["n"] == len(cards[:1])
    assert his.on_view(), "the resident of the story has a chronic disease, or was elsewhere"


def test_its_page_holds_the_frame_and_shows_cards_as_text(his: Any) -> None:
    module = example()
    card = {
        "uuid": "1",
        "summary": "<script>alert(1)</script>",
        "indicator": "warning",
        "detail": "<b>",
        "suggestions": [{"label": "x"}],
        "overrideReasons": [{"code": "other", "display": "其他"}],
    }
    shown = module.page(his, "http://127.0.0.1/launch/x", [card], ["血常规"])
    assert 'src="http://127.0.0.1/launch/x"' in shown
    assert "<script>" not in shown
    assert re.search(r'value="血常规" checked', shown)
