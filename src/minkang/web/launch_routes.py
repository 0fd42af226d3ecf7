"""Where links of hospitals' own systems lead, and whose pages may hold the record in a frame."""

from minkang.web import launch, launch_systems

ROUTES = (
    launch.launch_open,
    launch.launch_signed,
    launch.launch_over,
    launch_systems.frames_page,
    launch_systems.frames_keep,
)
