create schema if not exists audit;

-- One row for each access and each refusal. A writer is one opened log (a process); its rows are
-- numbered from 1 without gaps and chained: mac = HMAC-SM3(audit key, previous mac || this row).
create table audit.entry (
    writer       uuid        not null,
    seq          bigint      not null,
    at           timestamptz not null,
    account      text,                  -- who; null: nobody known (a failed log-in, the operator)
    account_name text        not null,
    role         text        not null,
    organisation text,
    purpose      text        not null,
    action       text        not null,
    object_type  text        not null,
    object_id    text        not null,
    person       text,                  -- the Person whose data it is about
    allowed      boolean     not null,
    reason       text        not null,
    address      text        not null,
    detail       json,                  -- json keeps its text as written, which the chain needs
    mac          bytea       not null,
    primary key (writer, seq)
);
create index entry_person on audit.entry (person, at, writer, seq) where person is not null;
create index entry_account on audit.entry (account, at, writer, seq) where account is not null;
create index entry_at on audit.entry (at, writer, seq);

-- The heads of all chains which moved since the checkpoint before; also kept outside the database.
create table audit.checkpoint (
    seq      bigint      primary key,
    at       timestamptz not null,
    heads    text        not null,      -- JSON, kept as text since the code is over its bytes
    previous bytea       not null,
    mac      bytea       not null
);

-- Against mistakes and ordinary accounts. An owner or superuser can get around it: then the chain
-- and the checkpoints outside the database tell.
create function audit.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% on %.% refused: the audit log only grows', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
        using errcode = 'insufficient_privilege';
end
$$;
create trigger only_grows before update or delete or truncate on audit.entry
    for each statement execute function audit.refuse_change();
create trigger only_grows before update or delete or truncate on audit.checkpoint
    for each statement execute function audit.refuse_change();
