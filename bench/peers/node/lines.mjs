// One JSON line per measurement, and the loop that measures a latency.
const now = () => Number(process.hrtime.bigint());

export function printSamples(samples, unit = "ns") {
  const ordered = samples.toSorted((a, b) => a - b);
  const at = (share) => ordered[Math.min(Math.floor(ordered.length * share), ordered.length - 1)];
  console.log(JSON.stringify({ unit, min: ordered[0], p50: at(0.5), p99: at(0.99), n: ordered.length }));
}

export async function printLatency({ warmMs, timeMs }, once) {
  for (const end = now() + warmMs * 1e6; now() < end;) await once();
  const samples = [];
  for (const end = now() + timeMs * 1e6; now() < end || samples.length < 5;) {
    const start = now();
    await once();
    samples.push(now() - start);
  }
  printSamples(samples);
}

export async function printRate(count, call) {
  const start = now();
  const calls = [];
  for (let i = 0; i < count; i++) calls.push(call());
  await Promise.all(calls);
  printSamples([count / ((now() - start) / 1e9)], "calls/s");
}
