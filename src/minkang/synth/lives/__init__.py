"""Lives: what happens to each household's people, from courses of illness to visits and forms.

`live.live(world, household)` gives a household's years; the modules beside it plan (`plans(life)`),
`calendar` decides what can happen, `furnish` fills it in. Nothing here knows how a system speaks.
"""
