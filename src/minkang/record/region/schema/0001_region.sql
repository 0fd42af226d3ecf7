-- The region at a glance: what is kept so that a page of figures costs the same whatever the store
-- holds. Everything here can be thrown away and made anew from the store and the other schemas.

create schema if not exists region;

-- What current resources say that is counted. `visit`: an Encounter that took place, `label` its
-- department, `kind` its class, `day` when it began. `diagnosis`: `label` is the ICD-10 category,
-- `visit` the Encounter it belongs to; day and institution are those of the visit.
create table region.fact (
    type         smallint not null,
    id           text collate "C" not null,
    what         text not null check (what in ('visit', 'diagnosis')),
    label        text not null,
    kind         text not null default '',
    day          date,
    institution  text collate "C",
    visit        text collate "C",
    primary key (type, id, what, label)
);
create index fact_day on region.fact (day) where what = 'visit';
create index fact_visit on region.fact (visit) where what = 'diagnosis';

-- Institutions, departments, beds and staff as sources tell of them; `above` is the id of the
-- Organization that it belongs to, `code` of staff the Practitioner.
create table region.unit (
    type      smallint not null,
    id        text collate "C" not null,
    what      text not null check (what in ('organisation', 'bed', 'staff')),
    code      text collate "C" not null default '',
    name      text not null default '',
    kind      text not null default '',
    grade     text not null default '',
    division  text collate "C" not null default '',
    above     text collate "C" not null default '',
    primary key (type, id)
);

-- What visits call the institution that they were at.
create table region.mentioned (
    institution  text collate "C" primary key,
    name         text not null
);

-- Institutions as they are known from all of these. `medical`: it counts where shares of
-- institutions are told. `division`: '' unknown.
create table region.institution (
    code       text collate "C" primary key,
    name       text not null,
    kind       text not null,
    grade      text not null,
    division   text collate "C" not null,
    parent     text collate "C",
    medical    boolean not null,
    connected  boolean not null,
    beds       integer not null,
    staff      integer not null
);
create index institution_division on region.institution (division);
create index institution_parent on region.institution (parent);

-- Days of which something has changed and that are to be counted anew.
create table region.due (
    day  date primary key
);

-- Visits by class, by department and by diagnosis, of a day at an institution.
create table region.day_count (
    day          date not null,
    what         text not null check (what in ('visit', 'department', 'diagnosis')),
    institution  text collate "C" not null,
    label        text not null,
    kind         text not null,
    n            integer not null,
    primary key (day, what, institution, label, kind)
);

-- Visits of a day in a place: a division of any level ('' all), or '@' and an institution's code.
create table region.place_day (
    place  text collate "C" not null,
    day    date not null,
    n      integer not null,
    primary key (place, day)
);

-- The same sums over the last 7, 30, 90 and 365 days, and over as many days `before` those.
create table region.period_count (
    days    smallint not null,
    before  boolean not null,
    what    text not null,
    place   text collate "C" not null,
    label   text not null,
    kind    text not null,
    n       bigint not null,
    primary key (days, place, what, before, label, kind)
);

-- Residents by the village or community they live in, and for how many of them there is what.
create table region.people (
    place       text collate "C" primary key,
    people      integer not null,
    recorded    integer not null,
    coded       integer not null,
    consenting  integer not null
);

-- Current resources by the organisation that sent them (FHIR types by number).
create table region.resource (
    institution  text collate "C" not null,
    type         smallint not null,
    n            bigint not null,
    primary key (institution, type)
);

create table region.message_day (
    source       text not null references exchange.source on delete cascade,
    day          date not null,
    received     bigint not null,
    repeated     bigint not null,
    stored       bigint not null,
    quarantined  bigint not null,
    primary key (source, day)
);
create index message_day_day on region.message_day (day);

create table region.quality_day (
    source     text not null,
    day        date not null,
    dimension  text not null,
    judged     bigint not null,
    failed     bigint not null,
    primary key (source, day, dimension)
);
create index quality_day_day on region.quality_day (day);

-- When each part was made, and how long that took: what takes long is made less often.
create table region.part (
    name     text primary key,
    as_of    timestamptz not null,
    seconds  real not null
);

-- Outlines of divisions, as rings of points (any units, north is up) that the region has loaded.
create table region.shape (
    code   text collate "C" primary key check (code ~ '^[0-9]{2,12}$'),
    name   text not null,
    rings  jsonb not null
);
