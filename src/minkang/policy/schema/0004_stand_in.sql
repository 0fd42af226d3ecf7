-- Which Person stands, or stood, for one that lost all its Patients. What a resident said under any
-- of them counts for the one that stands. Written by whoever links, in the same transaction.
create table policy.stand_in (
    person  text collate "C" not null,
    stands  text collate "C" not null,
    since   timestamptz      not null,
    until   timestamptz,                 -- set when the Person has Patients again, or goes elsewhere
    primary key (person, since),
    check (person <> stands)
);
create unique index stand_in_now on policy.stand_in (person) where until is null;
create index stand_in_stands on policy.stand_in (stands) where until is null;
