import type { Draw } from "./draw.ts";
import type { ReadStep, ScanStep, ValueSpec, WriteStep } from "./client-program.ts";
import { FIRST_VALUE_ID } from "./values.ts";

/** Odds and sizes of the values of one scenario. */
interface ValueTemper {
  readonly forms: readonly ValueSpec["form"][];
  readonly smallBytesMax: number;
  readonly largeBytesMax: number;
  /** One value in this many is large; 0: none. */
  readonly largeOneIn: number;
  readonly emptyOneIn: number;
}

/** Makes the steps of one scenario; hands out value ids, so that no two written values are the same. */
export interface StepSource {
  readonly keyCount: number;
  /** Half of all accesses go to this many keys. */
  readonly hotKeys: number;
  readonly deleteOneIn: number;
  readonly values: ValueTemper;
  nextValueId: number;
}

export function createStepSource(draw: Draw, keyCount: number, segmentBytes: number): StepSource {
  const forms: readonly (readonly ValueSpec["form"][])[] = [
    ["text"],
    ["bytes"],
    ["structure"],
    ["text", "bytes", "structure"],
  ];
  return {
    keyCount,
    hotKeys: draw.odds(1, 4) ? keyCount : draw.between(1, Math.min(6, keyCount)),
    deleteOneIn: draw.pick([0, 3, 6, 12]),
    values: {
      forms: draw.pick(forms),
      smallBytesMax: draw.pick([16, 40, 100, 100, 300, 900]),
      largeBytesMax: draw.odds(1, 24) ? 70_000 : Math.min(20_000, segmentBytes * 4),
      largeOneIn: draw.pick([0, 0, 0, 60, 25, 12]),
      emptyOneIn: draw.pick([0, 12]),
    },
    nextValueId: FIRST_VALUE_ID,
  };
}

export function pickKey(draw: Draw, source: StepSource): number {
  return draw.below(draw.odds(1, 2) ? source.hotKeys : source.keyCount);
}

export function generateWrite(draw: Draw, source: StepSource): WriteStep {
  if (source.deleteOneIn > 0 && draw.odds(1, source.deleteOneIn)) {
    return { do: "delete", key: pickKey(draw, source) };
  }
  return { do: "put", key: pickKey(draw, source), value: generateValue(draw, source) };
}

export function generateValue(draw: Draw, source: StepSource): ValueSpec {
  const temper = source.values;
  const id = source.nextValueId;
  source.nextValueId += 1;
  const form = draw.pick(temper.forms);
  if (temper.emptyOneIn > 0 && draw.odds(1, temper.emptyOneIn)) {
    return { id, form, bytes: 0 };
  }
  if (temper.largeOneIn > 0 && draw.odds(1, temper.largeOneIn)) {
    return { id, form, bytes: draw.between(temper.smallBytesMax, temper.largeBytesMax) };
  }
  return { id, form, bytes: draw.between(8, temper.smallBytesMax) };
}

export function generateRead(draw: Draw, source: StepSource, scan: boolean): ReadStep {
  return scan ? generateScan(draw, source) : { do: "get", key: pickKey(draw, source) };
}

/** Bounds may be contradictory: such a scan is empty, and the store has to agree. */
export function generateScan(draw: Draw, source: StepSource): ScanStep {
  const lower = draw.below(4);
  const upper = draw.below(4);
  return {
    do: "scan",
    ...(lower === 1 ? { gte: pickKey(draw, source) } : {}),
    ...(lower === 2 ? { gt: pickKey(draw, source) } : {}),
    ...(upper === 1 ? { lte: pickKey(draw, source) } : {}),
    ...(upper === 2 ? { lt: pickKey(draw, source) } : {}),
    reverse: draw.odds(1, 2),
    ...(draw.odds(1, 3) ? { limit: draw.between(1, 6) } : {}),
  };
}
