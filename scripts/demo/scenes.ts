import { open, type Database } from "../../engine/platform/node/index.ts";
import { crashWriter } from "./crash-writer-process.ts";
import type { Stage } from "./stage.ts";

/** A chapter of the tutorial; each gets an empty directory of its own on the real disk. */
export interface Scene {
  readonly title: string;
  play(stage: Stage, directory: string): Promise<void>;
}

export const SCENES: readonly Scene[] = [
  { title: "1. A transaction shows nothing before its commit", play: withDatabase(basic) },
  { title: "2. Two transactions interleave", play: withDatabase(interleaved) },
  { title: "3. A rollback leaves the original value", play: withDatabase(rollback) },
  { title: "4. A crash keeps what was committed and nothing else", play: crashRecovery },
];

function withDatabase(play: (stage: Stage, db: Database) => Promise<void>): Scene["play"] {
  return async (stage, directory) => {
    const db = await open(directory);
    try {
      await play(stage, db);
    } finally {
      await db.close();
    }
  };
}

async function basic(stage: Stage, db: Database): Promise<void> {
  const tx = db.begin();
  await tx.put("account:alice", 100);
  stage.say("T1 writes account:alice = 100 and has not committed");
  stage.check("T1 reads its own write", await tx.get("account:alice"), 100);
  stage.check("everyone else reads nothing", await db.get("account:alice"), undefined);
  const receipt = await tx.commit();
  stage.say(
    `T1 commits: commit number ${receipt.commitNumber}, log durable up to LSN ${receipt.lsn}`,
  );
  stage.check("now everyone reads it", await db.get("account:alice"), 100);
}

async function interleaved(stage: Stage, db: Database): Promise<void> {
  const first = db.begin();
  const second = db.begin();
  await first.put("account:alice", 1);
  stage.say("T1 writes account:alice = 1");
  await second.put("account:bob", 2);
  stage.say("T2 writes account:bob = 2");
  stage.check("T1 does not see T2's write", await first.get("account:bob"), undefined);
  await second.commit();
  stage.say("T2 commits");
  stage.check("T1 still reads the state it began with", await first.get("account:bob"), undefined);
  stage.check("a new reader sees T2 and nothing of T1", await readBoth(db), [undefined, 2]);
  // T1 read account:bob, and T2 has changed it since: a serial order of the two no longer exists.
  const refused = await codeOf(first.commit());
  stage.check("T1 read what T2 changed, so its commit is refused", refused, "CONFLICT");
  await db.transaction(async (tx) => {
    await tx.put("account:alice", Number(await tx.get("account:bob")) - 1);
  });
  stage.say("T1 runs again on what is there now, and commits");
  stage.check("both are there", await readBoth(db), [1, 2]);
}

async function readBoth(db: Database): Promise<unknown[]> {
  return [await db.get("account:alice"), await db.get("account:bob")];
}

async function codeOf(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
    return "no error";
  } catch (error) {
    return error instanceof Error && "code" in error ? error.code : error;
  }
}

async function rollback(stage: Stage, db: Database): Promise<void> {
  await db.put("account:alice", 100);
  stage.say("account:alice = 100 is committed");
  const tx = db.begin();
  await tx.put("account:alice", 0);
  await tx.delete("account:alice");
  await tx.put("account:mallory", 100);
  stage.say("T1 writes 0, deletes the account, and writes account:mallory = 100");
  stage.check("T1 reads its own deletion", await tx.get("account:alice"), undefined);
  await tx.rollback();
  stage.say("T1 rolls back");
  stage.check("the original value is there", await db.get("account:alice"), 100);
  stage.check("what T1 added is not", await db.get("account:mallory"), undefined);
}

async function crashRecovery(stage: Stage, directory: string): Promise<void> {
  stage.say("another process opens the database, commits T1 and leaves T2 open");
  const signal = await crashWriter(directory);
  stage.check("that process was killed, with no chance to tidy up", signal, "SIGKILL");
  const db = await open(directory);
  try {
    const { transactionsRedone, cleanShutdown } = db.recovery;
    stage.say(`recovery replays the log: ${transactionsRedone} transaction(s) redone`);
    stage.check("the shutdown was not clean", cleanShutdown, false);
    stage.check("T1 is there, whole", await readBoth(db), [60, 40]);
    stage.check("nothing of T2 is", await db.get("account:mallory"), undefined);
    await db.put("account:carol", 7);
    stage.check("the database takes new commits", await db.get("account:carol"), 7);
  } finally {
    await db.close();
  }
}
