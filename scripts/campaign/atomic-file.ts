import fs from "node:fs";
import path from "node:path";

/**
 * Replaces a file as a whole: whoever reads it, also after this process was killed at any point, finds the old
 * text or the new one. Not synced: a report is not worth a wait for the disk.
 */
export function writeWhole(file: string, text: string): void {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}.tmp`;
  fs.writeFileSync(temporary, text);
  fs.renameSync(temporary, file);
}
