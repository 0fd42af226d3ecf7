"""Text (FHIRPath 2.0, 5.6; 3.0 for what is on trial: encode, escape, trim, split, join ...)."""

import base64
import binascii
import html
from collections.abc import Callable

import msgspec

from minkang.fhir.path.environment import MAX_TEXT, NOTHING, Environment, Items
from minkang.fhir.path.error import failure
from minkang.fhir.path.functions.function import Function
from minkang.fhir.path.pattern import compiled, substitute
from minkang.fhir.path.values import single_integer, single_text


def _of_texts(call: Callable[..., object]) -> Callable[..., Items]:
    """A function of texts as one of collections: empty where one of them is empty."""

    def function(env: Environment, *collections: Items) -> Items:
        texts = [single_text(items) for items in collections]
        if None in texts:
            return []
        result = call(*texts)
        return [env.made(result) if type(result) is str else result]

    return function


def _fits(length: int) -> None:
    if length > MAX_TEXT:
        raise failure(f"a text of more than {MAX_TEXT} characters")


def _replace(text: str, pattern: str, substitution: str) -> str:
    if len(text) + (len(text) + 1) * len(substitution) > MAX_TEXT:
        _fits(len(text) + text.count(pattern) * len(substitution))
    return text.replace(pattern, substitution)


def _substring(_env: Environment, items: Items, start: Items, length: Items | None = None) -> Items:
    text, first = single_text(items), single_integer(start)
    if text is None or first is None or not 0 <= first < len(text):
        return []
    count = None if length is None else single_integer(length)
    return [text[first:] if count is None else text[first : first + max(0, count)]]


def _matches(_env: Environment, items: Items, pattern: Items, flags: Items = NOTHING) -> Items:
    text, found = single_text(items), single_text(pattern)
    if text is None or found is None:
        return []
    return [compiled(found, single_text(flags) or "").search(text) is not None]


def _matches_full(_env: Environment, items: Items, pattern: Items, flags: Items = NOTHING) -> Items:
    text, found = single_text(items), single_text(pattern)
    if text is None or found is None:
        return []
    return [compiled(found, single_text(flags) or "").fullmatch(text) is not None]


def _replace_matches(
    env: Environment,
    items: Items,
    pattern: Items,
    substitution: Items,
    flags: Items = NOTHING,
) -> Items:
    text, found, by = single_text(items), single_text(pattern), single_text(substitution)
    if text is None or found is None or by is None:
        return []
    if found == "":
        return [text]
    how = compiled(found, single_text(flags) or "")
    return [env.made(substitute(how, by, text, MAX_TEXT))]


def _to_chars(env: Environment, items: Items) -> Items:
    text = single_text(items) or ""
    env.spend(len(text))
    return list(text)


def _split(env: Environment, items: Items, separator: Items) -> Items:
    text, by = single_text(items), single_text(separator)
    if text is None or by is None:
        return []
    parts = text.split(by) if by else list(text)
    env.spend(len(parts))
    return parts


def _join(env: Environment, items: Items, separator: Items = NOTHING) -> Items:
    texts = [text for item in items if (text := single_text([item])) is not None]
    between = single_text(separator) or ""
    _fits(sum(map(len, texts)) + len(between) * len(texts))
    return [env.made(between.join(texts))]


def _encode(text: str, how: str) -> str:
    data = text.encode("utf-8", "surrogatepass")
    match how:
        case "hex":
            return data.hex()
        case "base64":
            return base64.b64encode(data).decode()
        case "urlbase64":
            return base64.urlsafe_b64encode(data).decode()
        case _:
            raise failure(f"{how!r} is no encoding: hex, base64 or urlbase64")


def _decode(text: str, how: str) -> str:
    try:
        match how:
            case "hex":
                return bytes.fromhex(text).decode()
            case "base64":
                return base64.b64decode(text, validate=True).decode()
            case "urlbase64":
                return base64.b64decode(text, altchars=b"-_", validate=True).decode()
    except (ValueError, binascii.Error) as error:
        raise failure(f"not {how}: {error}") from None
    raise failure(f"{how!r} is no encoding: hex, base64 or urlbase64")


def _escape(text: str, target: str) -> str:
    match target:
        case "html":
            return html.escape(text)
        case "json":
            return msgspec.json.encode(text).decode()[1:-1]
        case _:
            raise failure(f"{target!r} is no target: html or json")


def _unescape(text: str, target: str) -> str:
    match target:
        case "html":
            return html.unescape(text)
        case "json":
            try:
                return msgspec.json.decode(f'"{text}"', type=str)
            except msgspec.DecodeError:
                # Quotes that were not escaped to begin with stay as they are.
                return text
        case _:
            raise failure(f"{target!r} is no target: html or json")


FUNCTIONS = {
    "indexOf": Function(_of_texts(lambda text, part: text.find(part)), 1, 1),
    "lastIndexOf": Function(_of_texts(lambda text, part: text.rfind(part)), 1, 1),
    "substring": Function(_substring, 1, 2),
    "startsWith": Function(_of_texts(lambda text, part: text.startswith(part)), 1, 1),
    "endsWith": Function(_of_texts(lambda text, part: text.endswith(part)), 1, 1),
    "contains": Function(_of_texts(lambda text, part: part in text), 1, 1),
    "upper": Function(_of_texts(str.upper)),
    "lower": Function(_of_texts(str.lower)),
    "replace": Function(_of_texts(_replace), 2, 2),
    "matches": Function(_matches, 1, 2),
    "matchesFull": Function(_matches_full, 1, 2),
    "replaceMatches": Function(_replace_matches, 2, 3),
    "length": Function(_of_texts(len)),
    "toChars": Function(_to_chars),
    "trim": Function(_of_texts(str.strip)),
    "split": Function(_split, 1, 1),
    "join": Function(_join, 0, 1),
    "encode": Function(_of_texts(_encode), 1, 1),
    "decode": Function(_of_texts(_decode), 1, 1),
    "escape": Function(_of_texts(_escape), 1, 1),
    "unescape": Function(_of_texts(_unescape), 1, 1),
}
