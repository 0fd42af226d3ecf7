"""How the main index of a person is derived for the published card: pluggable.

The national derivation is not published. Ours is the SM3 of ID type, number and name; a region that
was told the real one names its own function in the setting `code_index` as `module:function`.
"""

import importlib
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final, TypeAlias

from minkang.crypto import sm3

Derivation: TypeAlias = Callable[[str, str, str], str]
"""ID type (two digits), number and name to 64 hexadecimal digits."""

OURS: Final = "sm3"
_PLACE: Final = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")


class DerivationMissing(Exception):  # noqa: N818 - reads as what happened
    """The setting `code_index` names no function that derives a main index."""


def derive_index(id_type: str, number: str, name: str) -> str:
    """Our own derivation, 64 upper-case hexadecimal digits."""
    return sm3(f"{id_type}{number}{name}".encode()).hex().upper()


@lru_cache(maxsize=4)
def derivation(setting: str) -> Derivation:
    """What the setting names.

    Raises:
        DerivationMissing: it is neither `sm3` nor a function that can be imported.
    """
    if setting == OURS:
        return derive_index
    if not _PLACE.fullmatch(setting):
        raise DerivationMissing(f"code_index: {setting!r} is neither 'sm3' nor module:function")
    module, _, name = setting.partition(":")
    try:
        found = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise DerivationMissing(f"code_index: {setting!r} can't be imported") from error
    if not callable(found):
        raise DerivationMissing(f"code_index: {setting!r} is no function")
    derive: Derivation = found
    return derive
