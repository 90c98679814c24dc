import type { Entropy } from "../../engine/platform/entropy.ts";
import type { Choices } from "./choices.ts";

/** Identifiers from a stream of choices. */
export class VirtualEntropy implements Entropy {
  readonly #choices: Choices;

  constructor(choices: Choices) {
    this.#choices = choices;
  }

  uint32(): number {
    return this.#choices.below(0x1_0000) * 0x1_0000 + this.#choices.below(0x1_0000);
  }
}
