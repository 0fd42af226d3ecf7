-- Systems that open the record in a frame of their own pages, and each opening.

create table policy.launch_system (
    client          text collate "C" primary key,  -- id of a registered app or of a service account
    organisation    text collate "C" not null,
    institutions    text[] not null,               -- for whose practitioners it may ask
    origins         text[] not null,               -- whose pages may hold the frame; exactly these
    issuer          text unique,                   -- `iss` of its CDS Hooks calls, if not the client
    patient_system  text not null default '',      -- of the numbers that it calls patients by
    changed         timestamptz not null,
    changed_by      text not null
);

create table policy.launch (
    id            uuid primary key,
    client        text collate "C" not null,
    account       uuid not null,
    post          uuid not null,
    person        text collate "C" not null,       -- of nobody: an id that no Person has
    institution   text collate "C" not null,
    visit         text not null,
    purpose       text not null check (purpose in ('treatment', 'emergency')),
    made          timestamptz not null,
    expires       timestamptz not null,
    opened        timestamptz,
    token_hash    bytea,                           -- of the framed session, once it is opened
    ends          timestamptz,
    check ((opened is null) = (token_hash is null))
);
create index launch_expires on policy.launch (expires);
