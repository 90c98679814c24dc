import {
  asyncPolicy,
  batchPolicy,
  osPolicy,
  syncPolicy,
} from "../../../engine/log/sync-policies.ts";
import type { LabPolicy } from "../lab-policy.ts";

/** Seawall's own policies, with their defaults. */
export const BUILT_IN: readonly LabPolicy[] = [
  { ...syncPolicy(), about: "every commit synced before it is acknowledged; waiting ones share" },
  {
    ...batchPolicy(),
    about: "group commit: 64 commits, 1 MiB or 2 ms",
    tune: {
      parameters: { commits: [4, 16, 64], delayMs: [0.2, 0.5, 1, 2, 5, 10] },
      make: (values) => ({
        ...batchPolicy(values),
        name: `batch ${values["commits"]} or ${values["delayMs"]} ms`,
      }),
    },
  },
  {
    ...asyncPolicy(),
    about: "acknowledged from memory, synced after 100 ms or 4 MiB, holds when syncs are slow",
    tune: {
      parameters: { intervalMs: [1, 2, 5, 10, 20, 50, 100, 200], bytes: [65_536, 4_194_304] },
      make: (values) => ({
        ...asyncPolicy(values),
        name: `async ${values["intervalMs"]} ms, ${Math.round((values["bytes"] ?? 0) / 1024)} KiB`,
      }),
    },
  },
  { ...osPolicy(), about: "acknowledged once handed to the system; synced by db.sync() only" },
];
