"""The map of a source as a table that people fill in: CSV out, CSV in, with every wrong line named.

One line a code. Without a target code nothing is said about it; `无对应` says that it has no
counterpart. Spreadsheets run what begins with = + - @ as a formula: such a cell gets an apostrophe
in front, which is taken away again.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from minkang.fhir import Problem
from minkang.terminology.builtin import canonical
from minkang.terminology.concept_map import Equivalence
from minkang.terminology.concepts import Coding
from minkang.terminology.source_map import Meaning
from minkang.terminology.unmapped import Waiting

MOST_LINES = 20_000
COLUMNS = ("代码系统", "代码", "名称", "次数", "目标系统", "目标代码", "目标名称", "对应关系")

_NONE = "无对应"
_EQUIVALENCES: Mapping[str, Equivalence] = {
    "等同": "equivalent",
    "目标更宽": "wider",
    "目标更窄": "narrower",
    "近似": "inexact",
}
_SHOWN: Mapping[str, str] = {code: word for word, code in _EQUIVALENCES.items()}
_NEEDED = ("代码系统", "代码", "目标系统", "目标代码")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_LONGEST = 200


class Table(msgspec.Struct, frozen=True):
    """What a table says: meanings with the lines where they stand, and what is wrong.

    The place of a problem is the number of its line; 1 is the heading.
    """

    meanings: tuple[Meaning, ...]
    lines: tuple[int, ...]
    problems: tuple[Problem, ...]


def table_of(entries: Iterable[Waiting]) -> bytes:
    """A table of codes, decided on or not, as CSV in UTF-8 with BOM, as spreadsheets want it."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for one in entries:
        word = _SHOWN.get(one.equivalence, one.equivalence)
        cells = (
            one.system,
            one.code,
            one.display,
            str(one.count),
            one.mapped_system or one.target,
            one.mapped_code,
            one.mapped_display,
            _NONE if one.mapped and not one.mapped_code else word,
        )
        writer.writerow(_quoted(cell) for cell in cells)
    return out.getvalue().encode("utf-8-sig")


def read_table(raw: bytes, own: str) -> Table:
    """Read a table; `own` is how the code systems of its source begin.

    Rules of problems: `encoding`, `columns`, `too-many`, `own-system`, `code`, `target`,
    `equivalence`, `twice`.
    """
    text = _text(raw)
    if text is None:
        return _wrong(1, "encoding", "文件既不是 UTF-8 也不是 GB18030 编码")
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        return _wrong(1, "columns", f"不是 CSV 文件：{error}")
    heading = [cell.strip() for cell in rows[0]] if rows else []
    if missing := [name for name in _NEEDED if name not in heading]:
        return _wrong(1, "columns", f"第一行缺少列：{'、'.join(missing)}")
    if len(rows) > MOST_LINES:
        return _wrong(1, "too-many", f"多于 {MOST_LINES} 行，请分成几个文件")
    meanings: list[Meaning] = []
    lines: list[int] = []
    problems: list[Problem] = []
    seen: dict[Coding, int] = {}
    for number, cells in _numbered(rows):
        found = _meaning(dict(zip(heading, cells, strict=False)), own)
        if isinstance(found, Meaning):
            key = Coding(found.local.system, found.local.code)
            if key in seen:
                text = f"代码 {key.code[:60]} 在第 {seen[key]} 行已经出现"
                problems.append(_problem(number, "twice", text))
                continue
            seen[key] = number
            meanings.append(found)
            lines.append(number)
        elif found is not None:
            problems.append(_problem(number, *found))
    return Table(tuple(meanings), tuple(lines), tuple(problems))


def _numbered(rows: Sequence[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """The lines below the heading that are not empty, with their cells as they were meant."""
    for number, cells in enumerate(rows[1:], 2):
        plain = [_plain(cell) for cell in cells]
        if any(plain):
            yield number, plain


def _meaning(cells: Mapping[str, str], own: str) -> Meaning | tuple[str, str] | None:
    """What a line says; a rule and a text if it is wrong, None if it says nothing."""
    system, code = cells.get("代码系统", ""), cells.get("代码", "")
    if not system.startswith(own):
        return "own-system", f"代码系统 {system[:80]!r} 不是本来源的（应以 {own} 开头）"
    if not code or len(code) > _LONGEST:
        return "code", f"代码应为 1 至 {_LONGEST} 个字符"
    local = Coding(system, code, cells.get("名称", ""))
    word, target = cells.get("对应关系", ""), cells.get("目标代码", "")
    if word == _NONE:
        return ("target", "既写了无对应，又写了目标代码") if target else Meaning(local, None)
    if not target:
        return None
    if word and word not in _EQUIVALENCES:
        return "equivalence", f"对应关系 {word[:20]!r} 应为 {'、'.join((*_EQUIVALENCES, _NONE))}"
    goal = cells.get("目标系统", "")
    if not goal:
        return "target", "写了目标代码，没有写目标系统"
    name = cells.get("目标名称", "")
    return Meaning(
        local, Coding(canonical(goal), target, name), _EQUIVALENCES[word] if word else "equivalent"
    )


def _text(raw: bytes) -> str | None:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _quoted(cell: str) -> str:
    return f"'{cell}" if cell.startswith((*_FORMULA, "'")) else cell


def _plain(cell: str) -> str:
    text = cell.strip()
    return text.removeprefix("'")


def _wrong(line: int, rule: str, text: str) -> Table:
    return Table((), (), (_problem(line, rule, text),))


def _problem(line: int, rule: str, text: str) -> Problem:
    return Problem("table", str(line), rule, text)
