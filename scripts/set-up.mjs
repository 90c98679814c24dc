// Makes a fresh clone ready to run the command line: installs what package-lock.json says when node_modules does
// not match it, and builds what is missing or older than its sources. Plain JavaScript without dependencies,
// because it runs before any of them is there.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/**
 * Why node_modules is not what package-lock.json says, undefined when it is.
 * @param {string} root
 * @returns {string | undefined}
 */
export function whyInstall(root) {
  const wanted = packagesIn(path.join(root, "package-lock.json")) ?? {};
  const installed = packagesIn(path.join(root, "node_modules", ".package-lock.json"));
  if (installed === undefined) {
    return "nothing is installed";
  }
  for (const [name, { version, optional, link }] of Object.entries(wanted)) {
    const found = installed[name]?.version;
    // Optional packages are for other systems as often as for this one.
    const mayMiss = name === "" || link === true || (optional === true && found === undefined);
    if (!mayMiss && found !== version) {
      return `${name} should be ${version} and is ${found ?? "missing"}`;
    }
  }
  return undefined;
}

/**
 * Why this Node.js is too old for package.json, undefined when it is not. npm itself only warns.
 * @param {string} root
 * @param {string} version
 * @returns {string | undefined}
 */
export function whyNotThisNode(root, version) {
  const { engines } = JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8"));
  const [major, minor = 0] = numbers(engines.node);
  const [ownMajor, ownMinor] = numbers(version);
  const old = ownMajor < major || (ownMajor === major && ownMinor < minor);
  return old ? `this is Node.js ${version}, and Seawall needs ${engines.node}` : undefined;
}

function numbers(text) {
  return text.match(/\d+/g).map(Number);
}

function packagesIn(file) {
  if (fs.statSync(file, { throwIfNoEntry: false }) === undefined) {
    return undefined;
  }
  return JSON.parse(fs.readFileSync(file, "utf8")).packages;
}

/** What a command prints goes to the error stream: the output of the script behind this one stays clean. */
function run(root, command, args) {
  const stdio = ["ignore", process.stderr, process.stderr];
  const shell = command === "npm" && process.platform === "win32";
  const { status } = spawnSync(command, args, { cwd: root, stdio, shell });
  if (status !== 0) {
    process.stderr.write(
      `set-up: "${path.basename(command)} ${args.join(" ")}" failed; see above\n`,
    );
    process.exit(2);
  }
}

function setUp(root) {
  const old = whyNotThisNode(root, process.versions.node);
  if (old !== undefined) {
    process.stderr.write(`set-up: ${old}\n`);
    process.exit(2);
  }
  const install = whyInstall(root);
  if (install !== undefined) {
    process.stderr.write(`set-up: installing, because ${install}\n`);
    // Under `npm run` the running npm names itself; the one on the path may be another.
    const npm = process.env.npm_execpath;
    // Without scripts: one of them is the build, which comes next anyway.
    const args = ["ci", "--ignore-scripts"];
    run(
      root,
      npm === undefined ? "npm" : process.execPath,
      npm === undefined ? args : [npm, ...args],
    );
  }
  // The compiler knows best whether dist is older than the sources; when it is not, asking takes 0.2 s.
  run(root, process.execPath, [
    path.join("node_modules", "typescript", "bin", "tsc"),
    "-b",
    "scripts",
  ]);
  run(root, process.execPath, [path.join("scripts", "make-executable.mjs")]);
}

const started = process.argv[1];
if (started !== undefined && import.meta.url === pathToFileURL(fs.realpathSync(started)).href) {
  setUp(path.dirname(path.dirname(fileURLToPath(import.meta.url))));
}
