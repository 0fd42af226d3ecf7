"""The separators of search values (`,` `$` `|`) and their escapes (FHIR R4 3.1.1.4.16)."""

import re

_ESCAPED = re.compile(r"\\([,$|\\])")
_SPECIAL = re.compile(r"[,$|\\]")


def split(text: str, separator: str) -> list[str]:
    r"""The parts of a text between separators that no backslash escapes; still escaped."""
    if "\\" not in text:
        return text.split(separator)
    parts = [""]
    at = 0
    while at < len(text):
        if text[at] == "\\":
            parts[-1] += text[at : at + 2]
            at += 2
        elif text[at] == separator:
            parts.append("")
            at += 1
        else:
            parts[-1] += text[at]
            at += 1
    return parts


def unescape(text: str) -> str:
    r"""`\,` is a comma, and so on; a backslash before anything else is a backslash."""
    return _ESCAPED.sub(r"\1", text) if "\\" in text else text


def escape(text: str) -> str:
    """The text as one value that no separator divides."""
    return _SPECIAL.sub(r"\\\g<0>", text)
