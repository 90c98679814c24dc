import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { open } from "../engine/platform/node/index.ts";
import { builtFile } from "../scripts/testing/built.ts";
import {
  headKey,
  partKey,
  partText,
  partsOf,
  type WriterTransaction,
} from "../scripts/testing/killed-writer-data.ts";

// The one claim that no simulation can make: on this machine, with its real file system and a real kill -9. When to
// kill is real chance: the time it takes to get anywhere is not ours to decide here.

const ROUNDS = 50;
let directory: string;
let writer: string;

beforeAll(async () => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), "seawall-killed-"));
  writer = await builtFile("scripts/testing/killed-writer.ts");
});

afterAll(() => {
  fs.rmSync(directory, { recursive: true });
});

test(`in ${ROUNDS} rounds of kill -9 no acknowledged transaction is lost and none is torn`, async () => {
  const acknowledged: WriterTransaction[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    acknowledged.push(...(await killedRound(round)));
    // Every third time the next writer meets the crashed store itself, so that it may die in its recovery.
    if (round % 3 !== 0 || round === ROUNDS - 1) {
      await checkStore(acknowledged);
    }
  }
  expect(acknowledged.length).toBeGreaterThan(ROUNDS);
}, 300_000);

/** Starts a writer and kills it, mostly at work and sometimes while it still opens the store. */
async function killedRound(round: number): Promise<WriterTransaction[]> {
  const child = spawn(process.execPath, [writer, directory, String(round)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const ended = once(child.stdout, "end");
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  if (round % 5 !== 4) {
    await Promise.race([once(child.stdout, "data"), exited]);
    await sleep(Math.random() * 60);
  } else {
    await sleep(40 + Math.random() * 150);
  }
  child.kill("SIGKILL");
  await Promise.all([exited, ended]);
  expect(child.signalCode, "the writer should not end by itself").toBe("SIGKILL");
  return [...output.matchAll(/^(\d+) (\d+)\n/gm)].map(([, client, number]) => ({
    round,
    client: Number(client),
    number: Number(number),
  }));
}

async function checkStore(acknowledged: readonly WriterTransaction[]): Promise<void> {
  const db = await open(directory);
  const found = new Map<string, unknown>();
  for await (const { key, value } of db.scan()) {
    found.set(String(key), value);
  }
  await db.close();
  const lost = acknowledged.filter((id) => Number(found.get(headKey(id)) ?? 0) < id.number);
  expect(lost, "acknowledged and lost").toEqual([]);
  checkWhole(found);
}

/** Up to its client's head every transaction is there with all its parts, and beyond it nothing is. */
function checkWhole(found: ReadonlyMap<string, unknown>): void {
  const heads = [...found].filter(([key]) => key.startsWith("head/"));
  let parts = 0;
  for (const id of heads.flatMap(([key, head]) => transactionsUpTo(key, Number(head)))) {
    for (let part = 0; part < partsOf(id); part += 1) {
      if (found.get(partKey(id, part)) !== partText(id, part)) {
        expect.fail(`${partKey(id, part)} is ${String(found.get(partKey(id, part)))}`);
      }
    }
    parts += partsOf(id);
  }
  expect(found.size, "keys of transactions that did not commit").toBe(parts + heads.length);
}

function transactionsUpTo(headKey: string, head: number): WriterTransaction[] {
  const [, round, client] = headKey.split("/");
  return Array.from({ length: head }, (_, index) => ({
    round: Number(round),
    client: Number(client),
    number: index + 1,
  }));
}
