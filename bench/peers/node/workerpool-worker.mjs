// What the workers of workerpool run.
import { writeFileSync } from "node:fs";
import workerpool from "workerpool";

const tellAndWait = (path) => { writeFileSync(path, ""); return new Promise(() => { setTimeout(() => {}, 600_000); }); };
const now = () => process.hrtime.bigint().toString();   // the clock that all processes of the machine have in common
workerpool.worker({ nothing: () => {}, echo: (value) => value, processId: () => process.pid, tellAndWait, now });
