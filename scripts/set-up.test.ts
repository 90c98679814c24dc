import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { whyInstall, whyNotThisNode } from "./set-up.mjs";

let root: string;

beforeEach(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), "seawall-set-up-"));
});

afterEach(() => {
  fs.rmSync(root, { recursive: true });
});

function write(name: string, text: string): void {
  const file = path.join(root, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, text);
}

function lock(packages: Record<string, { version: string; optional?: boolean }>): string {
  return JSON.stringify({ lockfileVersion: 3, packages });
}

test("a clone without node_modules needs an install", () => {
  write("package-lock.json", lock({ "": { version: "1.0.0" } }));
  expect(whyInstall(root)).toBe("nothing is installed");
});

test("installed packages must have the locked versions; optional ones may be missing", () => {
  const wanted = {
    "": { version: "1.0.0" },
    "node_modules/a": { version: "2.0.0" },
    "node_modules/b": { version: "3.0.0", optional: true },
  };
  write("package-lock.json", lock(wanted));
  const installed = "node_modules/.package-lock.json";
  write(installed, lock({ "node_modules/a": { version: "2.0.0" } }));
  expect(whyInstall(root)).toBeUndefined();
  write(installed, lock({ "node_modules/a": { version: "2.0.1" } }));
  expect(whyInstall(root)).toBe("node_modules/a should be 2.0.0 and is 2.0.1");
  write(installed, lock({ "node_modules/b": { version: "3.0.0" } }));
  expect(whyInstall(root)).toBe("node_modules/a should be 2.0.0 and is missing");
});

test("an older Node.js than package.json asks for is named", () => {
  write("package.json", JSON.stringify({ engines: { node: ">=20.19" } }));
  expect(whyNotThisNode(root, "20.19.0")).toBeUndefined();
  expect(whyNotThisNode(root, "22.1.0")).toBeUndefined();
  expect(whyNotThisNode(root, "20.18.3")).toBe(
    "this is Node.js 20.18.3, and Seawall needs >=20.19",
  );
  expect(whyNotThisNode(root, "18.20.0")).toBeDefined();
});
