import type { Draw } from "./draw.ts";
import { generateScan, generateValue, pickKey, type StepSource } from "./generate-steps.ts";
import type {
  BatchItem,
  ProgramItem,
  TransactionItem,
  TransactionStep,
  WriteStep,
} from "./client-program.ts";
import type { IsolationName } from "./store-spec.ts";

/*
 * What single puts and deletes hardly ever do to a tree of pages: fill it, empty it and fill it again, so
 * that pages split, merge, become free and are used again; transactions that touch more pages than the
 * cache has; readers that stay while everything changes.
 */

/** Writes in one batch: enough for several pages, few enough for one log record or two. */
const SWEEP_KEYS_MAX = 24;

/** Puts to a run of neighbouring keys, or deletes of them. */
export function generateSweep(draw: Draw, source: StepSource): BatchItem {
  const count = draw.between(1, Math.min(SWEEP_KEYS_MAX, source.keyCount));
  const from = draw.below(source.keyCount - count + 1);
  return sweep(draw, source, { from, count, deletes: draw.odds(1, 2) });
}

/** Puts to every key, or to as many as a budget of calls allows: a tree to begin with. */
export function generateFill(draw: Draw, source: StepSource): readonly ProgramItem[] {
  const items: ProgramItem[] = [];
  for (let from = 0; from < source.keyCount; from += SWEEP_KEYS_MAX) {
    const count = Math.min(SWEEP_KEYS_MAX, source.keyCount - from);
    items.push(sweep(draw, source, { from, count, deletes: false }));
  }
  return items;
}

/** Deletes of every key, in runs: the tree shrinks to its root. */
export function generateClearing(source: StepSource): readonly ProgramItem[] {
  const items: ProgramItem[] = [];
  for (let from = 0; from < source.keyCount; from += SWEEP_KEYS_MAX) {
    const writes: WriteStep[] = [];
    for (let key = from; key < Math.min(source.keyCount, from + SWEEP_KEYS_MAX); key += 1) {
      writes.push({ do: "delete", key });
    }
    items.push({ do: "batch", writes });
  }
  return items;
}

interface Sweep {
  readonly from: number;
  readonly count: number;
  readonly deletes: boolean;
}

function sweep(draw: Draw, source: StepSource, { from, count, deletes }: Sweep): BatchItem {
  const writes: WriteStep[] = [];
  for (let key = from; key < from + count; key += 1) {
    writes.push(
      deletes ? { do: "delete", key } : { do: "put", key, value: generateValue(draw, source) },
    );
  }
  return { do: "batch", writes };
}

/** Tens of puts of some hundred bytes, all over the tree: more than a small budget of memory holds. */
export function generateBulk(
  draw: Draw,
  source: StepSource,
  isolation: IsolationName,
): TransactionItem {
  const steps: TransactionStep[] = [];
  const count = draw.between(8, 32);
  const bytesMax = draw.pick([60, 200, 500]);
  for (let index = 0; index < count; index += 1) {
    const value = generateValue(draw, source);
    const bytes = value.bytes === 0 ? 0 : Math.max(value.bytes, draw.between(40, bytesMax));
    const key = draw.odds(1, 4) ? pickKey(draw, source) : draw.below(source.keyCount);
    steps.push(
      draw.odds(1, 8) ? { do: "delete", key } : { do: "put", key, value: { ...value, bytes } },
    );
    if (draw.odds(1, 12)) {
      steps.push({ do: "get", key: pickKey(draw, source) });
    }
  }
  const end = draw.pick<TransactionItem["end"]>([
    "commit",
    "commit",
    "commit",
    "commit-sync",
    "rollback",
    "rollback",
  ]);
  return { do: "transaction", isolation, managed: false, steps, end };
}

/** A snapshot that stays while others write, and looks at all of it from both ends. */
export function generateReader(
  draw: Draw,
  source: StepSource,
  sleepMsMax: number,
): TransactionItem {
  const steps: TransactionStep[] = [];
  const rounds = draw.between(2, 5);
  for (let round = 0; round < rounds; round += 1) {
    const scan = generateScan(draw, source);
    const all = draw.odds(1, 2);
    steps.push(
      { do: "sleep", ms: draw.below(sleepMsMax + 1) },
      { do: "get", key: pickKey(draw, source) },
      all ? { do: "scan", reverse: scan.reverse } : scan,
    );
  }
  const isolation = draw.pick<IsolationName>(["snapshot", "serializable"]);
  return {
    do: "transaction",
    isolation,
    managed: false,
    steps,
    end: draw.pick<TransactionItem["end"]>(["commit", "rollback"]),
  };
}
