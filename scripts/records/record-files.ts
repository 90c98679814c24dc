import fs from "node:fs";
import { InvalidArgumentError } from "commander";
import { parseRecord, ShapeError, type FailureRecord } from "../../sim/index.ts";
import { parseSeed } from "../cli/arguments.ts";
import { UsageError } from "../cli/exit-status.ts";

/** What a person typed for a seed. @throws UsageError */
export function seedOf(text: string): number {
  try {
    return parseSeed(text);
  } catch (error) {
    if (error instanceof InvalidArgumentError) {
      throw new UsageError(
        `"${text}" is neither a seed nor a file or directory that exists.`,
        "Give a seed in digits, at most 2^52, or the path of a record such as reports/out/failures/42.json.",
      );
    }
    throw error;
  }
}

/** @throws UsageError when the file is no failure record. */
export function readRecord(file: string): FailureRecord {
  try {
    return parseRecord(fs.readFileSync(file, "utf8"));
  } catch (error) {
    if (error instanceof ShapeError) {
      throw new UsageError(
        `${file} is not a failure record: ${error.message}.`,
        "Give a file that seawall fuzz has written, of this version of Seawall.",
      );
    }
    throw error;
  }
}
