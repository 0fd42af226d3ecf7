"""Forms held against the shipped mappings: whatever a form says must be understood."""

import csv
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from minkang.exchange import Source
from minkang.exchange.mappings import Context
from minkang.exchange.mappings.tables import encode_row, load_mapping, map_row, shipped_text
from minkang.fhir import decode, encode
from minkang.fhir.validate import check
from minkang.synth.lives.life import Life
from minkang.synth.record import Form

_EXAMPLES = Path(__file__).parents[3] / "examples" / "forms"


@cache
def columns_of(kind: str) -> frozenset[str]:
    """The columns of the form's table, by the header of its example."""
    with (_EXAMPLES / f"{kind}.csv").open(encoding="utf-8") as file:
        return frozenset(next(csv.reader(file)))


@cache
def _context(kind: str) -> Context:
    text = shipped_text(kind)
    load_mapping(Path(f"{kind}.yaml"), text)
    source = Source(
        id="check", name="试用机构", organisation="CHECK", channels=("table",),
        table_mapping=kind, mapping_text=text,
    )  # fmt: skip
    return Context(source, bytes(32), datetime(2026, 11, 23, tzinfo=UTC), bytes(32))


def understood(life: Life, form: Form) -> int:
    """How many resources the form becomes; fails where a column, value or resource is wrong."""
    columns = columns_of(form.kind)
    assert not set(form.values) - columns, (form.kind, set(form.values) - columns)
    person = life.person
    row: dict[str, str | None] = dict.fromkeys(columns)
    row |= {
        "记录编号": "K1",
        "健康档案编号": "37109800100100001",
        "姓名": person.name,
        "身份证号": person.id_number,
        "更新时间": form.at.strftime("%Y-%m-%d %H:%M:%S"),
        **form.values,
    }
    if "性别" in columns:
        row |= {
            "性别": "男" if person.sex == "M" else "女",
            "出生日期": person.birth.isoformat(),
        }
    made = [one.resource for one in map_row(_context(form.kind), encode_row(row))]
    for resource in made:
        body = encode(resource)
        problems = list(check(decode(body), body))
        assert not problems, (form.kind, problems[0])
        assert b"source:check:code:CV" not in body or form.kind == "immunization", body
    return len(made)
