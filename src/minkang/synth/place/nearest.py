"""Who answers for what, where the one asked for is not there."""

from typing import Final

from minkang.synth.place.entities import Department, Institution
from minkang.synth.place.staffing import STEADY, Post
from minkang.synth.place.subjects import NEAREST

DOCTORS: Final = ("doctor", "assistant", "village-doctor")


def department_for(institution: Institution, specialty: str) -> Department:
    """The department for the specialty, the nearest one, else the first of the institution."""
    for wanted in (specialty, *NEAREST.get(specialty, ("general", "internal"))):
        for department in institution.departments:
            if wanted in department.serves:
                return department
    return institution.departments[0]


def posts_for(posts: tuple[Post, ...], department: str, roles: tuple[str, ...]) -> tuple[Post, ...]:
    """Posts of the roles in the department; else there, else doctors, else whoever there is."""
    having = tuple(post for post in posts if post.role in roles)
    here = tuple(post for post in having if post.department == department)
    doctors = tuple(post for post in posts if post.role in DOCTORS)
    own = tuple(post for post in doctors if post.department == department)
    return here or having or own or doctors or posts


def is_steady(post: Post) -> bool:
    """Whether one person holds the post for the years that lives are told of."""
    first, last = STEADY
    holder = post.holder(first)
    return holder.hired <= first and (holder.left is None or holder.left > last)
