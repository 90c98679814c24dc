import { describe, expect, test } from "vitest";

import { applyEdit } from "../mutants/mutant.ts";
import { barrierSites } from "./barrier-sites.ts";

const SOURCE = `export async function make(files: FileIO, file: FileHandle): Promise<void> {
  await file.sync();
  await files.rename("a.new", "a");
  note("made");
  await files.syncDirectory("/");
}

class Store {
  async #write(file: FileHandle): Promise<void> {
    await file.write();
    await file.datasync();
    await this.sync();
  }
}
`;

function sites(): ReturnType<typeof barrierSites> {
  return barrierSites({ file: "engine/x.ts", text: SOURCE });
}

function without(index: number): string {
  const site = sites()[index];
  return (site?.mutant.edits ?? []).reduce((text, edit) => applyEdit(text, edit), SOURCE);
}

describe("write barriers", () => {
  test("are found with their lines and functions, and so are renames between them", () => {
    expect(sites().map(({ line, within, call, change }) => [line, within, call, change])).toEqual([
      [3, "make", 'files.rename("a.new", "a")', "before the sync ahead of it"],
      [3, "make", 'files.rename("a.new", "a")', "behind the sync after it"],
      [2, "make", "file.sync()", "removed"],
      [5, "make", 'files.syncDirectory("/")', "removed"],
      [11, "write", "file.datasync()", "removed"],
    ]);
  });

  test("are left out by what does nothing", () => {
    expect(without(2)).toBe(SOURCE.replace("file.sync()", "Promise.resolve()"));
  });

  test("change places with a rename", () => {
    const lines = without(0)
      .split("\n")
      .slice(1, 5)
      .map((line) => line.trim());
    expect(lines.join(" ")).toMatch(/^await files\.rename\(.*\);\s*await file\.sync\(\);/);
    const after = without(1);
    expect(after.indexOf("syncDirectory")).toBeLessThan(after.indexOf("rename"));
  });
});
