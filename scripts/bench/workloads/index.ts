import type { WorkloadName } from "../catalog.ts";
import { readsAndUpdates } from "./mixed.ts";
import { cleanOpens, crashedOpen } from "./opens.ts";
import { asyncGets, fullScan, shortScans, syncGets } from "./reads.ts";
import type { Workload } from "./workload.ts";
import { batches, bulkLoad, concurrentPuts, singlePuts } from "./writes.ts";

export const RUN_WORKLOAD: Readonly<Record<WorkloadName, Workload>> = {
  W1: singlePuts(true),
  W2: concurrentPuts,
  W3a: singlePuts(false),
  W3b: batches,
  R1: asyncGets,
  R1s: syncGets,
  R2: fullScan,
  R3: shortScans,
  M1a: readsAndUpdates(0.5),
  M1b: readsAndUpdates(0.95),
  O1: cleanOpens,
  O2: crashedOpen,
  L1: bulkLoad,
};
