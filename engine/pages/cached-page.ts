import type { Lsn } from "../base/units.ts";
import type { PageNode } from "./node.ts";
import type { PageId } from "./page-format.ts";

/** A page in memory. Stays the same object for as long as the page is resident. */
export interface CachedPage {
  readonly id: PageId;
  node: PageNode;
  /** The log record that changed it last. */
  lsn: Lsn;
  visits: number;
  /** The first log record whose change the disk does not have. Undefined: it has all. */
  recoveryLsn: Lsn | undefined;
  /** While it is being written: what `recoveryLsn` was. */
  writingSince: Lsn | undefined;
}
