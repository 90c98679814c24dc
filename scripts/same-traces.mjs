// Asserts that the same seeds leave the same traces on this Node.js and on the newest one with long-term
// support that the package registry has: `npm run traces [-- seeds [start]]`. Exit status 1 when they differ.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const [seeds = "1000", start = "1"] = process.argv.slice(2);
const seawall = fileURLToPath(new URL("../dist/scripts/seawall.js", import.meta.url));
const directory = mkdtempSync(join(tmpdir(), "seawall-traces-"));

function numbers(version) {
  return version.split(".").map(Number);
}

/** Majors with an even number get long-term support half a year after their first release. */
function newestLongTerm() {
  const all = JSON.parse(execFileSync("npm", ["view", "node", "versions", "--json"]).toString());
  const even = all.filter((version) => /^\d*[02468]\.\d+\.\d+$/.test(version));
  return even.toSorted((a, b) => {
    const [x, y] = [numbers(a), numbers(b)];
    return x[0] - y[0] || x[1] - y[1] || x[2] - y[2];
  })[even.length - 1];
}

function install(version) {
  const options = { cwd: directory, stdio: ["ignore", "ignore", "inherit"] };
  execFileSync("npm", ["install", "--no-save", "--prefix", directory, `node@${version}`], options);
  return join(directory, "node_modules", "node", "bin", "node");
}

function traceHash(node) {
  const out = join(directory, "out");
  const words = [seawall, "fuzz", "--seeds", seeds, "--start", start, "--out", out];
  const text = execFileSync(node, [...words, "--reporter", "json"], { maxBuffer: 2 ** 28 });
  const { traceHash: hash, verdict } = JSON.parse(text.toString());
  const version = execFileSync(node, ["--version"]).toString().trim();
  console.log(`${version.padEnd(10)} trace hash ${hash}, ${verdict}`);
  return hash;
}

try {
  const here = traceHash(process.execPath);
  const there = traceHash(install(newestLongTerm()));
  console.log(here === there ? `the same for ${seeds} seeds from ${start}` : "they DIFFER");
  process.exitCode = here === there ? 0 : 1;
} finally {
  rmSync(directory, { recursive: true, force: true });
}
