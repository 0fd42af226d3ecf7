"""The house keeps its arrows: imports between packages go one way."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_imports_go_one_way() -> None:
    run = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout


def test_every_package_says_what_lives_in_it() -> None:
    for package in sorted((ROOT / "src" / "minkang").iterdir()):
        if package.is_dir() and (package / "__init__.py").exists():
            text = (package / "__init__.py").read_text(encoding="utf-8")
            assert text.startswith('"""'), package.name


def test_no_module_is_a_drawer() -> None:
    drawers = {"utils.py", "util.py", "helpers.py", "common.py", "manager.py", "base.py", "misc.py"}
    found = {path.name for path in (ROOT / "src").rglob("*.py")} & drawers
    assert not found
