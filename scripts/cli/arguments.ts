import { InvalidArgumentError } from "commander";

/** One of several machines that share a campaign: `index` counts from 1. */
export interface Shard {
  readonly index: number;
  readonly of: number;
}

const UNIT_MS: ReadonlyMap<string, number> = new Map([
  ["ms", 1],
  ["s", 1000],
  ["m", 60_000],
  ["h", 3_600_000],
]);

/** "90s", "1.5h", "250ms" in milliseconds. A bare number is refused: seconds or milliseconds is a guess. */
export function parseDuration(text: string): number {
  const parts = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text);
  const unitMs = UNIT_MS.get(parts?.[2] ?? "");
  const durationMs = Math.round(Number(parts?.[1]) * (unitMs ?? Number.NaN));
  if (!Number.isSafeInteger(durationMs) || durationMs <= 0) {
    throw new InvalidArgumentError("Give a number and a unit (ms, s, m or h), such as 60s or 5m.");
  }
  return durationMs;
}

/** "2/8": the second of eight parts. */
export function parseShard(text: string): Shard {
  const parts = /^(\d+)\/(\d+)$/.exec(text);
  const index = Number(parts?.[1]);
  const of = Number(parts?.[2]);
  if (parts === null || index < 1 || of < 1 || index > of || of > SHARDS_MAX) {
    throw new InvalidArgumentError(
      `Give the part and the number of parts, such as 1/4 (parts count from 1, at most ${SHARDS_MAX}).`,
    );
  }
  return { index, of };
}

/** More machines than anyone has; keeps the seeds of every shard in the safe integers. */
const SHARDS_MAX = 1_000_000;

export function parseCount(text: string): number {
  const count = parseWhole(text);
  if (count < 1) {
    throw new InvalidArgumentError("Give a whole number of at least 1.");
  }
  return count;
}

/** Threads: a slip of the hand must not start thousands of them, which no machine survives. */
export function parseWorkers(text: string): number {
  const workers = parseCount(text);
  if (workers > WORKERS_MAX) {
    throw new InvalidArgumentError(`Give at most ${WORKERS_MAX}.`);
  }
  return workers;
}

const WORKERS_MAX = 256;

export function parseSeed(text: string): number {
  const seed = parseWhole(text);
  if (seed > SEED_MAX) {
    throw new InvalidArgumentError(`Give a seed of at most ${SEED_MAX}.`);
  }
  return seed;
}

/** Leaves room above it for every seed of the longest campaign on the last shard. */
const SEED_MAX = 2 ** 52;

function parseWhole(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value)) {
    throw new InvalidArgumentError("Give a whole number, in digits only.");
  }
  return value;
}

/** For options that may be given several times, each "name" or "name=file". */
export interface NamedOutput {
  readonly name: string;
  readonly file?: string;
}

export function parseNamedOutputs(
  known: readonly string[],
): (text: string, previous: readonly NamedOutput[] | undefined) => readonly NamedOutput[] {
  return (text, previous = []) => {
    const split = text.indexOf("=");
    const name = split < 0 ? text : text.slice(0, split);
    const file = split < 0 ? undefined : text.slice(split + 1);
    if (!known.includes(name) || file === "") {
      throw new InvalidArgumentError(
        `Give one of ${known.join(", ")}, alone or with a file, such as ${known.at(-1)}=report.txt.`,
      );
    }
    if (file === undefined && previous.some((output) => output.file === undefined)) {
      throw new InvalidArgumentError(
        "Only one reporter can have the screen: give this one a file.",
      );
    }
    if (file !== undefined && previous.some((output) => output.file === file)) {
      throw new InvalidArgumentError("Another reporter writes this file: give this one its own.");
    }
    return [...previous, file === undefined ? { name } : { name, file }];
  };
}
