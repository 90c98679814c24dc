/** Chance, as the engine sees it: only for identifiers, never for decisions. */
export interface Entropy {
  /** A uniformly random integer from 0 to 2^32 - 1. */
  uint32(): number;
}
