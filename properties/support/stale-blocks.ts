import { type Choices, PrngChoices } from "../../sim/core/choices.ts";

/** As a seed draws, but a new block that was lost shows what was in it before whenever it may. */
export function staleBlocks(seed: string): Choices {
  const random = new PrngChoices(seed);
  return { below: (bound: number) => (bound === 3 ? 1 : random.below(bound)) };
}
