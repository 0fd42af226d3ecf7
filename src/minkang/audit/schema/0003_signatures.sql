-- Checkpoints are signed with SM2 from now on. `digest` covers the digest and the signature before
-- it, so the last signature speaks for all before. Those made earlier stay as they are; not valid
-- says that it holds for new rows only, so that no row has to be read now.

alter table audit.checkpoint
    add column digest    bytea,
    add column signer    text,          -- fingerprint of the public key
    add column signature bytea,
    add constraint checkpoint_signed check (signature is not null) not valid;
