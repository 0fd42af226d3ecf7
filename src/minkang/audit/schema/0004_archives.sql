-- Entries older than the retention time move to files (archive.py). A row may go once an archive
-- that holds it is written down here; the archive itself stands in the log, signed.

create table audit.archive (
    number    integer     primary key,
    at        timestamptz not null,
    until     timestamptz not null,     -- everything in it is older
    entries   bigint      not null,
    manifest  text        not null,     -- JSON, kept as text since the signature is over its bytes
    signer    text        not null,
    signature bytea       not null
);

-- Which part of which chain: from `first` to `last`, behind the link `before`, ending with `mac`.
create table audit.archived (
    writer  uuid    not null,
    last    bigint  not null,
    first   bigint  not null,
    before  bytea   not null,
    mac     bytea   not null,
    archive integer not null references audit.archive (number),
    primary key (writer, last)
);

create trigger only_grows before update or delete or truncate on audit.archive
    for each statement execute function audit.refuse_change();
create trigger only_grows before update or delete or truncate on audit.archived
    for each statement execute function audit.refuse_change();

create function audit.refuse_unarchived() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' and exists (
        select from audit.archived a
        where a.writer = old.writer and a.last >= old.seq and a.first <= old.seq
    ) then
        return old;
    end if;
    raise exception '% on %.% refused: the audit log only grows', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
        using errcode = 'insufficient_privilege';
end
$$;

drop trigger only_grows on audit.entry;
drop trigger only_grows on audit.named;
create trigger only_grows before update or delete on audit.entry
    for each row execute function audit.refuse_unarchived();
create trigger only_grows before update or delete on audit.named
    for each row execute function audit.refuse_unarchived();
create trigger never_emptied before truncate on audit.entry
    for each statement execute function audit.refuse_change();
create trigger never_emptied before truncate on audit.named
    for each statement execute function audit.refuse_change();
