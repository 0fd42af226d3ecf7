"""What doctors, nurses and technicians of the invented institutions write, in clinical Chinese.

`symptoms` and `imaging` are catalogues by key; `notes` writes a visit's texts, `course` an
admission's; `style` says how one member of staff writes, `slips` how writing goes wrong. All is
made by grammar from the facts of the visit: what is quoted (a pressure, a result) is what the visit
holds.
"""
