import type { Clock } from "./clock.ts";
import type { Entropy } from "./entropy.ts";
import type { FileIO } from "./file-io.ts";

/** Everything the engine may use of the outside world. */
export interface Platform {
  readonly files: FileIO;
  readonly clock: Clock;
  readonly entropy: Entropy;
}
