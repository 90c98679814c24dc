// Lets the shell run the built command line. npm does so only once, when it first links the package, and what the
// compiler writes afterwards into an empty dist is not executable: `npx seawall` would be denied.
import fs from "node:fs";

fs.chmodSync(new URL("../dist/scripts/seawall.js", import.meta.url), 0o755);
