import path from "node:path";
import type { CampaignFailure } from "../../reports/index.ts";
import { isSystemError } from "../cli/exit-status.ts";
import { selectionText } from "../cli/selection-options.ts";
import { writeWhole } from "./atomic-file.ts";
import type { Selection } from "./cell.ts";
import type { FoundFailure, FoundUntrusted } from "./chunk.ts";

/** A bug that breaks every seed must not fill the disk with records of it. */
const RECORDS_MAX = 100;

/** Keeps the records of failing seeds, and says for each seed how to run it again. */
export class FailureFiles {
  readonly #directory: string;
  readonly #selection: Selection;
  #kept = 0;

  constructor(directory: string, selection: Selection) {
    this.#directory = directory;
    this.#selection = selection;
  }

  keep(found: FoundFailure): Pick<CampaignFailure, "record" | "replay"> {
    if (found.recordText === undefined || this.#kept >= RECORDS_MAX) {
      return { replay: this.replayLine(found) };
    }
    this.#kept += 1;
    const record = path.join(this.#directory, `${found.seed}.json`);
    try {
      writeWhole(record, found.recordText);
    } catch (error) {
      // A disk without room for the record must not hide that there is a failure.
      if (isSystemError(error)) {
        return { replay: this.replayLine(found) };
      }
      throw error;
    }
    return { record, replay: `npx seawall replay ${quoted(record)}` };
  }

  /** Replays by the seed alone: right as long as the scenario generator stays the same. */
  replayLine({ seed }: Pick<FoundUntrusted, "seed">): string {
    return `npx seawall replay ${seed}${selectionText(this.#selection)}`;
  }
}

function quoted(file: string): string {
  return /^[\w./@:+-]+$/.test(file) ? file : `'${file.replaceAll("'", `'\\''`)}'`;
}
