import type { Command } from "commander";
import type { ExitStatus } from "./exit-status.ts";

/** Makes a command; what its action ends with goes to `finish`. */
export type CreateCommand = (finish: (status: ExitStatus) => void) => Command;
