import type { Database } from "../../engine/database.ts";
import type { Key } from "../../engine/data/key-codec.ts";
import type { Transaction } from "../../engine/transactions/transaction.ts";
import type { Choices } from "../core/choices.ts";
import type { Attempt, Vantage } from "../oracle/history.ts";
import { violation } from "../oracle/verdict.ts";
import type { ScanStep, ValueSpec, WriteStep } from "../scenario/client-program.ts";
import { ABSENT, FOREIGN } from "../scenario/values.ts";
import type { LifeContext } from "./life-context.ts";
import { type FailedCall, judgeRejection, type Rejection } from "./rejections.ts";

/** Where a read goes: to the store itself, or through a transaction. */
export type Reader = Pick<Transaction, "get" | "scan"> & Partial<Pick<Database, "getSync">>;

/** The calls of one client on the store of one life: makes them, writes down what was asked and answered. */
export class ClientCalls {
  readonly client: number;
  readonly context: LifeContext;
  /** Draws how long the client thinks between two calls. */
  private readonly pace: Choices;

  constructor(client: number, context: LifeContext) {
    this.client = client;
    this.context = context;
    this.pace = context.world.streams.section("pace", client);
  }

  /** Counts a call, and lets some time pass before it, or none. */
  async before(): Promise<void> {
    const pause = this.pace.below(4);
    if (pause > 0) {
      await this.sleepUs(pause === 1 ? 0 : this.pace.below(400));
    }
    this.context.countOperation();
  }

  sleepUs(us: number): Promise<void> {
    const { scheduler } = this.context.world;
    return new Promise((resolve) => {
      scheduler.schedule(us, resolve);
    });
  }

  /** Notes how things stand before a call, for the case that it is rejected. */
  callOf(verb: string, attempt?: Attempt, rank?: number): FailedCall {
    const { injector } = this.context.world;
    return { client: this.client, verb, rank, attempt, fullMark: injector.fullness.mark };
  }

  /** Judges a rejection, and gives the attempt the state that follows from it. */
  rejected(error: unknown, call: FailedCall): Rejection {
    const rejection = judgeRejection(this.context, error, call);
    const { probes, trace } = this.context.world;
    trace.event("rejected", this.client, rejection);
    if (call.attempt !== undefined) {
      call.attempt.state = rejection === "unknown" ? "unknown" : "refused";
    }
    probes.when(rejection === "conflict", "conflict");
    return rejection;
  }

  /** The value to write, under its content id; its writer is known from then on. */
  registerWrite(attempt: Attempt, step: WriteStep): { rank: number; content: number } {
    const { world } = this.context;
    const rank = world.keys.rankOf(step.key);
    const content = step.do === "put" ? this.register(step.value) : ABSENT;
    attempt.writes.set(rank, content);
    world.authors.wrote(attempt, content);
    world.trace.event(step.do, this.client, rank, content);
    return { rank, content };
  }

  private register(value: ValueSpec): number {
    const { values, probes, scenario } = this.context.world;
    probes.when(value.bytes > scenario.engine.segmentBytes, "segment-oversized");
    probes.when(value.bytes > scenario.engine.batchBytesMax, "batches-spanned");
    return values.register(value);
  }

  /** Where a one-shot read looks from: anything acknowledged before it was called must be there. */
  latest(): Vantage {
    return { kind: "latest", low: this.context.life.acked };
  }

  async get(
    reader: Reader,
    key: number,
    vantage: Vantage,
    attempt?: Attempt,
  ): Promise<Rejection | "answered"> {
    const { world, life } = this.context;
    const rank = world.keys.rankOf(key);
    const call = this.callOf("get", undefined, rank);
    let value: unknown;
    try {
      value = await this.answerOf(reader, world.keys.key(rank));
    } catch (error) {
      return this.rejected(error, call);
    }
    const content = world.values.identify(value);
    scribble(value);
    world.trace.event("got", this.client, rank, content);
    const own = attempt?.writes.get(rank);
    if (own !== undefined) {
      this.judgeOwnRead(rank, own, content);
      return "answered";
    }
    const { client } = this;
    const endStep = world.scheduler.steps;
    const read = { kind: "get", client, vantage, endStep, rank, content } as const;
    life.reads.push(read);
    attempt?.reads.push(read);
    world.probes.when(
      vantage.kind === "snapshot" && vantage.low < life.acked,
      "read-older-snapshot",
    );
    return "answered";
  }

  /** Every second time what the store has in memory, at once, if it has it. */
  private async answerOf(reader: Reader, key: Key): Promise<unknown> {
    const { world, operations } = this.context;
    if (operations % 2 === 0 && reader.getSync !== undefined) {
      const found = reader.getSync(key);
      // The store says with a symbol that it would have to read.
      if (typeof found !== "symbol") {
        world.probes.hit("read-at-once");
        return found;
      }
    }
    return await reader.get(key);
  }

  private judgeOwnRead(rank: number, expected: number, found: number): void {
    const { world } = this.context;
    world.probes.hit("read-own-write");
    if (expected !== found) {
      const details = [
        `client ${this.client} wrote ${world.values.describe(expected)}`,
        `and read ${world.values.describe(found)}`,
      ];
      const key = world.keys.describe(rank);
      world.broken(
        violation("isolation", `a transaction did not see its own write of ${key}`, details),
      );
    }
  }

  async scan(
    reader: Reader,
    step: ScanStep,
    vantage: Vantage,
    attempt?: Attempt,
  ): Promise<Rejection | "answered"> {
    const { world, life } = this.context;
    const call = this.callOf("scan");
    const own = attempt === undefined ? undefined : new Map(attempt.writes);
    const ranks: number[] = [];
    const contents: number[] = [];
    try {
      for await (const { key, value } of reader.scan(this.scanOptions(step))) {
        ranks.push(world.keys.rankOfKey(key) ?? FOREIGN);
        contents.push(world.values.identify(value));
        if (ranks.length > world.keys.size) {
          break;
        }
      }
    } catch (error) {
      return this.rejected(error, call);
    }
    world.trace.event("scanned", this.client, ...ranks, ...contents);
    world.probes.when(ranks.length > 0, "scan-with-entries");
    const read = {
      kind: "scan",
      client: this.client,
      vantage,
      endStep: world.scheduler.steps,
      range: world.keys.range(step),
      reverse: step.reverse,
      limit: step.limit ?? Number.POSITIVE_INFINITY,
      own,
      ranks,
      contents,
    } as const;
    life.reads.push(read);
    attempt?.reads.push(read);
    return "answered";
  }

  private scanOptions(step: ScanStep): Parameters<Reader["scan"]>[0] {
    const { keys } = this.context.world;
    const { gt, gte, lt, lte, limit, reverse } = step;
    const key = (index: number): string | Uint8Array => keys.key(keys.rankOf(index));
    return {
      ...(gt === undefined ? {} : { gt: key(gt) }),
      ...(gte === undefined ? {} : { gte: key(gte) }),
      ...(lt === undefined ? {} : { lt: key(lt) }),
      ...(lte === undefined ? {} : { lte: key(lte) }),
      ...(limit === undefined ? {} : { limit }),
      reverse,
    };
  }
}

/**
 * What was handed to the store or came from it is the caller's own: changing it must change nothing. True when
 * there was something to change.
 */
export function scribble(value: unknown): boolean {
  if (value instanceof Uint8Array) {
    value.fill(0xee);
    return true;
  }
  return typeof value === "object" && value !== null && "blob" in value && scribble(value.blob);
}
