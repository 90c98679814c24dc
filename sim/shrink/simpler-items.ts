import type {
  BatchItem,
  BurstItem,
  ProgramItem,
  ScanStep,
  TransactionItem,
  TransactionStep,
  WriteStep,
} from "../scenario/client-program.ts";

/** What may stand in an item's place, the boldest first; each is a list of items. */
export function* simplerItems(item: ProgramItem): Generator<readonly ProgramItem[], void> {
  switch (item.do) {
    case "transaction":
      yield* simplerTransactions(item);
      return;
    case "batch":
    case "burst":
      yield* simplerGroups(item);
      return;
    case "scan":
      yield* simplerScans(item).map((scan) => [scan]);
      return;
    case "sleep":
      yield* simplerSteps(item).map((step) => [step]);
      return;
    default:
  }
}

function* simplerTransactions(item: TransactionItem): Generator<readonly ProgramItem[], void> {
  const writes = item.steps.filter((step) => isWrite(step));
  const [only] = writes;
  if (only !== undefined && writes.length === 1) {
    yield [only];
    yield [only, { do: "sync" }];
  }
  if (writes.length > 1) {
    yield [{ do: "batch", writes }];
  }
  for (const steps of shorter(item.steps)) {
    yield [{ ...item, steps }];
  }
  if (item.managed) {
    yield [{ ...item, managed: false }];
  }
  if (item.end === "commit-sync" || item.end === "leave") {
    yield [{ ...item, end: "commit" }];
    yield [{ ...item, end: "rollback" }];
  }
  for (const [index, step] of item.steps.entries()) {
    for (const simpler of simplerSteps(step)) {
      yield [{ ...item, steps: item.steps.with(index, simpler) }];
    }
  }
}

function* simplerGroups(item: BatchItem | BurstItem): Generator<readonly ProgramItem[], void> {
  const [only] = item.writes;
  if (only !== undefined && item.writes.length === 1) {
    yield [only];
  }
  for (const writes of shorter(item.writes)) {
    if (writes.length > 0) {
      yield [{ ...item, writes }];
    }
  }
  if (item.do === "burst") {
    yield item.writes;
  }
}

function isWrite(step: TransactionStep): step is WriteStep {
  return step.do === "put" || step.do === "delete";
}

/** Without halves, quarters, ... single elements. */
function* shorter<T>(list: readonly T[]): Generator<readonly T[], void> {
  for (let size = list.length >> 1; size > 0; size >>= 1) {
    for (let from = 0; from < list.length; from += size) {
      yield list.toSpliced(from, size);
    }
  }
}

function simplerSteps(step: TransactionStep): readonly TransactionStep[] {
  if (step.do === "scan") {
    return simplerScans(step);
  }
  return step.do === "sleep" && step.ms > 1 ? [{ ...step, ms: step.ms >> 1 }] : [];
}

function simplerScans(scan: ScanStep): readonly ScanStep[] {
  const { reverse, gt, gte, lt, lte, limit } = scan;
  const bounds = [gt, gte, lt, lte, limit].filter((bound) => bound !== undefined);
  const simpler: ScanStep[] = [];
  if (bounds.length > 0) {
    simpler.push({ do: "scan", reverse });
  }
  if (reverse) {
    simpler.push({ ...scan, reverse: false });
  }
  return simpler;
}
