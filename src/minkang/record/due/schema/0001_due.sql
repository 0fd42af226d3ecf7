-- Who is due for a service: what current resources say that the rules (`rules.yaml`) count.
-- Everything here can be thrown away and made anew from the store.

create schema if not exists due;

-- `what` is a key of the rules (`care:…`, `done:…`, `next:…`) or `contract`, `birth`, `delivery`.
-- `day`: when it began, was done, is planned, was born; `until`: the last day of what ends.
create table due.fact (
    type         smallint not null,
    id           text collate "C" not null,
    what         text collate "C" not null,
    patient      text collate "C" not null,
    institution  text collate "C" not null,
    day          date,
    until        date,
    primary key (type, id, what)
);
create index fact_patient on due.fact (patient, what, day desc);
create index fact_institution on due.fact (institution, what);
