-- Health files (居民健康档案): who has one, who keeps it, whether it is used. What a sheet says of
-- somebody is not here: it stays in sealed resources (the form as it came, QuestionnaireResponse,
-- Task), which these rows refer to.

create schema if not exists files;

create table files.file (
    id           uuid primary key,
    number       text collate "C" not null unique,  -- 17 digits
    patient      text collate "C" not null,         -- the Patient that it was opened for
    institution  text not null,                     -- which is responsible for it now
    doctor       text not null default '',          -- its responsible doctor, by name
    division     text collate "C" not null,         -- where the resident lives, '' unknown
    state        text not null check (state in ('asked', 'open', 'closed', 'refused')),
    how          text not null check (how in ('desk', 'source', 'online')),
    opened       date not null,
    closed       date,
    why_closed   text not null default ''
        check (why_closed in ('', 'died', 'moved-away', 'twice', 'mistaken')),
    updated      date not null,                     -- when the sheet was changed or checked last
    version      integer not null default 1,
    score        smallint,                          -- of its quality, null: not judged yet
    missing      text[] not null default '{}',      -- items that must be filled
    wrong        text[] not null default '{}',      -- items that are invalid or contradict others
    judged       timestamptz,
    check ((state = 'closed') = (closed is not null))
);
create unique index file_patient on files.file (patient) where state in ('asked', 'open');
create index file_institution on files.file (institution, state);
create index file_division on files.file (division) where state = 'open';

-- What became of a file; never changed. `detail` names items, institutions and reasons, no values.
create table files.step (
    id            bigint generated always as identity primary key,
    file          uuid not null references files.file (id) on delete cascade,
    at            timestamptz not null,
    kind          text not null check (kind in
        ('asked', 'opened', 'refused', 'changed', 'checked', 'transferred', 'closed', 'reopened')),
    account       text not null default '',         -- '' the platform itself
    account_name  text not null default '',
    institution   text not null default '',
    detail        text not null default '{}'
);
create index step_file on files.step (file, id);

-- Forms of basic information (个人基本信息表) as sources sent them; the latest counts.
create table files.form (
    composition  text collate "C" primary key,
    patient      text collate "C" not null,
    day          date not null,
    stored       timestamptz not null,
    version      integer not null
);
create index form_patient on files.form (patient);
create index form_stored on files.form (stored);

-- What resources say that may count as use of a file (`uses.yaml`).
create table files.event (
    type     smallint not null,
    id       text collate "C" not null,
    patient  text collate "C" not null,
    kind     text not null,
    day      date not null,
    primary key (type, id)
);
create index event_patient on files.event (patient, kind, day desc);

-- The last day of each kind; made anew whenever an event of the Patient changes.
create table files.last_use (
    patient  text collate "C" not null,
    kind     text not null,
    day      date not null,
    primary key (patient, kind)
);
-- The same of looks at the record, which the audit log tells of, by Person.
create table files.last_look (
    person  text collate "C" not null,
    kind    text not null,
    day     date not null,
    primary key (person, kind)
);
create table files.looked (
    single boolean primary key default true check (single),
    until  timestamptz not null
);

-- Which institution keeps the files of a division. What organisations say of themselves counts
-- where there is no line here.
create table files.area (
    division     text collate "C" primary key check (division ~ '^[0-9]{6,12}$'),
    institution  text not null
);

-- A resident asks that something be put right. What is wrong and right stands in the Task.
create table files.correction (
    id             uuid primary key,
    person         text collate "C" not null,
    patient        text collate "C" not null,
    account        text not null,                   -- who asked
    item           text not null,
    at             timestamptz not null,
    due            timestamptz not null,
    state          text not null check (state in ('open', 'forwarded', 'accepted', 'refused', 'withdrawn')),
    institution    text not null,                   -- which answers now
    responsible    text not null,                   -- which keeps the file
    version        integer not null default 1,
    answered       timestamptz,
    answered_by    text not null default '',
    answered_name  text not null default ''
);
create index correction_institution on files.correction (institution, due) where state in ('open', 'forwarded');
create index correction_person on files.correction (person, at desc);
