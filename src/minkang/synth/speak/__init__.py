"""Who speaks what: from what was lived to the messages, rows and documents of each system.

Lives here: the systems and their dialects (`systems`), what a desk knows of a patient
(`registration`), a writer for each way of speaking (`hl7*` and `hospital`, `tables`, `cda` and
`documents*`, `bundle*`), what is there before anybody is ill (`foundation`), the order of time at
constant memory (`order`), the sources as a receiver registers them (`registry`), their own daily
figures (`counts`), the files (`write`). Does not live here: what is said wrongly on purpose
(`synth.dirt`), what is true (`synth.truth`), how a receiver reads it.

Use `say.everything` for one household, `order.history` for a region in order of time,
`write.write_all` for the files, `held` for what is sent later, when its time comes.
"""
