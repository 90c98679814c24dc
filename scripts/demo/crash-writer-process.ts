import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** The built file beside this one's: a plain Node.js process loads JavaScript only. */
const WRITER = fileURLToPath(new URL("crash-writer.js", import.meta.url));

/** Lets the writer work in the directory and kills it with kill -9. Resolves to the signal it died of. */
export async function crashWriter(directory: string): Promise<NodeJS.Signals | null> {
  const child = spawn(process.execPath, [WRITER, directory], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  // Whichever comes first: a writer that fails never says that it is ready.
  await Promise.race([once(child.stdout, "data"), exited]);
  child.kill("SIGKILL");
  await exited;
  return child.signalCode;
}
