import { expect, test } from "vitest";
import { emptyDisk, filesOf } from "../../properties/support/page-disk.ts";
import { reasonOf } from "../../properties/support/outcomes.ts";
import { staleBlocks } from "../../properties/support/stale-blocks.ts";
import { DIRECTORY } from "../../properties/support/virtual-store.ts";
import type { VirtualStore } from "../../properties/support/virtual-store.ts";
import { FREE_STYLE } from "../../sim/disk/crash-images.ts";
import { PrngChoices } from "../../sim/core/choices.ts";
import { putUint32 } from "../base/bytes.ts";
import { crc32 } from "../base/checksum.ts";
import { commitNumber, lsn, transactionId } from "../base/units.ts";
import { ControlFile, isOfNewStore, newestOf } from "./control-file.ts";
import type { ControlSlots } from "./control-file.ts";
import { encodeControl, readControl } from "./control-format.ts";
import type { Control } from "./control-format.ts";

const PATH = `${DIRECTORY}/control.db`;
const SLOT_OFFSETS = [0, 65_536] as const;

const NEW: Omit<Control, "sequence"> = {
  storeId: 77,
  pageBytes: 4096,
  copies: 1,
  startLsn: lsn(4096),
  startChecksum: 0,
  redoLsn: lsn(4096),
  lastCommit: commitNumber(0),
  highestId: transactionId(0),
};

/** The place where recovery begins after so many checkpoints. */
function point(checkpoint: number): Omit<Control, "sequence" | "storeId" | "pageBytes" | "copies"> {
  return {
    startLsn: lsn(4096 + 512 * checkpoint),
    startChecksum: 1000 + checkpoint,
    redoLsn: lsn(4096 + 512 * checkpoint + 100),
    lastCommit: commitNumber(10 * checkpoint),
    highestId: transactionId(20 * checkpoint),
  };
}

function control(checkpoint: number): Control {
  return { ...NEW, ...point(checkpoint), sequence: 2 + checkpoint };
}

/** A new control file, and this many checkpoints. All of it durable. */
async function withControl(checkpoints: number): Promise<VirtualStore> {
  const world = await emptyDisk();
  await world.run(async () => {
    const file = await ControlFile.create(filesOf(world), DIRECTORY, NEW);
    for (let checkpoint = 1; checkpoint <= checkpoints; checkpoint += 1) {
      await file.write(point(checkpoint));
    }
    await file.close();
  });
  return world;
}

async function read(world: VirtualStore): Promise<ControlSlots> {
  return await world.run(async () => await ControlFile.read(filesOf(world), DIRECTORY));
}

/** Opens the file as it is found. Inside `world.run` or `runSteps`. */
async function openNewest(world: VirtualStore): Promise<ControlFile> {
  const { newest, other } = await ControlFile.read(filesOf(world), DIRECTORY);
  return await ControlFile.open(filesOf(world), DIRECTORY, newest ?? control(0), other);
}

function sequences({ newest, other }: ControlSlots): (number | undefined)[] {
  return [newest?.sequence, other?.sequence];
}

test("a new store has two slots that say the same, in sectors far from each other", async () => {
  const world = await withControl(0);
  world.crash();
  const slots = await read(world);
  expect(slots.newest).toEqual({ ...NEW, sequence: 2 });
  expect(slots.other).toEqual({ ...NEW, sequence: 1 });
  expect(isOfNewStore(slots)).toBe(true);
  const bytes = world.disk.content(PATH) ?? new Uint8Array(0);
  const at = SLOT_OFFSETS.map((offset) => readControl(bytes.slice(offset, offset + 96)));
  expect(at).toEqual([
    { kind: "control", control: { ...NEW, sequence: 2 } },
    { kind: "control", control: { ...NEW, sequence: 1 } },
  ]);
});

test("one that is being made never shows the control file that was in those blocks before", async () => {
  const world = await withControl(3);
  world.disk.unlink(PATH);
  world.disk.syncDirectory(DIRECTORY);
  const found = new Set<number>();
  let isFinished = false;
  for (let steps = 1; !isFinished; steps += 1) {
    for (let seed = 0; seed < 150; seed += 1) {
      const made = world.fork();
      isFinished = await made.runSteps(steps, async () => {
        await ControlFile.create(filesOf(made), DIRECTORY, { ...NEW, storeId: 78 });
      });
      made.scheduler.clear();
      made.disk.crash("power", staleBlocks(`${steps}/${seed}`), FREE_STYLE);
      const slots = await read(made);
      for (const slot of slots.found) {
        found.add(slot.kind === "control" ? slot.control.storeId : 0);
      }
    }
  }
  expect(found).toEqual(new Set([0, 78]));
});

