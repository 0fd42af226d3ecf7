"""Patient registers of many institutions about the same people, with hard dirt and the truth.

Lives here: mixes of dirt (`mix`), the people with what a register asks for (`people`), what desks
get wrong (`faults`), the rows (`rows`). It is for judging the linkage of registers on hundreds of
thousands of people: thin people (`synth.people.thin_blocks`), each registered two or three times.
Does not live here: dirt of the full region, whose desks are careless at the rates of `dirt.kinds`.

Use `rows.registers` with a world and one of `mix.MIXES`.
"""
