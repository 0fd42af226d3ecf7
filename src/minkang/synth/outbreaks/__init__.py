"""Outbreaks, planted on request: who infected whom, and what schools and pharmacies notice of it.

Lives here: requests (`request`), the agents with their incubation and spread (`agents`), who is
together with whom (`members`), chains of infection (`spread`), the planting (`plant`), and the
two channels that no clinic fills: absence from school (`absence`) and sales of pharmacies
(`pharmacy`). Does not live here: the usual season (`people.infections`); what the sick do at
doctors, laboratories and 120 (`lives.infections`), which follows from `World.struck`.

Use `request.request` for `KIND@PLACE@DAY`, `plant.plant` for the infections and their trees,
`absence.school_absence` and `pharmacy.pharmacy_sales` for the tables.
"""
