import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import process from "node:process";

/** Where all stores of one benchmark live: one directory of the real disk, gone when the process ends. */
export class StageDirectory {
  readonly #root: string;
  #next = 0;
  readonly #onExit = (): void => this.#removeRoot();

  constructor() {
    this.#root = fs.mkdtempSync(path.join(os.tmpdir(), "seawall-bench-"));
    // A second interrupt ends the process at once, past every `finally`.
    process.on("exit", this.#onExit);
  }

  /** A directory that does not exist yet. */
  fresh(): string {
    this.#next += 1;
    return path.join(this.#root, String(this.#next));
  }

  copyOf(directory: string): string {
    const copy = this.fresh();
    // A peer that is not installed has made nothing, and says so when it is asked.
    if (fs.existsSync(directory)) {
      fs.cpSync(directory, copy, { recursive: true });
    }
    return copy;
  }

  remove(directory: string): void {
    fs.rmSync(directory, { recursive: true, force: true });
  }

  close(): void {
    process.off("exit", this.#onExit);
    this.#removeRoot();
  }

  #removeRoot(): void {
    fs.rmSync(this.#root, { recursive: true, force: true, maxRetries: 3 });
  }
}
