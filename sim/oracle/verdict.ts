/**
 * What a store owes.
 *
 * - P1 acknowledged commits survive the crashes their acknowledgement covers
 * - P2 a transaction is there as a whole or not at all
 * - P3 what is there is a prefix of the commit order
 * - P4 nothing is there that was rolled back, refused or never asked for
 * - P5 the store's own invariants hold: no internal assertion fails, no bug surfaces as an exception
 * - P6 damage is detected or repaired: never a wrong value without an error
 * - P7 a completed recovery does not change its mind
 * - P8 the store opens after every history of crashes alone, and then accepts commits
 * - P9 what is lost is within the policy's promise
 * - P10 nothing is acknowledged after a failed sync
 * - P11 everything ends: no hang, no endless work
 * - P12 a repair equals what was there before the damage
 * - isolation: reads and commits are what the transaction's level allows
 * - harness: the simulator itself failed; says nothing about the store
 */
export type PropertyName =
  | "P1"
  | "P2"
  | "P3"
  | "P4"
  | "P5"
  | "P6"
  | "P7"
  | "P8"
  | "P9"
  | "P10"
  | "P11"
  | "P12"
  | "isolation"
  | "harness";

export const PROPERTY_NAMES: readonly PropertyName[] = [
  "P1",
  "P2",
  "P3",
  "P4",
  "P5",
  "P6",
  "P7",
  "P8",
  "P9",
  "P10",
  "P11",
  "P12",
  "isolation",
  "harness",
];

/** A broken property, in words for people. */
export interface Violation {
  readonly property: PropertyName;
  readonly message: string;
  readonly details: readonly string[];
}

export function violation(
  property: PropertyName,
  message: string,
  details: readonly string[] = [],
): Violation {
  return { property, message, details };
}
