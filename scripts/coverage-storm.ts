import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { unreachedLines, unreachedText } from "./coverage/unreached-lines.ts";

// Reads what c8 has written about a campaign: which lines of the engine no seed ever reached.
const [, , file = path.join("reports", "out", "coverage", "coverage-final.json")] = process.argv;
const files = unreachedLines(JSON.parse(fs.readFileSync(file, "utf8")), (found) =>
  path.relative(process.cwd(), found).split(path.sep).join("/"),
);
process.stdout.write(unreachedText(files));
