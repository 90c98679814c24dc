import { FileIOError } from "../../engine/platform/file-io.ts";
import type { Trace } from "../core/trace.ts";
import type { DiskFaults, DiskOperation, Fault } from "./disk-faults.ts";

/** Stands before every call to the disk: asks the fault plan, and fails the calls that are to fail. */
export class FaultGate {
  faults: DiskFaults | undefined;
  readonly #trace: Trace | undefined;

  constructor(faults: DiskFaults | undefined, trace: Trace | undefined) {
    this.faults = faults;
    this.#trace = trace;
  }

  /**
   * What goes wrong with a call that works in part; undefined when nothing does.
   *
   * @throws FileIOError when the call is to fail without any effect.
   */
  pass(operation: DiskOperation): Fault | undefined {
    const fault = this.faults?.beforeOperation(operation);
    if (fault === undefined) {
      return undefined;
    }
    const { kind, path } = operation;
    this.#trace?.event("fault", fault.kind, kind, path);
    if (fault.kind === "error") {
      throw new FileIOError(fault.code, { operation: kind, path });
    }
    return fault;
  }

  /** Does something to which no plan applies. */
  without(work: () => void): void {
    const { faults } = this;
    this.faults = undefined;
    work();
    this.faults = faults;
  }
}
