import type { CallPoint } from "../scenario/crash-cycle.ts";
import type { FileGroup } from "../scenario/file-group.ts";

/** Who counts the calls that the store makes. */
export interface CallCounter {
  /** Calls of that kind that were made, whether or not they took effect, since the life or the open began. */
  callsMade(call: CallPoint["call"], on: FileGroup): number;
}

/** Waits for a call of the store, counted from when the mark was set; without one it is there at once. */
export class CallMark {
  readonly #counter: CallCounter;
  readonly #point: CallPoint | undefined;
  readonly #from: number;

  constructor(counter: CallCounter, point: CallPoint | undefined) {
    this.#counter = counter;
    this.#point = point;
    this.#from = this.#made;
  }

  get isMade(): boolean {
    return this.#point === undefined || this.#made > this.#from + this.#point.nth;
  }

  get #made(): number {
    return this.#point === undefined
      ? 0
      : this.#counter.callsMade(this.#point.call, this.#point.on);
  }
}
