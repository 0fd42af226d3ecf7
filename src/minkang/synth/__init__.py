"""The practice region: a city of invented lives, as its real systems would send them.

Lives here, each standing on those before it: the `place` with its institutions and staff, its
`people` and households (thin, by millions), their `lives` event by event, the `texts` of what was
written, how each system would `speak` of it, what goes wrong on the way (`dirt`), planted
`outbreaks`, the `truth` beside it, and the `report` that sets it beside plans and yearbooks.
`record` are the records they hand to each other, `draws` the streams of chance. Does not live
here: anything that reads what others send. The writers share nothing with exchange on purpose, so
that both cannot be wrong together.

Everything follows from a `record.World` and the number of a household, so that any number of
processes makes the same bytes. Use `app.synth.make` for files, `lives.live.live` for one household,
`people.thin_blocks` for the whole city.

Nobody is real: ID numbers use division 371098, which GB/T 2260 never assigned; telephones begin
with 154, a block without an operator; institution codes begin with MK.
"""
