// Sends prepared requests to a server and prints what came of it as JSON; called by bench/client.py.
//
//   node bench/load.mjs wanted.json
//
// wanted: {url, connections, seconds | amount, requests: [{method, path, headers, body}]}.
// The requests are dealt out among the connections; each goes through its own again and again, or,
// with `amount`, until so many were answered in all. Times are taken of every answer: autocannon's
// own histogram rounds to milliseconds.

import { readFileSync } from "node:fs";

import autocannon from "autocannon";

const wanted = JSON.parse(readFileSync(process.argv[2], "utf8"));
const times = [];
let dealt = 0;

const run = autocannon({
  url: wanted.url,
  connections: wanted.connections,
  timeout: 120,
  ...(wanted.amount ? { amount: wanted.amount } : { duration: wanted.seconds }),
  setupClient(client) {
    const own = dealt++;
    client.setRequests(wanted.requests.filter((_, n) => n % wanted.connections === own));
  },
});
run.on("response", (_client, _status, _bytes, milliseconds) => times.push(milliseconds));
const found = await run;

times.sort((one, other) => one - other);
const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
process.stdout.write(
  JSON.stringify({
    answered: found["2xx"],
    failed: found.non2xx + found.errors + found.timeouts,
    seconds: (found.finish - found.start) / 1000,
    p50: at(0.5),
    p99: at(0.99),
  }),
);
