"""What a function is."""

from collections.abc import Callable

import msgspec

from minkang.fhir.path.environment import Items


class Function(msgspec.Struct, frozen=True):
    """A function of the language.

    Attributes:
        call: takes the environment, the input and the arguments, all of them collections.
        least: arguments that must be given.
        most: arguments that may be given.
    """

    call: Callable[..., Items]
    least: int = 0
    most: int = 0
