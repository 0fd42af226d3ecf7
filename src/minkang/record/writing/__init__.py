"""Writing into a record by hand: notes and filled forms of the own institution.

Lives here: what all that is written has in common (`about`), putting it into the store with its
audit entry in one transaction, with a check that nobody changed it meanwhile (`commit`), notes as
documents (`notes`), and finding what an institution has written (`written`). Does not live here:
who may write (policy), forms and their rules (`record.questionnaires`), pages (web).
"""
