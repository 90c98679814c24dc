import * as fc from "fast-check";

import type { Choices } from "../core/choices.ts";
import { drawScenario, type GenerateOptions } from "./generate.ts";
import type { Scenario } from "./scenario.ts";
import { shrinkScenario } from "./shrink-scenario.ts";

/**
 * Scenarios for property tests: the generator of `fuzz` over fast-check's random source, so that both
 * try the same things and what fails there shrinks here.
 */
export class ScenarioArbitrary extends fc.Arbitrary<Scenario> {
  readonly #options: GenerateOptions;

  constructor(options: GenerateOptions = {}) {
    super();
    this.#options = options;
  }

  override generate(random: fc.Random): fc.Value<Scenario> {
    const choices: Choices = {
      below: (bound) => (bound === 1 ? 0 : random.nextInt(0, bound - 1)),
    };
    const seed = `property-${random.nextInt(0, 0x7fff_ffff).toString(36)}`;
    return new fc.Value(drawScenario(seed, choices, this.#options), undefined);
  }

  override canShrinkWithoutContext(value: unknown): value is Scenario {
    return (
      typeof value === "object" &&
      value !== null &&
      "schema" in value &&
      value.schema === "seawall-scenario"
    );
  }

  override shrink(value: Scenario): fc.Stream<fc.Value<Scenario>> {
    return fc.stream(shrinkScenario(value)).map((simpler) => new fc.Value(simpler, undefined));
  }
}
