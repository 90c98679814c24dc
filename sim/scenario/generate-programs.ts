import type { Draw } from "./draw.ts";
import {
  generateRead,
  generateValue,
  generateWrite,
  pickKey,
  type StepSource,
} from "./generate-steps.ts";
import {
  type ClientProgram,
  type IsolationName,
  operationsOf,
  type ProgramItem,
  type TransactionItem,
  type TransactionStep,
  type WriteStep,
} from "./scenario.ts";

/** Weights per item kind. A swarm member has some of them at 0, so that others come in crowds. */
interface ItemWeights {
  readonly transaction: number;
  readonly put: number;
  readonly delete: number;
  readonly get: number;
  readonly scan: number;
  readonly batch: number;
  readonly burst: number;
  readonly sync: number;
  readonly sleep: number;
}

/** What the programs of one scenario are like. */
interface Temper {
  readonly items: ItemWeights;
  readonly isolations: readonly IsolationName[];
  readonly ends: readonly TransactionItem["end"][];
  readonly managed: boolean;
  readonly longTransactions: boolean;
  readonly reads: number;
  readonly sleepMsMax: number;
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
    const items: ProgramItem[] = [];
    let left = Math.ceil(operations / clients);
    while (left > 0) {
      const item = generateItem(draw, source, temper);
      items.push(item);
      left -= operationsOf(item);
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
    },
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

function generateItem(draw: Draw, source: StepSource, temper: Temper): ProgramItem {
  const weights = temper.items;
  const kind = draw.weighted([
    weights.transaction,
    weights.put,
    weights.delete,
    weights.get,
    weights.scan,
    weights.batch,
    weights.burst,
    weights.sync,
    weights.sleep,
  ]);
  switch (kind) {
    case 0:
      return generateTransaction(draw, source, temper);
    case 1:
      return { do: "put", key: pickKey(draw, source), value: generateValue(draw, source) };
    case 2:
      return { do: "delete", key: pickKey(draw, source) };
    case 3:
      return { do: "get", key: pickKey(draw, source) };
    case 4:
      return generateRead(draw, source, true);
    case 5:
      return { do: "batch", writes: generateWrites(draw, source, 6) };
    case 6:
      return { do: "burst", writes: generateWrites(draw, source, 4) };
    case 7:
      return { do: "sync" };
    default:
      return { do: "sleep", ms: draw.below(temper.sleepMsMax + 1) };
  }
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
