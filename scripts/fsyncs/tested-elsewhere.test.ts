import fs from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { barrierSites } from "./barrier-sites.ts";
import { engineSources } from "./engine-sources.ts";
import { TESTED_ELSEWHERE, testOf } from "./tested-elsewhere.ts";

const ROOT = path.join(import.meta.dirname, "..", "..");

test("every barrier that a test is known to need is in the source, and so is the test", async () => {
  const sites = (await engineSources()).flatMap((source) => barrierSites(source));
  for (const known of TESTED_ELSEWHERE) {
    const { test: file, ...about } = known;
    const found = sites.filter(
      (site) => testOf(site) === file && site.file === known.file && site.call === known.call,
    );
    const isThere = { site: found.length > 0, test: fs.existsSync(path.join(ROOT, file)) };
    expect({ about, isThere }).toEqual({ about, isThere: { site: true, test: true } });
  }
});
