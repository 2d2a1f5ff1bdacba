// Usage: node main.mjs WHAT [warm ms] [time ms] [count]; prints one JSON line per measurement.
// piscina and tinypool run on worker_threads: no isolation. workerpool runs in processes here.
import { existsSync, unlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { printLatency, printRate, printSamples } from "./lines.mjs";

const [what = "", warmMs = 200, timeMs = 500, count = 10000] = process.argv.slice(2).map((a, i) => (i === 0 ? a : Number(a)));
const settings = { warmMs, timeMs };
const file = (name) => new URL(name, import.meta.url).href;
const path = (name) => new URL(name, import.meta.url).pathname;

const libraries = {
  async piscina(workers) {
    const { default: Piscina } = await import("piscina");
    const pool = new Piscina({ filename: file("./worker.mjs"), minThreads: workers, maxThreads: workers, maxQueue: Infinity });
    return {
      call: (name, value, options = {}) => pool.run(value, { name, ...options }),
      transfer: (buffer) => pool.run(buffer, { name: "move", transferList: [buffer] }),
      end: () => pool.destroy(),
    };
  },
  async tinypool(workers) {
    const { Tinypool } = await import("tinypool");
    const pool = new Tinypool({ filename: file("./tiny-worker.mjs"), minThreads: workers, maxThreads: workers });
    return { call: (name, value) => pool.run(value, { name }), end: () => pool.destroy() };
  },
  async workerpool(workers) {
    const { default: workerpool } = await import("workerpool");
    const pool = workerpool.pool(path("./workerpool-worker.mjs"), {
      workerType: "process", minWorkers: workers, maxWorkers: workers,
      forkOpts: { serialization: "advanced" },   // JSON, the default, knows no bytes
    });
    return { call: (name, value) => pool.exec(name, value === undefined ? [] : [value]), end: () => pool.terminate() };
  },
};

const measures = {
  call: (pool) => printLatency(settings, () => pool.call("nothing")),
  tiny: async (pool) => {
    await Promise.all(Array.from({ length: 100 }, () => pool.call("nothing")));
    await printRate(count, () => pool.call("nothing"));
  },
  "bytes-1m": async (pool) => {
    const data = new Uint8Array(1 << 20);
    await printLatency(settings, () => pool.call("echo", data));
  },
  // From outside, while it runs a call. The next call is made when the pool has told of the death: one that is made sooner stays in the queue for ever.
  capacity: async (pool) => {
    const samples = [];
    for (let i = 0; i < count; i++) {
      const id = await pool.call("processId");
      const path = `${tmpdir()}/workerpool-${process.pid}-${i}`;
      const lost = pool.call("tellAndWait", path).catch(() => {});
      while (!existsSync(path)) await pause(1);
      unlinkSync(path);
      const killed = process.hrtime.bigint();
      process.kill(id, "SIGKILL");
      await lost;
      samples.push(Number(BigInt(await pool.call("now")) - killed));
    }
    printSamples(samples);
  },
  "transfer-64m": async (pool) => {
    let buffer = new ArrayBuffer(64 << 20);
    await printLatency(settings, async () => { buffer = await pool.transfer(buffer); });
    if (buffer.byteLength !== 64 << 20) throw new Error("the buffer was lost");
  },
};

const [library, ...rest] = what.split("-");
const measure = measures[rest.join("-")];
if (!libraries[library] || !measure) {
  console.error(`unknown: '${what}'; known: ${Object.keys(libraries)} with ${Object.keys(measures)}`);
  process.exit(2);
}
const pool = await libraries[library](rest[0] === "tiny" ? 2 : 1);
await measure(pool);
await pool.end();
process.exit(0);
