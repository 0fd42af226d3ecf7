"""The English catalogue says everything that the pages say in Chinese."""

import re
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_keywords, parse_mapping_cfg
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
CATALOGUE = ROOT / "src/minkang/web/locale/en/LC_MESSAGES/messages.po"
KEYWORDS = {**DEFAULT_KEYWORDS, **parse_keywords(["say", "words", "N_"])}

# The platform's name and the name of a person stay in Chinese.
STAYS_CHINESE = {"民康": "民康", "姓名：张伟": "Name: 张伟"}

_CHINESE = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]")
_PLACEHOLDER = re.compile(r"%(?:\(\w+\))?.")


@cache
def marked() -> dict[str, str]:
    """The texts that templates and modules mark, each with a place where it stands."""
    with (ROOT / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file, "babel.cfg")  # type: ignore[no-untyped-call]
    found: dict[str, str] = {}
    for name, line, text, _, _ in extract_from_dir(
        ROOT,
        methods,
        options,
        KEYWORDS,
        directory_filter=lambda folder: _leads_to_pages(Path(folder)),
    ):
        assert isinstance(text, str), f"{name}:{line} has a plural form, which nobody reads"
        found.setdefault(text, f"{name}:{line}")
    return found


def _leads_to_pages(folder: Path) -> bool:
    pages = ROOT / "src/minkang/web"
    return folder.is_relative_to(pages) or pages.is_relative_to(folder)


@cache
def catalogue() -> Catalog:
    """The English catalogue."""
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="en", abort_invalid=True)


def translated() -> list[tuple[str, str]]:
    """Every Chinese text with its English one."""
    return [(str(one.id), str(one.string)) for one in catalogue() if one.id]


def test_the_pages_are_found() -> None:
    assert {"查找居民", "刚刚", "诊断", "隔离区"} <= marked().keys()


def test_every_marked_text_has_an_english_one() -> None:
    english = dict(translated())
    missing = {text: place for text, place in marked().items() if not english.get(text, "").strip()}
    assert not missing, "bring messages.po up to date"


def test_nothing_is_left_that_no_page_says() -> None:
    assert not catalogue().obsolete
    assert not [text for text, _ in translated() if text not in marked()]


def test_nothing_is_fuzzy() -> None:
    unsure: list[Message] = [one for one in catalogue() if one.id and one.fuzzy]
    assert not unsure


def test_english_texts_have_no_chinese_characters() -> None:
    for text, english in translated():
        if text in STAYS_CHINESE:
            assert english == STAYS_CHINESE[text]
        else:
            assert not _CHINESE.search(english), f"{text}: {english}"


def test_placeholders_are_the_same() -> None:
    for text, english in translated():
        assert sorted(_PLACEHOLDER.findall(text)) == sorted(_PLACEHOLDER.findall(english)), text


def test_formats_are_sound() -> None:
    assert not [errors for _, errors in catalogue().check()]


def test_a_translation_brings_no_markup() -> None:
    """A translation is taken as safe, also inside attributes: a double quote would end one."""
    for text, english in translated():
        assert not (set(english) & set('<>&"')) - set(text), f"{text}: {english}"


def test_english_quotes_are_narrow() -> None:
    """The pages' Chinese fonts draw curly quotes and apostrophes as wide as a character."""
    for text, english in translated():
        assert not set(english) & set("‘’“”"), f"{text}: {english}"


def test_the_header_tells_nothing_of_its_maker() -> None:
    head, _, _ = CATALOGUE.read_text(encoding="utf-8").partition("\n\n")
    assert "charset=utf-8" in head
    assert "Language: en" in head
    assert not re.search(r"@|-Date:|Translator:|/home/|/tmp/", head)
