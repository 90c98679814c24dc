import type { Draw } from "./draw.ts";
import {
  generateRead,
  generateScan,
  generateValue,
  generateWrite,
  pickKey,
  type StepSource,
} from "./generate-steps.ts";
import {
  generateBulk,
  generateClearing,
  generateFill,
  generateReader,
  generateSweep,
} from "./generate-sweeps.ts";
import {
  type ClientProgram,
  operationsOf,
  type ProgramItem,
  type TransactionItem,
  type TransactionStep,
  type WriteStep,
} from "./client-program.ts";
import type { IsolationName } from "./store-spec.ts";

const ITEM_KINDS = [
  "transaction",
  "put",
  "delete",
  "get",
  "scan",
  "batch",
  "burst",
  "sync",
  "sleep",
  "sweep",
  "bulk",
  "reader",
  "checkpoint",
  "verify",
] as const;

type ItemKind = (typeof ITEM_KINDS)[number];

/** Weights per item kind. A swarm member has some of them at 0, so that others come in crowds. */
type ItemWeights = Readonly<Record<ItemKind, number>>;

/** What the programs of one scenario are like. */
interface Temper {
  readonly items: ItemWeights;
  readonly isolations: readonly IsolationName[];
  readonly ends: readonly TransactionItem["end"][];
  readonly managed: boolean;
  readonly longTransactions: boolean;
  readonly reads: number;
  readonly sleepMsMax: number;
  /** Begins with a value in every key. */
  readonly fills: boolean;
  /** Deletes every key at some time. */
  readonly clears: boolean;
}

/** Programs of one to six clients which together make about this many calls. */
export function generatePrograms(
  draw: Draw,
  source: StepSource,
  operations: number,
): readonly ClientProgram[] {
  const temper = drawTemper(draw);
  const clients = 1 + draw.weighted([3, 4, 4, 3, 2, 1]);
  const programs: ClientProgram[] = [];
  for (let client = 0; client < clients; client += 1) {
    const isFirst = client === 0;
    const items: ProgramItem[] = isFirst && temper.fills ? [...generateFill(draw, source)] : [];
    let left = Math.ceil(operations / clients);
    while (left > 0) {
      const item = generateItem(draw, source, temper);
      items.push(item);
      left -= operationsOf(item);
    }
    if (isFirst && temper.clears) {
      items.splice(draw.below(items.length + 1), 0, ...generateClearing(source));
    }
    programs.push({ items });
  }
  return programs;
}

function drawTemper(draw: Draw): Temper {
  const isolations: readonly (readonly IsolationName[])[] = [
    ["serializable"],
    ["serializable"],
    ["snapshot"],
    ["read-committed"],
    ["serializable", "snapshot", "read-committed"],
  ];
  const ends: readonly (readonly TransactionItem["end"][])[] = [
    ["commit"],
    ["commit", "commit", "rollback"],
    ["commit", "commit", "commit-sync"],
    ["commit", "commit", "commit", "commit-sync", "rollback", "leave"],
  ];
  return {
    items: {
      transaction: draw.between(3, 12),
      put: maybe(draw, 8),
      delete: maybe(draw, 4),
      get: maybe(draw, 3),
      scan: maybe(draw, 2),
      batch: maybe(draw, 4),
      burst: maybe(draw, 3),
      sync: maybe(draw, 2),
      sleep: maybe(draw, 3),
      sweep: draw.odds(1, 3) ? draw.between(1, 6) : 0,
      bulk: draw.odds(1, 3) ? draw.between(1, 3) : 0,
      reader: draw.odds(1, 5) ? 1 : 0,
      checkpoint: draw.odds(1, 2) ? draw.between(1, 3) : 0,
      verify: draw.odds(1, 6) ? 1 : 0,
    },
    fills: draw.odds(1, 2),
    clears: draw.odds(1, 5),
    isolations: draw.pick(isolations),
    ends: draw.pick(ends),
    managed: draw.odds(1, 3),
    longTransactions: draw.odds(1, 5),
    reads: draw.between(0, 6),
    sleepMsMax: draw.pick([1, 5, 40, 400]),
  };
}

function maybe(draw: Draw, most: number): number {
  return draw.odds(2, 3) ? draw.between(1, most) : 0;
}

type MakeItem = (draw: Draw, source: StepSource, temper: Temper) => ProgramItem;

const MAKERS: Readonly<Record<ItemKind, MakeItem>> = {
  transaction: generateTransaction,
  put: (draw, source) => ({
    do: "put",
    key: pickKey(draw, source),
    value: generateValue(draw, source),
  }),
  delete: (draw, source) => ({ do: "delete", key: pickKey(draw, source) }),
  get: (draw, source) => ({ do: "get", key: pickKey(draw, source) }),
  scan: generateScan,
  batch: (draw, source) => ({ do: "batch", writes: generateWrites(draw, source, 6) }),
  burst: (draw, source) => ({ do: "burst", writes: generateWrites(draw, source, 4) }),
  sync: () => ({ do: "sync" }),
  sleep: (draw, _, { sleepMsMax }) => ({ do: "sleep", ms: draw.below(sleepMsMax + 1) }),
  sweep: generateSweep,
  bulk: (draw, source, { isolations }) => generateBulk(draw, source, draw.pick(isolations)),
  reader: (draw, source, { sleepMsMax }) => generateReader(draw, source, sleepMsMax),
  checkpoint: () => ({ do: "checkpoint" }),
  verify: () => ({ do: "verify" }),
};

function generateItem(draw: Draw, source: StepSource, temper: Temper): ProgramItem {
  const index = draw.weighted(ITEM_KINDS.map((kind) => temper.items[kind]));
  return MAKERS[ITEM_KINDS[index] ?? "transaction"](draw, source, temper);
}

function generateWrites(draw: Draw, source: StepSource, most: number): readonly WriteStep[] {
  const writes: WriteStep[] = [];
  const count = draw.between(1, most);
  for (let index = 0; index < count; index += 1) {
    writes.push(generateWrite(draw, source));
  }
  return writes;
}

function generateTransaction(draw: Draw, source: StepSource, temper: Temper): TransactionItem {
  const steps: TransactionStep[] = [];
  const most = temper.longTransactions && draw.odds(1, 4) ? 40 : 7;
  const count = draw.between(1, most);
  for (let index = 0; index < count; index += 1) {
    if (draw.below(10) < temper.reads) {
      steps.push(generateRead(draw, source, draw.odds(1, 5)));
    } else if (draw.odds(1, 24)) {
      steps.push({ do: "sleep", ms: draw.below(temper.sleepMsMax + 1) });
    } else {
      steps.push(generateWrite(draw, source));
    }
  }
  const managed = temper.managed && draw.odds(1, 2);
  const end = managed ? "commit" : draw.pick(temper.ends);
  return { do: "transaction", isolation: draw.pick(temper.isolations), managed, steps, end };
}
