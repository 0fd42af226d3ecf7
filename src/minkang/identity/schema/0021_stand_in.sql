-- Persons that lost all their Patients before this release: who stands for them.
insert into policy.stand_in (person, stands, since)
select e.person, l.person, e.since
from identity.emptied e join identity.link l on l.patient = e.patient
where e.person <> l.person;
