import type { Choices } from "../core/choices.ts";
import type { DiskOperationKind } from "./disk-faults.ts";

/** Where an operation that is not in flight is listed. */
export const NOT_IN_FLIGHT = -1;

/** A call that was made and has not taken effect. */
export interface InFlightOperation {
  readonly kind: DiskOperationKind;
  /** Where it is listed; kept by `InFlightOperations`. */
  slot: number;
  /** When it was made, as a count; kept by `InFlightOperations`. */
  order: number;
  /** Whether it changes anything that outlives the program, so that `land` draws. */
  readonly lands: boolean;
  /** The program died: the call takes effect, in part, or not. Returns whether anything happened. */
  land(choices: Choices): boolean;
}

/** The calls in flight. Adding and removing cost the same however many there are. */
export class InFlightOperations {
  readonly #list: InFlightOperation[] = [];
  #made = 0;

  get size(): number {
    return this.#list.length;
  }

  /** How many of them draw whether they take effect when the program dies. */
  get landing(): number {
    return this.#list.reduce((count, { lands }) => count + (lands ? 1 : 0), 0);
  }

  add(operation: InFlightOperation): void {
    operation.slot = this.#list.length;
    operation.order = this.#made;
    this.#made += 1;
    this.#list.push(operation);
  }

  /** Returns false when it was not in flight any more. */
  remove(operation: InFlightOperation): boolean {
    const { slot } = operation;
    if (slot === NOT_IN_FLIGHT) {
      return false;
    }
    const last = this.#list.pop();
    if (last !== undefined && last !== operation) {
      this.#list[slot] = last;
      last.slot = slot;
    }
    operation.slot = NOT_IN_FLIGHT;
    return true;
  }

  /** Ends all of them and returns them in the order in which they were made. */
  takeAll(): InFlightOperation[] {
    const all = this.#list.toSorted((one, other) => one.order - other.order);
    this.#list.length = 0;
    for (const operation of all) {
      operation.slot = NOT_IN_FLIGHT;
    }
    return all;
  }
}
