"""The operator's command `minkang`: one module a group of subcommands, no logic of its own.

Exit codes: 0 all done, 1 some input was refused, 2 wrong usage, 3 a dependency is missing or down.
"""

from minkang.cli.main import main

__all__ = ["main"]
