import fs from "node:fs";
import path from "node:path";

/**
 * Replaces a file as a whole: whoever reads it, also after this process was killed at any point, finds the old
 * text or the new one. Not synced: a report is not worth a wait for the disk. What is there and is no
 * regular file, such as /dev/stdout, is written into: replacing it would take it from everybody else.
 */
export function writeWhole(file: string, text: string): void {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  if (!isReplaceable(file)) {
    fs.writeFileSync(file, text);
    return;
  }
  const temporary = `${file}.${process.pid}.tmp`;
  fs.writeFileSync(temporary, text);
  fs.renameSync(temporary, file);
}

/**
 * Finds out before hours of work whether a file can be written at their end, and removes what is there from
 * before: should this process be killed, nobody shall take the old report for the new one.
 */
export function clearWay(file: string): void {
  writeWhole(file, "");
  if (isReplaceable(file)) {
    fs.rmSync(file);
  }
}

function isReplaceable(file: string): boolean {
  return fs.lstatSync(file, { throwIfNoEntry: false })?.isFile() ?? true;
}
