-- What the console shows every few seconds without counting messages, and what it alarms about.

-- Events of an hour: what came in, and what became of messages then (a message that is replayed
-- is stored or put aside once more). `writer` only keeps processes that count at the same moment
-- from waiting for each other; readers add them up.
create table exchange.hour (
    source       text not null references exchange.source on delete cascade,
    hour         timestamptz not null,
    writer       smallint not null,
    received     bigint not null default 0,
    repeated     bigint not null default 0,
    bytes        bigint not null default 0,
    stored       bigint not null default 0,
    quarantined  bigint not null default 0,
    last         timestamptz,
    primary key (source, hour, writer)
) with (fillfactor = 50);

insert into exchange.hour
    (source, hour, writer, received, repeated, bytes, stored, quarantined, last)
select source, date_trunc('hour', received, 'UTC'), 0, count(*), sum(repeats), sum(size),
       count(*) filter (where state = 'stored'), count(*) filter (where state = 'quarantined'),
       max(last_received)
from exchange.message where source is not null group by 1, 2;

-- One row for each time something was wrong. It counts from `raised` on: what may be wrong for a
-- while without harm is only noted before. `told` once the on-call command has taken it.
create table exchange.alarm (
    id       bigint generated always as identity primary key,
    kind     text not null,
    source   text references exchange.source on delete cascade,
    since    timestamptz not null,
    text     text not null,
    raised   timestamptz,
    told     timestamptz,
    seen_by  text,
    seen_at  timestamptz,
    ended    timestamptz
);
create unique index alarm_open on exchange.alarm (kind, source) nulls not distinct
    where ended is null;
create index alarm_newest on exchange.alarm (id desc);

-- The message log by what an engineer has in hand: a control id, a rule, what lies in quarantine.
create index message_control on exchange.message (control_id);
drop index exchange.message_quarantined;
create index message_quarantined on exchange.message (source, id) where state = 'quarantined';
drop index exchange.problem_rule;
create index problem_rule on exchange.problem (rule, message desc);
