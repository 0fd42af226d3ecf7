"""What a later start of the same demonstration needs to know."""

from datetime import date
from pathlib import Path

import msgspec


class Story(msgspec.Struct, frozen=True):
    """Kept in the state folder; its presence means that the data are complete.

    Attributes:
        resident: key of the resident whom the accounts and the fresh messages are about.
        person: id of the Person.
        name: the resident's name.
        residents: how many lives were asked for.
        years: how many years of them lie behind.
        today: the day on which the demonstration was made.
    """

    resident: str
    person: str
    name: str
    residents: int
    years: int
    today: date


def story_file(home: Path) -> Path:
    """Where the story is kept."""
    return home / "demo.json"


def region_folder(home: Path) -> Path:
    """Where the region's files lie: what was sent, and the truth."""
    return home / "demo"


def read_story(home: Path) -> Story | None:
    """The story of the demonstration in a state folder, if there is one."""
    file = story_file(home)
    return msgspec.json.decode(file.read_bytes(), type=Story) if file.exists() else None


def write_story(home: Path, story: Story) -> None:
    """Keep the story, whole or not at all."""
    file = story_file(home)
    part = file.with_suffix(".part")
    part.write_bytes(msgspec.json.encode(story))
    part.replace(file)
