import type { ClientProgram, ProgramItem, WriteStep } from "../scenario/client-program.ts";
import { ClientCalls } from "./client-calls.ts";
import { batch, clientFailed, oneShot } from "./client-commits.ts";
import { transaction } from "./client-transactions.ts";
import { upkeep } from "./client-upkeep.ts";
import type { LifeContext } from "./life-context.ts";

/**
 * One client: works through its program, over as many lives of the store as that takes. A crash abandons
 * the item it strikes; the next life goes on with the one behind it.
 */
export class Client {
  private readonly index: number;
  private readonly program: ClientProgram;
  private next = 0;

  constructor(index: number, program: ClientProgram) {
    this.index = index;
    this.program = program;
  }

  /** How many items of the program it has begun. */
  get begun(): number {
    return this.next;
  }

  get isFinished(): boolean {
    return this.next >= this.program.items.length;
  }

  /** Works until the program ends or the store takes no more. Never resolves when a crash comes. */
  async live(context: LifeContext): Promise<void> {
    const calls = new ClientCalls(this.index, context);
    try {
      while (!context.spent) {
        const item = this.program.items[this.next];
        if (item === undefined) {
          return;
        }
        this.next += 1;
        await runItem(calls, item);
      }
    } catch (error) {
      clientFailed(calls, error);
    }
  }
}

async function runItem(calls: ClientCalls, item: ProgramItem): Promise<void> {
  await calls.before();
  switch (item.do) {
    case "transaction":
      await transaction(calls, item);
      break;
    case "batch":
      await batch(calls, item);
      break;
    case "burst":
      await burst(calls, item.writes);
      break;
    case "put":
    case "delete":
      await oneShot(calls, item);
      break;
    case "get":
      await calls.get(calls.context.db, item.key, calls.latest());
      break;
    case "scan":
      await calls.scan(calls.context.db, item, calls.latest());
      break;
    case "sleep":
      await calls.sleepUs(item.ms * 1000);
      break;
    default:
      await upkeep(calls, item.do);
  }
}

/** All at once: nobody waits for anybody. */
async function burst(calls: ClientCalls, writes: readonly WriteStep[]): Promise<void> {
  for (let index = 1; index < writes.length; index += 1) {
    calls.context.countOperation();
  }
  await Promise.all(writes.map((step) => oneShot(calls, step)));
}
