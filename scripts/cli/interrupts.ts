import type { ExitStatus } from "./exit-status.ts";

/** The shell's convention: 128 and the number of the signal. */
const STATUS: Readonly<Record<"SIGINT" | "SIGTERM", ExitStatus>> = { SIGINT: 130, SIGTERM: 143 };

/**
 * One Ctrl-C may come twice: the terminal signals every process of its group, and `npm run` passes on what it
 * got. Nobody presses a key again so soon.
 */
const SAME_MS = 500;

/** While it is open, the first interrupt asks for an orderly end and the second ends the process. */
export class Interrupts {
  readonly #onFirst: () => void;
  readonly #listener: (signal: NodeJS.Signals) => void;
  #status: ExitStatus | undefined;
  #firstMs = 0;

  constructor(onFirst: () => void) {
    this.#onFirst = onFirst;
    this.#listener = (signal) => this.#take(signal);
    process.on("SIGINT", this.#listener);
    process.on("SIGTERM", this.#listener);
  }

  /** The exit status that an interrupt demands, undefined when none came. */
  get status(): ExitStatus | undefined {
    return this.#status;
  }

  /** After an interrupt it stays open: the same one may still come again, while the last report is printed. */
  close(): void {
    if (this.#status !== undefined) {
      return;
    }
    process.off("SIGINT", this.#listener);
    process.off("SIGTERM", this.#listener);
  }

  #take(signal: NodeJS.Signals): void {
    const status = signal === "SIGTERM" ? STATUS.SIGTERM : STATUS.SIGINT;
    if (this.#status !== undefined) {
      if (performance.now() - this.#firstMs > SAME_MS) {
        process.exit(status);
      }
      return;
    }
    this.#status = status;
    this.#firstMs = performance.now();
    this.#onFirst();
  }
}
