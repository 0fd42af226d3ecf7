"""The page on interaction services: its table is complete, its example is accepted."""

import re
from datetime import UTC, datetime
from pathlib import Path

from minkang.exchange import Source
from minkang.exchange.mappings import Context, map_message
from minkang.exchange.wst import SERVICES, kept, read_envelope, service_of

PAGE = Path(__file__).parents[2] / "docs" / "integrators" / "wst.md"
HIS = Source(id="his", name="海滨市人民医院", organisation="MKHAIBIN", channels=("wst",))


def test_every_service_stands_in_the_table_once() -> None:
    text = PAGE.read_text(encoding="utf-8").partition("## What each becomes")[2]
    table = text.partition("## Numbers")[0]
    rows = [line for line in table.splitlines() if line.startswith("| `")]
    named = [name for row in rows for name in re.findall(r"`([A-Z]\w+)`", row.split("|")[1])]
    assert sorted(named) == sorted(SERVICES)
    for row in rows:
        names, numbers = row.split("|")[1:3]
        if "…" not in numbers:
            pairs = zip(re.findall(r"`([A-Z]\w+)`", names), numbers.split(","), strict=False)
            assert all(SERVICES[name].number == number.strip() for name, number in pairs)


def test_the_example_is_accepted() -> None:
    (example,) = re.findall(
        r"^```xml\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )
    call = read_envelope(example.encode(), "text/xml; charset=utf-8")
    service = service_of(call.action)
    assert service is not None
    context = Context(HIS, b"k" * 32, datetime(2026, 5, 4, tzinfo=UTC), b"h" * 32)
    (found,) = map_message(context, "wst", kept(service, call.message))
    assert found.resource["name"] == [{"use": "official", "text": "欧阳小明"}]
