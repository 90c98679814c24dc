/** What is known about the first position of the log that holds no batch. */
export interface TailEvidence {
  /** It lies below what a later stamp says was durable. */
  readonly belowDurable: boolean;
  /** Something was written there or behind it: part of a batch, or batches that came through alone. */
  readonly somethingThere: boolean;
}

/** What recovery does about it. */
export type TailDecision = "stop" | "trim" | "refuse";

/**
 * A power cut may damage any byte written after the last completed sync, and keep what was written
 * later, so damage there is what a crash leaves: it is trimmed, with everything behind it. A stamp that
 * says the log was durable beyond the damage rules the crash out: then it is rot, and trimming would
 * drop acknowledged commits. In the last batch with one sync the two cannot be told apart (there is no
 * later stamp); it is trimmed, since an engine that refused would refuse after most power cuts.
 */
export function decideTail({ belowDurable, somethingThere }: TailEvidence): TailDecision {
  if (belowDurable) {
    return "refuse";
  }
  return somethingThere ? "trim" : "stop";
}
