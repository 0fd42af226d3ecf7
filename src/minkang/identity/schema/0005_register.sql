-- The population register (全员人口): who is registered, lives, was born, died, came and went here.
-- Names, ID numbers, addresses and telephone numbers are not here: they stay in the sealed Patient
-- that the register's row became, and are read from there.

create table identity.register_row (
    patient    text collate "C" primary key,  -- the Patient that the row is
    household  text not null,                 -- the register's number of it, '' unknown
    sex        text not null check (sex in ('male', 'female', 'other', 'unknown')),
    birth      date,
    kind       text not null check (kind in ('settled', 'away', 'incoming', 'unknown')),
    status     text not null check (status in ('living', 'moved-out', 'died')),
    living     text collate "C" not null,                 -- division in which the resident lives, '' unknown
    registered text collate "C" not null,                 -- division of registration (户籍), '' unknown
    moved_in   date,
    moved_out  date,
    died       date,
    version    integer not null,              -- of the Patient
    noted      timestamptz not null,          -- when that version was stored
    checked    timestamptz not null default '-infinity'  -- last looked at for signs of life
);
create index register_row_household on identity.register_row (household) where household <> '';
create index register_row_living on identity.register_row (living, patient);
create index register_row_ended on identity.register_row (checked) where status <> 'living';

-- From when to when somebody lives (or is registered) in a division; `until` is the first day on
-- which this is so no more. Sex and birth stand here once more: counting reads this table alone.
create table identity.register_stay (
    patient  text collate "C" not null,
    basis    text not null check (basis in ('living', 'registered')),
    begin    date not null,
    until    date not null default 'infinity',
    place    text collate "C" not null,
    sex      text not null,
    birth    date,
    primary key (patient, basis, begin),
    check (begin < until)
);

-- Never changed: what turns out wrong is taken back by a later line with `stands` false.
create table identity.register_event (
    id       bigint generated always as identity primary key,
    patient  text collate "C" not null,
    kind     text not null check (kind in ('birth', 'death', 'move-in', 'move-out', 'move')),
    day      date not null,
    place    text collate "C" not null,
    stands   boolean not null default true,
    noted    timestamptz not null
);
create index register_event_patient on identity.register_event (patient, id);
create index register_event_day on identity.register_event (day, place);

-- What divisions are called that no national table names: villages and communities.
create table identity.register_division (
    code text collate "C" primary key check (code ~ '^[0-9]{2,12}$'),
    name text not null
);

-- Where the register and care do not agree about a Person.
create table identity.register_difference (
    id       text collate "C" primary key,  -- a digest of its kind and of the two
    person   text collate "C" not null,
    kind     text not null,
    entry    text collate "C",              -- Patient of the register, null: it has none
    other    text collate "C",              -- Patient of care that says otherwise
    place    text collate "C" not null default '',
    since    timestamptz not null default now(),
    gone     timestamptz                    -- when it was found no more
);
create index register_difference_open on identity.register_difference (kind, since, id)
    where gone is null;
create index register_difference_person on identity.register_difference (person);

-- What people decided on a difference; the latest counts, all are kept.
create table identity.register_decision (
    id          bigint generated always as identity primary key,
    difference  text collate "C" not null,
    verdict     text not null
        check (verdict in ('register-wrong', 'care-wrong', 'both-right', 'reopened')),
    reason      text not null check (reason <> ''),
    author      text not null,
    author_name text not null,
    at          timestamptz not null
);
create index register_decision_of on identity.register_decision (difference, id desc);

-- Counts of days that are asked for again and again (first days of months), kept until something
-- changes that they counted.
create table identity.register_counted (
    day    date not null,
    basis  text not null,
    made   timestamptz not null default now(),
    primary key (day, basis)
);
create table identity.register_count (
    day    date not null,
    basis  text not null,
    place  text collate "C" not null,
    sex    text not null,
    age    smallint not null,               -- whole years, -1 unknown
    people integer not null,
    primary key (day, basis, place, sex, age)
);
