import process from "node:process";
import pico from "picocolors";

/**
 * Whether what goes to standard output should have colors: on a terminal, or where someone insists. Not merely
 * because it is CI, as picocolors would have it: there the output is a log.
 */
export function screenHasColors(): boolean {
  const forced = process.env["FORCE_COLOR"] !== undefined;
  return pico.isColorSupported && (process.stdout.isTTY || forced);
}