test("no control file is one of zeros, of a store that is new", async () => {
  const world = await emptyDisk();
  const slots = await read(world);
  expect(slots).toEqual({
    found: [{ kind: "zeros" }, { kind: "zeros" }],
    newest: undefined,
    other: undefined,
  });
  expect(isOfNewStore(slots)).toBe(true);
});

test("checkpoints go to the slots in turn, and log is kept for both", async () => {
  const world = await withControl(0);
  await world.run(async () => {
    const { newest, other } = await ControlFile.read(filesOf(world), DIRECTORY);
    const file = await ControlFile.open(filesOf(world), DIRECTORY, newest ?? control(0), other);
    expect(file.keepFrom).toBe(4096);
    for (const checkpoint of [1, 2, 3]) {
      await file.write(point(checkpoint));
      expect(file.newest).toEqual(control(checkpoint));
      expect(file.keepFrom).toBe(checkpoint === 1 ? 4096 : point(checkpoint - 1).startLsn);
    }
  });
  world.crash();
  const slots = await read(world);
  expect([slots.newest, slots.other]).toEqual([control(3), control(2)]);
  expect(isOfNewStore(slots)).toBe(false);
});

test("a lost slot is made anew from the one that is left, which is not touched meanwhile", async () => {
  const world = await withControl(3);
  // Checkpoint 2 is in the first slot, checkpoint 3 in the second.
  world.disk.flipBit(PATH, 20, 0);
  const written: number[] = [];
  world.fault(({ kind, position }) => {
    written.push(...(kind === "write" ? [position] : []));
    return undefined;
  });
  await world.run(async () => {
    const file = await openNewest(world);
    expect(file.newest).toEqual({ ...control(3), sequence: 6 });
    expect(file.keepFrom).toBe(point(3).startLsn);
    await file.close();
  });
  expect(written).toEqual([0]);
  world.crash();
  const slots = await read(world);
  expect([slots.newest, slots.other]).toEqual([{ ...control(3), sequence: 6 }, control(3)]);
});

test("a slot that rots is masked by the other one, whichever it is", async () => {
  for (const [slot, expected] of [
    [0, [5, undefined]],
    [1, [4, undefined]],
  ] as const) {
    const world = await withControl(3);
    for (const [bit, offset] of [0, 8, 16, 30, 60, 95].entries()) {
      const rotten = world.fork();
      rotten.disk.flipBit(PATH, SLOT_OFFSETS[slot] + offset, bit);
      const slots = await read(rotten);
      expect(sequences(slots)).toEqual(expected);
      expect(slots.found[slot]).toEqual({ kind: "damaged" });
      expect(newestOf(slots).sequence).toBe(expected[0]);
    }
  }
});

test("a power cut at any step of a checkpoint leaves the old place or the new one", async () => {
  const found = new Set<string>();
  let ended = false;
  for (let steps = 0; !ended; steps += 1) {
    for (let seed = 0; seed < 12; seed += 1) {
      const world = await withControl(3);
      const file = await world.run(async () => await openNewest(world));
      ended = await world.runSteps(steps, async () => {
        await file.write(point(4));
      });
      world.crash("power", new PrngChoices(`${steps}/${seed}`));
      const slots = await read(world);
      expect([control(3), control(4)]).toContainEqual(slots.newest);
      found.add(`${newestOf(slots).sequence} ${ended ? "ended" : "under way"}`);
    }
  }
  expect([...found].toSorted()).toEqual(["5 under way", "6 ended", "6 under way"]);
});

