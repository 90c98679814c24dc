import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

import { renderLab } from "../../reports/lab/index.ts";
import { chromiumPath } from "./testing/chromium.ts";
import { sampleLabReport } from "./testing/sample-lab-report.ts";

vi.setConfig({ testTimeout: 60_000 });

const browserPath = chromiumPath();
if (browserPath === undefined) {
  process.stderr.write("the page is not tried in a browser: there is no chromium on this system\n");
}

/** Everything that sticks out of the page, and is in nothing that scrolls by itself; runs in the page. */
const OVERHANGING = `[...document.querySelectorAll("main *")]
  .filter((one) => one.closest(".wide") === null)
  .filter((one) => one.getBoundingClientRect().right > innerWidth + 0.5)
  .map((one) => one.tagName + " " + one.textContent.slice(0, 40))`;

describe.skipIf(browserPath === undefined)("the page in a real browser", () => {
  let browser: Browser;
  let directory: string;
  let address: string;

  beforeAll(async () => {
    directory = fs.mkdtempSync(path.join(os.tmpdir(), "seawall-page-"));
    const file = path.join(directory, "policies.html");
    fs.writeFileSync(file, await renderLab("html", await sampleLabReport(), false));
    address = pathToFileURL(file).href;
    browser = await chromium.launch({
      executablePath: browserPath ?? "",
      args: ["--no-sandbox"],
    });
  }, 120_000);

  afterAll(async () => {
    await browser.close();
    fs.rmSync(directory, { recursive: true });
  });

  async function open(width: number, colorScheme: "light" | "dark"): Promise<Page> {
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
    page.on("request", (request) => {
      expect(request.url(), "the page stands alone").toBe(address);
    });
    page.on("console", (message) => {
      expect(message.text(), "nothing is complained about").toBe("");
    });
    await page.goto(address);
    return page;
  }

  test.each([
    [1280, "light"],
    [1280, "dark"],
    [375, "light"],
    [320, "dark"],
  ] as const)("%i pixels wide and %s: nothing sticks out", async (width, colorScheme) => {
    const page = await open(width, colorScheme);
    expect(await page.evaluate(OVERHANGING)).toEqual([]);
    const wide = await page.evaluate("document.documentElement.scrollWidth");
    expect(wide).toBeLessThanOrEqual(width);
    await page.close();
  });

  test("light and dark differ, and text stands out from the page in both", async () => {
    const colors: string[] = [];
    for (const scheme of ["light", "dark"] as const) {
      const page = await open(1280, scheme);
      const style = "getComputedStyle(document.body)";
      const [text, ground] = await Promise.all([
        page.evaluate(`${style}.color`),
        page.evaluate(`${style}.backgroundColor`),
      ]);
      expect(contrast(String(text), String(ground))).toBeGreaterThan(7);
      colors.push(String(ground));
      await page.close();
    }
    expect(colors[0]).not.toBe(colors[1]);
  });

  test("one device is shown at a time, and a click shows another", async () => {
    const page = await open(1280, "light");
    const shown = page.locator(".device:visible");
    expect(await shown.count()).toBe(1);
    expect(await shown.textContent()).toContain("consumer NVMe");
    await page.getByText("hard disk, 7,200 rpm").first().click();
    expect(await shown.count()).toBe(1);
    expect(await shown.textContent()).toContain("hard disk");
    expect(await shown.locator("svg circle").count()).toBeGreaterThan(1);
    await page.close();
  });
});

/** As WCAG defines it, from 1 to 21. */
function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].toSorted((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = (color.match(/\d+/g) ?? []).map((part) => {
    const share = Number(part) / 255;
    return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
