import { defined } from "../../engine/base/assert.ts";
import { type Lsn, lsn } from "../../engine/base/units.ts";
import type { PageLog } from "../../engine/pages/dirty-pages.ts";

/** A log in memory: what a test appends to it, and how far it counts as durable. */
export class RecordedLog<R> implements PageLog {
  readonly records: { readonly lsn: Lsn; readonly record: R }[] = [];
  /** Records below this survive a crash. */
  durableCount = 0;
  /** Times that somebody asked for more to be durable. */
  syncs = 0;

  /** LSN of the record that comes next. */
  get next(): Lsn {
    return lsn((this.records.at(-1)?.lsn ?? 0) + 10);
  }

  write(record: R): Lsn {
    const at = this.next;
    this.records.push({ lsn: at, record });
    return at;
  }

  isDurable(record: Lsn): boolean {
    return (
      this.durableCount > 0 && defined(this.records[this.durableCount - 1], "record").lsn >= record
    );
  }

  async durable(record: Lsn): Promise<void> {
    this.syncs += 1;
    await Promise.resolve();
    while (!this.isDurable(record)) {
      this.durableCount += 1;
    }
  }
}
