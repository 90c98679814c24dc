import { CONTRACT_MUTANTS } from "./catalog/contract.ts";
import { CONTROLS } from "./catalog/controls.ts";
import { DEVICE_MUTANTS } from "./catalog/device.ts";
import { ISOLATION_MUTANTS } from "./catalog/isolation.ts";
import { LOG_READING_MUTANTS } from "./catalog/log-reading.ts";
import { LOG_SYNC_MUTANTS } from "./catalog/log-syncs.ts";
import { LOG_WRITE_MUTANTS } from "./catalog/log-writes.ts";
import { MIRROR_MUTANTS } from "./catalog/mirror.ts";
import { PAGE_MUTANTS } from "./catalog/pages.ts";
import { RECOVERY_MUTANTS } from "./catalog/recovery.ts";
import { SOURCE_DESIGN_MUTANTS } from "./catalog/source-design.ts";
import type { Mutant } from "./mutant.ts";

/** Every planted bug, and the controls. A new one is one entry in one of these lists. */
export const MUTANTS: readonly Mutant[] = [
  ...LOG_WRITE_MUTANTS,
  ...LOG_SYNC_MUTANTS,
  ...LOG_READING_MUTANTS,
  ...RECOVERY_MUTANTS,
  ...PAGE_MUTANTS,
  ...DEVICE_MUTANTS,
  ...MIRROR_MUTANTS,
  ...CONTRACT_MUTANTS,
  ...ISOLATION_MUTANTS,
  ...SOURCE_DESIGN_MUTANTS,
  ...CONTROLS,
];

export function findMutant(name: string): Mutant | undefined {
  return MUTANTS.find((mutant) => mutant.name === name);
}