test("power cuts at any step of any number of openings leave a place that was written once", async () => {
  const found = new Set<number>();
  for (let steps = 1; steps <= 12; steps += 1) {
    for (let seed = 0; seed < 12; seed += 1) {
      const world = await withControl(3);
      for (let opening = 0; opening < 4; opening += 1) {
        await world.runSteps(steps, async () => await openNewest(world));
        world.crash("power", new PrngChoices(`${steps}/${seed}/${opening}`));
        const { startLsn } = newestOf(await read(world));
        // What is torn is the place of the last checkpoint, or the one before; log is kept for both.
        expect([point(3).startLsn, point(2).startLsn]).toContain(startLsn);
        found.add(startLsn);
      }
    }
  }
  expect(found.size).toBe(2);
});

test("a power cut at any step of the making leaves no slot that says anything else", async () => {
  let ended = false;
  for (let steps = 0; !ended; steps += 1) {
    for (let seed = 0; seed < 6; seed += 1) {
      const world = await emptyDisk();
      ended = await world.runSteps(steps, async () => {
        await ControlFile.create(filesOf(world), DIRECTORY, NEW);
      });
      world.crash("power", new PrngChoices(`${steps}/${seed}`));
      const slots = await read(world);
      expect(isOfNewStore(slots)).toBe(true);
      expect(slots.newest === undefined || slots.newest.startLsn === 4096).toBe(true);
      expect(!ended || slots.newest?.sequence === 2).toBe(true);
    }
  }
});

test("two damaged slots are refused, with what was found in each", async () => {
  const world = await withControl(2);
  world.disk.flipBit(PATH, 50, 1);
  const file = world.disk.open(PATH, "write");
  world.disk.write(file, new Uint8Array(512), 65_536);
  const slots = await read(world);
  expect(() => newestOf(slots)).toThrow(
    expect.objectContaining({
      code: "CORRUPTION",
      place: {
        file: "control.db",
        offset: 0,
        expected: "where recovery begins, in one slot of two",
        found: "damaged, and zeros",
      },
    }),
  );
});

test("a control file in another format is refused with RECOVERY", async () => {
  const world = await withControl(2);
  const bytes = encodeControl(control(3));
  putUint32(bytes, 12, 9);
  putUint32(bytes, 8, crc32(bytes.subarray(12)));
  const file = world.disk.open(PATH, "write");
  for (const offset of SLOT_OFFSETS) {
    world.disk.write(file, bytes, offset);
  }
  const slots = await read(world);
  expect(() => newestOf(slots)).toThrow(
    expect.objectContaining({
      code: "RECOVERY",
      place: expect.objectContaining({ found: "format 9, and format 9" }) as unknown,
    }),
  );
});

test("opening stores the newest slot anew: the disk may never have got what the system shows", async () => {
  const world = await withControl(2);
  await world.run(async () => {
    const slots = await ControlFile.read(filesOf(world), DIRECTORY);
    const file = await ControlFile.open(filesOf(world), DIRECTORY, newestOf(slots), slots.other);
    world.fault(({ kind }) =>
      kind === "datasync" ? { kind: "failed-sync", storedPattern: 0 } : undefined,
    );
    await expect(file.write(point(3))).rejects.toMatchObject({ code: "IO" });
    world.fault(undefined);
  });
  world.crash("process");
  // The machine stayed up, and shows what a power cut would take away.
  const lost = world.fork();
  lost.crash();
  expect(sequences(await read(lost))).toEqual([4, 3]);
  const shown = await read(world);
  expect(sequences(shown)).toEqual([5, 4]);
  await world.run(async () => {
    await ControlFile.open(filesOf(world), DIRECTORY, newestOf(shown), shown.other);
  });
  world.crash();
  const slots = await read(world);
  expect([slots.newest, slots.other]).toEqual([control(3), control(2)]);
});

test("a file that cannot be written or read is an error, and is let go of", async () => {
  const world = await withControl(2);
  const slots = await read(world);
  for (const failing of ["open", "write", "datasync"] as const) {
    world.fault(({ kind }) => (kind === failing ? { kind: "error", code: "EIO" } : undefined));
    const opening = world.run(
      async () => await ControlFile.open(filesOf(world), DIRECTORY, newestOf(slots), slots.other),
    );
    expect(await reasonOf(() => opening)).toMatchObject({ code: "IO" });
    expect(world.openFiles()).toBe(0);
  }
  world.fault(({ kind }) => (kind === "read" ? { kind: "error", code: "EIO" } : undefined));
  expect(await reasonOf(() => read(world))).toMatchObject({ code: "IO" });
  expect(world.openFiles()).toBe(0);
});
