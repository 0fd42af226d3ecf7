"""What the documentation says is what the program does, as far as a test can tell."""

import ast
import csv
import importlib.util
import re
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import takewhile
from pathlib import Path

import msgspec
import pytest

from minkang.app.demonstration.accounts import HOSPITAL
from minkang.cli import main
from minkang.config import Settings
from minkang.exchange import Source, load_sources
from minkang.exchange.documents import check_document
from minkang.exchange.mappings import Context, map_message
from minkang.exchange.mappings.tables import encode_row, load_mapping, shipped_mapping

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
READMES = (ROOT / "README.md", ROOT / "README.zh-CN.md")
PAGES = sorted(
    [page for page in DOCS.rglob("*.md") if "proof" not in page.relative_to(DOCS).parts]
    + [*READMES, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"]
)
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(text: str, language: str) -> list[str]:
    return [content for name, content in FENCE.findall(text) if name == language]


def headings(text: str) -> list[int]:
    return [len(marks) for marks in re.findall(r"^(#+) ", FENCE.sub("", text), re.MULTILINE)]


def commands(text: str) -> list[str]:
    lines = [line for block in blocks(text, "sh") for line in block.splitlines()]
    return [re.sub(r"\s*#.*", "", line) for line in lines]


def links(text: str) -> list[str]:
    return re.findall(r"\]\(([^)\s]+)\)", FENCE.sub("", text))


def documented_commands() -> Iterator[tuple[str, list[str]]]:
    """Each `minkang ...` of a fence or a code span, with the page where it stands."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        fences = [content for _, content in FENCE.findall(text)]
        spans = re.findall(r"`([^`\n]+)`", FENCE.sub("", text))
        for line in "\n".join([*fences, *spans]).splitlines():
            for found in re.findall(r"(?:^|[\s/$(])minkang ([a-z][^)#(]*)", line):
                yield page.name, shlex.split(found)


def test_both_readmes_have_the_same_structure_commands_and_links() -> None:
    english, chinese = (page.read_text(encoding="utf-8") for page in READMES)
    assert headings(english) == headings(chinese)
    assert commands(english) == commands(chinese)
    others = {page.name for page in READMES}
    assert [one for one in links(english) if one not in others] == [
        one for one in links(chinese) if one not in others
    ]


def test_the_two_commands_stand_first() -> None:
    for page in READMES:
        assert commands(page.read_text(encoding="utf-8"))[:2] == ["make demo", "make test"]


def test_make_targets_in_the_documentation_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    for page in PAGES:
        named = set(
            re.findall(r"(?:^|`)make ([a-z]+)", page.read_text(encoding="utf-8"), re.MULTILINE)
        )
        assert named <= targets, page


def paths(words: list[str]) -> list[tuple[str, ...]]:
    """What may be the command and its steps among the words, the longest first."""
    plain = list(takewhile(lambda word: not word.startswith("-"), words[:3]))
    return [tuple(plain[:count]) for count in range(len(plain), 0, -1)]


def helped(
    path: tuple[str, ...], helps: dict[tuple[str, ...], str], capsys: pytest.CaptureFixture[str]
) -> bool:
    """Whether there is such a command; its help is kept."""
    if path not in helps:
        with pytest.raises(SystemExit) as ended:
            main([*path, "--help"])
        said = capsys.readouterr()
        if ended.value.code != 0:
            return False
        helps[path] = said.out
    return True


def test_commands_in_the_documentation_exist(capsys: pytest.CaptureFixture[str]) -> None:
    seen = 0
    helps: dict[tuple[str, ...], str] = {}
    for page, words in documented_commands():
        path = next((one for one in paths(words) if helped(one, helps, capsys)), None)
        assert path is not None, f"{page}: minkang {' '.join(words)}"
        for word in words:
            if word.startswith("--"):
                assert word in helps[path], f"{page}: minkang {' '.join(words)}"
        seen += 1
    assert seen > 20


def test_every_setting_is_documented_with_its_default() -> None:
    text = (DOCS / "operators" / "settings.md").read_text(encoding="utf-8")
    rows = {
        cells[1].strip(" `"): cells[2].strip(" `")
        for cells in (line.split("|") for line in text.splitlines() if line.startswith("| `"))
        if len(cells) > 3
    }
    for field in msgspec.structs.fields(Settings):
        assert field.name in rows, field.name
        if field.default is not msgspec.NODEFAULT:
            default = None if field.default == () else field.default
            shown = (
                str(default).lower() if default is None or isinstance(default, bool) else default
            )
            assert rows[field.name] == str(shown), field.name


def rule_codes() -> set[str]:
    """Rule codes in the source of exchange: the argument `rule` wherever a problem is made."""
    places = {
        "Problem": 2,
        "problem": -2,
        "_refused": 1,
        "put_aside": 2,
        "_refuse": 3,
        "TableFault": 2,
    }
    found: set[str] = set()
    for file in (ROOT / "src" / "minkang" / "exchange").rglob("*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                if name in places and len(node.args) >= 3:
                    found |= constants(node.args[places[name]])
            elif isinstance(node, ast.Assign) and "rule" in names(node.targets):
                found |= constants(node.value)
    return {code for code in found if re.fullmatch(r"[a-z]+(-[a-z]+)*", code)}


def constants(node: ast.AST) -> set[str]:
    return {
        one.value
        for one in ast.walk(node)
        if isinstance(one, ast.Constant) and isinstance(one.value, str)
    }


def names(nodes: list[ast.expr]) -> set[str]:
    return {one.id for node in nodes for one in ast.walk(node) if isinstance(one, ast.Name)}


def test_every_rule_code_is_documented() -> None:
    channels = (
        "hl7v2",
        "exchange",
        "tables",
        "documents",
        "documents-out",
        "wst",
        "reconciliation",
        "targets",
    )
    pages = [DOCS / "integrators" / f"{name}.md" for name in channels]
    rows = {
        row
        for page in pages
        for row in re.findall(r"^\| `([a-z-]+)` \|", page.read_text(encoding="utf-8"), re.MULTILINE)
    }
    codes = rule_codes()
    assert {"no-header", "calendar-date", "other-patient", "unknown-event"} <= codes
    # Found beside the codes: forms in a condition, the name of a database column.
    assert codes - {"date", "datetime", "rule"} <= rows


def test_relative_links_resolve() -> None:
    for page in PAGES:
        for link in links(page.read_text(encoding="utf-8")):
            target = link.partition("#")[0]
            if target and "://" not in target:
                assert (page.parent / target).exists(), f"{page.name}: {link}"


def test_mappings_in_the_documentation_compile_and_the_shipped_one_is_shown() -> None:
    page = DOCS / "integrators" / "tables.md"
    shown = blocks(page.read_text(encoding="utf-8"), "yaml")
    compiled = [load_mapping(Path("shown.yaml"), block) for block in shown]
    shipped = shipped_mapping("clinic_visits")
    assert compiled[-1] == msgspec.structs.replace(shipped, name="shown")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_examples_compile(example: Path) -> None:
    compile(example.read_bytes(), str(example), "exec")


def source(name: str) -> Source:
    return Source(
        id=name,
        name=name,
        organisation=HOSPITAL,
        channels=("table",) if name == "yunxi" else ("mllp",),
        table_mapping="clinic_visits" if name == "yunxi" else None,
    )


def context(name: str) -> Context:
    return Context(source(name), b"k" * 32, datetime(2026, 11, 22, tzinfo=UTC), b"h" * 32)


def test_the_messages_of_the_example_are_accepted() -> None:
    spec = importlib.util.spec_from_file_location("send_hl7", ROOT / "examples" / "send_hl7.py")
    assert spec is not None
    assert spec.loader is not None
    example = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(example)
    assert example.FACILITY == HOSPITAL
    made = [
        contribution.key[0]
        for message in example.example_messages()
        for contribution in map_message(context(example.SENDER), "mllp", message)
    ]
    assert made.count("Encounter") == 1
    assert made.count("Observation") == 2


def test_the_rows_of_the_example_are_accepted() -> None:
    text = (ROOT / "examples" / "clinic_visits.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    assert rows
    for row in rows:
        assert map_message(context("yunxi"), "table", encode_row(row))


def test_the_document_of_the_example_is_whole_and_fits_its_own_rules() -> None:
    raw = (ROOT / "examples" / "outpatient_record.xml").read_bytes()
    made = {one.key[0] for one in map_message(context("haibin"), "document", raw)}
    assert {"Composition", "Condition", "DocumentReference", "Encounter", "Patient"} <= made
    assert check_document(raw) == []


def test_the_sources_of_the_example_can_be_read() -> None:
    assert [one.channels for one in load_sources(ROOT / "examples" / "sources.yaml")] == [
        ("mllp",),
        ("table",),
    ]
