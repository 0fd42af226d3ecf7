"""How large the region of a demonstration is to become, and how far it is.

What comes after the first residents is brought in part by part, by `behind`. A part is a folder
named by its households; it is there when all of it is in the inbox and behind it, which the file
of what it has to send later says (`Part.later`). No other file needs to agree with it.
"""

from pathlib import Path

import msgspec

from minkang.app.demonstration.story import Story, read_story, region_folder
from minkang.synth.people import households_for, residents_in


class Growth(msgspec.Struct, frozen=True):
    """How many residents are wanted in all, and how many are brought in at a time."""

    residents: int
    portion: int


class Part(msgspec.Struct, frozen=True):
    """The households from `begin` up to, but without, `end`; their folder."""

    begin: int
    end: int
    folder: Path

    @property
    def later(self) -> Path:
        """What it has to send later; the file is there once the part is."""
        return self.folder / "later.held"


class Progress(msgspec.Struct, frozen=True):
    """About how many residents have been brought in, of how many that are wanted."""

    loaded: int
    residents: int


def read_growth(home: Path) -> Growth | None:
    """What was wanted of a demonstration in a state folder when it was last started."""
    file = _growth_file(home)
    return msgspec.json.decode(file.read_bytes(), type=Growth) if file.exists() else None


def write_growth(home: Path, growth: Growth) -> None:
    """Keep what is wanted, whole or not at all."""
    file = _growth_file(home)
    file.parent.mkdir(exist_ok=True)
    unfinished = file.with_suffix(".part")
    unfinished.write_bytes(msgspec.json.encode(growth))
    unfinished.replace(file)


def _growth_file(home: Path) -> Path:
    return region_folder(home) / "growth.json"


def parts_folder(home: Path) -> Path:
    """Where the folders of the parts lie."""
    return region_folder(home) / "behind"


def parts(home: Path) -> list[Part]:
    """The parts that are there, in the order of their households."""
    found = []
    for folder in sorted(parts_folder(home).glob("*-*")):
        begin, _, end = folder.name.partition("-")
        part = Part(int(begin), int(end), folder)
        if part.later.exists():
            found.append(part)
    return found


def next_part(home: Path, story: Story) -> Part | None:
    """The part to be brought in next; None if all that was wanted is there."""
    growth = read_growth(home)
    reached = _reached(home, story)
    if growth is None or reached >= (last := households_for(growth.residents)):
        return None
    end = min(reached + households_for(growth.portion), last)
    return Part(reached, end, parts_folder(home) / f"{reached:07d}-{end:07d}")


def progress(home: Path) -> Progress | None:
    """How far the demonstration in a state folder is; None before its first residents are there."""
    story, growth = read_story(home), read_growth(home)
    if story is None:
        return None
    wanted = max(story.residents, growth.residents if growth else 0)
    reached = _reached(home, story)
    if reached >= households_for(wanted):
        return Progress(wanted, wanted)
    more = residents_in(reached - households_for(story.residents))
    return Progress(min(story.residents + more, wanted), wanted)


def _reached(home: Path, story: Story) -> int:
    """The first household that is not there."""
    return max((one.end for one in parts(home)), default=households_for(story.residents))
