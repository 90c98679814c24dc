import process from "node:process";
import { open } from "../../engine/platform/node/index.ts";

// A process that is meant to die: it commits T1, leaves T2 open, says so and waits to be killed.
const [directory = "."] = process.argv.slice(2);
const db = await open(directory);

await db.transaction(async (tx) => {
  await tx.put("account:alice", 60);
  await tx.put("account:bob", 40);
});

const open2 = db.begin();
await open2.put("account:alice", 0);
await open2.put("account:mallory", 60);

process.stdout.write("ready\n");
// Not for ever: whoever should kill it may have been killed before.
setTimeout(() => {}, 60_000);
