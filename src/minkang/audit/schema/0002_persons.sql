-- The residents an answer named, where it is about several. The row holds them, so the chain covers
-- them; `named` is where they are looked up, by person and time. It says nothing the rows don't say,
-- and `minkang audit verify` compares the two.

alter table audit.entry add column persons text[];

create table audit.named (
    person text        collate "C" not null,
    at     timestamptz not null,
    writer uuid        not null,
    seq    bigint      not null,
    primary key (person, at, writer, seq)
);

create trigger only_grows before update or delete or truncate on audit.named
    for each statement execute function audit.refuse_change();
