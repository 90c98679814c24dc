import {
  REPORTER_NAMES,
  createReporter,
  type CampaignFailure,
  type CampaignReport,
  type Reporter,
  type UntrustedRun,
} from "../../reports/index.ts";
import type { NamedOutput } from "../cli/arguments.ts";
import { screenHasColors } from "../cli/colors.ts";
import { clearWay, writeWhole } from "./atomic-file.ts";

/** All reporters of a campaign; those with a file write it once, at the end. */
export class Reporters implements Required<Reporter> {
  readonly #reporters: readonly Reporter[];
  readonly #files: readonly BufferedFile[];

  /**
   * `writeScreen` is where a reporter without a file writes. Throws the system's error when a file cannot be
   * written.
   */
  constructor(outputs: readonly NamedOutput[], writeScreen: (text: string) => void) {
    const files: BufferedFile[] = [];
    this.#reporters = outputs.flatMap(({ name, file }) => {
      const known = REPORTER_NAMES.find((candidate) => candidate === name);
      if (known === undefined) {
        return [];
      }
      if (file === undefined) {
        return createReporter(known, { colors: screenHasColors(), write: writeScreen });
      }
      const buffered = new BufferedFile(file);
      files.push(buffered);
      return createReporter(known, { colors: false, write: (text) => buffered.write(text) });
    });
    this.#files = files;
  }

  onFailure(failure: CampaignFailure): void {
    this.#reporters.forEach((reporter) => reporter.onFailure?.(failure));
  }

  onUntrusted(run: UntrustedRun): void {
    this.#reporters.forEach((reporter) => reporter.onUntrusted?.(run));
  }

  onEnd(report: CampaignReport): void {
    this.#reporters.forEach((reporter) => reporter.onEnd(report));
    this.#files.forEach((file) => file.flush());
  }
}

class BufferedFile {
  readonly #file: string;
  readonly #parts: string[] = [];

  constructor(file: string) {
    this.#file = file;
    clearWay(file);
  }

  write(text: string): void {
    this.#parts.push(text);
  }

  flush(): void {
    writeWhole(this.#file, this.#parts.join(""));
  }
}
