import { isDeepStrictEqual, inspect } from "node:util";
import pico from "picocolors";
import { screenHasColors } from "../cli/colors.ts";

type Colors = ReturnType<typeof pico.createColors>;

/** Tells a story and checks every sentence of it that claims something. */
export class Stage {
  readonly #write: (text: string) => void;
  readonly #colors: Colors;
  #checks = 0;
  #wrong = 0;

  constructor(write: (text: string) => void, colors: boolean = screenHasColors()) {
    this.#write = write;
    this.#colors = pico.createColors(colors);
  }

  get checks(): number {
    return this.#checks;
  }

  get wrong(): number {
    return this.#wrong;
  }

  scene(title: string): void {
    this.#write(`\n${this.#colors.bold(title)}\n`);
  }

  say(text: string): void {
    this.#write(`     ${text}\n`);
  }

  /** States a claim, with what was really found. */
  check(claim: string, found: unknown, expected: unknown): void {
    this.#checks += 1;
    if (isDeepStrictEqual(found, expected)) {
      this.#write(`  ${this.#colors.green("ok")} ${claim}: ${inspect(found)}\n`);
      return;
    }
    this.#wrong += 1;
    const but = `expected ${inspect(expected)}, found ${inspect(found)}`;
    this.#write(`  ${this.#colors.red("WRONG")} ${claim}: ${but}\n`);
  }
}
