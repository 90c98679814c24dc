import type { LabPolicy } from "../lab-policy.ts";
import { flush, forTheSystem, LOSES_NOTHING, syncAtOnce } from "./shapes.ts";

/**
 * Policies that claim what they do not keep, each by an accident that stores have had. The lab has to break
 * every one: a lab that does not can prove nothing about the others.
 */
export const CONTROLS: readonly LabPolicy[] = [
  {
    name: "control-acks-before-fsync",
    about: "claims to lose nothing, and acknowledges what is written",
    acknowledgeAt: "written",
    promise: LOSES_NOTHING,
    control: true,
    decide: syncAtOnce,
  },
  {
    name: "control-credits-late-arrivals",
    about: "group commit that credits a running sync with what is written while it runs",
    acknowledgeAt: "written",
    promise: LOSES_NOTHING,
    control: true,
    decide: (state) => ({
      write: state.buffered.commits > 0,
      sync: state.syncableBytes > 0,
      hold: !state.syncInFlight,
    }),
  },
  {
    name: "control-skips-old-segment",
    about: "timer that syncs the log's current segment and forgets the one before",
    acknowledgeAt: "written",
    promise: forTheSystem({ kind: "suffix", milliseconds: 20 }),
    control: true,
    omitsSync: ({ kind, writtenLast }) => kind === "datasync" && !writtenLast,
    decide: flush({ intervalMs: 20, holdMs: 20 }),
  },
  {
    name: "control-stretching-window",
    about: "syncs every 100 ms, claims 150, and goes on acknowledging while a sync is slow",
    acknowledgeAt: "written",
    promise: forTheSystem({ kind: "suffix", milliseconds: 150 }),
    control: true,
    decide: flush({ intervalMs: 100 }),
  },
];
