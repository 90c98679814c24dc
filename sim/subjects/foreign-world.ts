import type { Choices } from "../core/choices.ts";
import { WALL_START_MS } from "../core/virtual-clock.ts";
import type { DiskProfile } from "../disk/profiles.ts";
import type { SubjectWorld, SynchronousDisk } from "./subject.ts";

/** Time and entropy for code that the scheduler does not run: one for all incarnations of a seed. */
export class ForeignWorld {
  readonly #profile: DiskProfile;
  readonly #entropy: Choices;
  #nowMs = WALL_START_MS;

  constructor(profile: DiskProfile, entropy: Choices) {
    this.#profile = profile;
    this.#entropy = entropy;
  }

  /** The world of one incarnation. */
  with(disk: SynchronousDisk): SubjectWorld {
    return {
      disk,
      profile: this.#profile,
      nowMs: () => {
        this.#nowMs += 1;
        return this.#nowMs;
      },
      random: (target) => {
        for (let index = 0; index < target.length; index += 1) {
          target[index] = this.#entropy.below(256);
        }
      },
    };
  }
}
