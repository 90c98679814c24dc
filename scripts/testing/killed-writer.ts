import fs from "node:fs";
import process from "node:process";
import { open } from "../../engine/platform/node/index.ts";
import { POLICIES, headKey, partKey, partsOf, partText } from "./killed-writer-data.ts";

// A process that commits as fast as it can, says each acknowledged commit on its output, and waits for nothing
// but to be killed. Arguments: the store's directory and the number of the round.
const [directory = ".", roundText = "0"] = process.argv.slice(2);
const round = Number(roundText);
const CLIENTS = 4;

const db = await open(directory, {
  syncPolicy: POLICIES[round % POLICIES.length] ?? "sync",
  segmentBytes: 64 * 1024,
});

async function client(client: number): Promise<never> {
  for (let number = 1; ; number += 1) {
    const id = { round, client, number };
    await db.transaction(async (tx) => {
      for (let part = 0; part < partsOf(id); part += 1) {
        await tx.put(partKey(id, part), partText(id, part));
      }
      await tx.put(headKey(id), number);
    });
    // Synchronous, on the bare descriptor: once this returns, the line outlives the process.
    fs.writeSync(1, `${client} ${number}\n`);
  }
}

await Promise.all(Array.from({ length: CLIENTS }, (_, index) => client(index)));
