-- A source may say that one of its Patients replaces another (HL7 v2 A40): then the replaced one
-- goes where the other goes. `follows` is the Patient that replaces it.

alter table identity.link drop constraint link_rule_check;
alter table identity.link add constraint link_rule_check
    check (rule in ('id-number', 'apart', 'merged'));
alter table identity.link add column follows text collate "C";
create index link_follows on identity.link (follows) where follows is not null;
