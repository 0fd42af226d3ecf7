"""Which registrations are of one resident: the pure part of matching.

Lives here: what of a registration counts (`features`), who is compared with whom (`blocking`),
what agreement is worth (`definition`, with the tests of `predicates`), the score of a pair
(`score`), what holds it back (`guards`), the residents that follow from scored pairs and human
decisions (`cluster`), and all of that in words (`explain`). Does not live here: anything that
reads or writes the database.

The model is that of Fellegi and Sunter (1969): each comparison of two registrations falls into one
level; a level is worth log2(m/u), where m is its share among pairs of one resident and u its share
among pairs of two. The weights are added to the prior. Deterministic rules stand above the weights,
guards above the rules.
"""
