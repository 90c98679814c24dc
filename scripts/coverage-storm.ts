import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import type { FileCoverage } from "./coverage/gaps.ts";
import { unreachedText } from "./coverage/unreached-text.ts";

// Reads what c8 has written about a campaign: which code of the engine no seed ever reached, and why.
const [, , file = path.join("reports", "out", "coverage", "coverage-final.json")] = process.argv;
const found: Readonly<Record<string, FileCoverage>> = JSON.parse(fs.readFileSync(file, "utf8"));
const files = Object.values(found)
  .map((coverage) => ({
    file: path.relative(process.cwd(), coverage.path).split(path.sep).join("/"),
    source: fs.readFileSync(coverage.path, "utf8"),
    coverage,
  }))
  .toSorted((one, other) => (one.file < other.file ? -1 : 1));
process.stdout.write(unreachedText(files));
