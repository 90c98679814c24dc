#!/usr/bin/env node
import process from "node:process";
import { EXIT } from "./cli/exit-status.ts";
import { explain, runCli } from "./cli/program.ts";

// Whoever reads may stop reading, as `head` does; then nobody is left to tell anything.
process.stdout.on("error", () => process.exit(EXIT.untrusted));

// Node.js would end with 1, which says that a property was broken.
process.on("uncaughtException", (error) => process.exit(explain(error)));

// The exit code, not process.exit: what was written to a pipe must still get through.
process.exitCode = await runCli(process.argv.slice(2));
