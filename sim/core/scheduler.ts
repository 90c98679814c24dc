import { defined, InvariantError } from "../../engine/base/assert.ts";

import type { Chain, PriorityOrder } from "./priority-order.ts";

/** A step that has not run yet. */
export interface ScheduledTask {
  /** The step will not run. Harmless when it did. */
  cancel(): void;
}

class Task implements ScheduledTask {
  readonly timeUs: number;
  readonly sequence: number;
  readonly #scheduler: Scheduler;
  action: (() => void) | undefined;
  /** Where steps have priorities. */
  chain: Chain | undefined = undefined;
  /** Whether a step that it scheduled goes on in its chain. */
  isContinued = false;

  constructor(timeUs: number, sequence: number, action: () => void, scheduler: Scheduler) {
    this.timeUs = timeUs;
    this.sequence = sequence;
    this.action = action;
    this.#scheduler = scheduler;
  }

  cancel(): void {
    if (this.action !== undefined) {
      this.action = undefined;
      this.#scheduler.forgotten();
    }
  }

  before(other: Task): boolean {
    return this.timeUs === other.timeUs
      ? this.sequence < other.sequence
      : this.timeUs < other.timeUs;
  }
}

/**
 * Decides what happens next: the earliest step in virtual time, and of several at the same time the one
 * scheduled first; or, with an order of its own, by priority among those that come soon. Time is in whole
 * microseconds, jumps over waiting and never goes back.
 */
export class Scheduler {
  /** Virtual time. */
  nowUs = 0;
  /** Steps run so far. */
  steps = 0;
  #sequence = 0;
  #pending = 0;
  readonly #heap: Task[] = [];
  readonly #order: PriorityOrder | undefined;
  /** The step that runs, or ran last. */
  #running: Task | undefined;

  /** `order`: by priority. @defaultValue by time */
  constructor(order?: PriorityOrder) {
    this.#order = order;
  }

  /** Steps that wait to run. */
  get pendingCount(): number {
    return this.#pending;
  }

  /** When the next step runs; undefined when none waits. */
  get nextUs(): number | undefined {
    this.#dropCancelled();
    return this.#heap[0]?.timeUs;
  }

  schedule(delayUs: number, action: () => void): ScheduledTask {
    // The message is built only when it is needed: this runs for every step there is.
    if (!(Number.isSafeInteger(delayUs) && delayUs >= 0)) {
      throw new InvariantError(`a delay is a whole number of microseconds, not ${delayUs}`);
    }
    const task = new Task(this.nowUs + delayUs, this.#sequence, action, this);
    this.#sequence += 1;
    this.#pending += 1;
    if (this.#order !== undefined) {
      task.chain = this.#chainAfter(this.#running) ?? this.#order.newChain();
    }
    this.#push(task);
    return task;
  }

  /** Runs the next step; false when none waits. */
  step(): boolean {
    this.#dropCancelled();
    const first = this.#heap[0];
    if (first === undefined) {
      return false;
    }
    const task = this.#order === undefined ? first : this.#pick(this.#order, first);
    if (task === first) {
      this.#popFirst();
    }
    const action = defined(task.action, "the action of a waiting step");
    task.action = undefined;
    this.#pending -= 1;
    this.nowUs = Math.max(this.nowUs, task.timeUs);
    this.#running = task;
    this.steps += 1;
    action();
    return true;
  }

  /** Forgets every waiting step: what was running is dead. Time and counts go on. */
  clear(): void {
    for (const task of this.#heap) {
      task.action = undefined;
    }
    this.#heap.length = 0;
    this.#pending = 0;
    this.#running = undefined;
  }

  /** Called by a task that was cancelled while it waited. */
  forgotten(): void {
    this.#pending -= 1;
  }

  /** A step that is picked from behind the first one stays in the heap like one that was cancelled. */
  #pick(order: PriorityOrder, first: Task): Task {
    const untilUs = Math.max(this.nowUs, first.timeUs + order.windowUs);
    return order.pick(
      this.#heap.filter(({ action, timeUs }) => action !== undefined && timeUs <= untilUs),
    );
  }

  /** The first step that another one schedules goes on where that one was. */
  #chainAfter(task: Task | undefined): Chain | undefined {
    if (task === undefined || task.isContinued) {
      return undefined;
    }
    task.isContinued = true;
    return task.chain;
  }

  #dropCancelled(): void {
    for (let first = this.#heap[0]; first !== undefined; first = this.#heap[0]) {
      if (first.action !== undefined) {
        return;
      }
      this.#popFirst();
    }
  }

  #push(task: Task): void {
    const heap = this.#heap;
    let index = heap.length;
    heap.push(task);
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = heap[parentIndex];
      if (parent === undefined || !task.before(parent)) {
        break;
      }
      heap[index] = parent;
      index = parentIndex;
    }
    heap[index] = task;
  }

  #popFirst(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) {
      return;
    }
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      let smaller = heap[child];
      const right = heap[child + 1];
      if (smaller === undefined) {
        break;
      }
      if (right?.before(smaller) === true) {
        child += 1;
        smaller = right;
      }
      if (!smaller.before(last)) {
        break;
      }
      heap[index] = smaller;
      index = child;
    }
    heap[index] = last;
  }
}
