import fs from "node:fs";
import process from "node:process";

/** Where the systems that this runs on have the browser. */
const PLACES = [
  process.env["CHROMIUM"] ?? "",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
];

/** A browser of the system; undefined where there is none. `CHROMIUM` names another. */
export function chromiumPath(): string | undefined {
  return PLACES.find((file) => file !== "" && fs.existsSync(file));
}
