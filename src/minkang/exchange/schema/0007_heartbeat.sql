-- A source may say that it lives without having anything to send.

alter table exchange.source add column heartbeat timestamptz;
