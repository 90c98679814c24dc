import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";

/** What a process left behind that came to its end. */
export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process, and what it leaves behind. */
export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ran>;
}

/** Starts a built program in a directory as people do, without colors. */
export function startProgram(program: string, directory: string, args: readonly string[]): Started {
  const child = spawn(process.execPath, [program, ...args], {
    cwd: directory,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NO_COLOR: "1" },
  });
  const output = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (output.stderr += text));
  const ended = once(child, "close").then(() => ({ status: child.exitCode, ...output }));
  return { child, ended };
}

/** Runs it to its end. */
export function runProgram(
  program: string,
  directory: string,
  args: readonly string[],
): Promise<Ran> {
  return startProgram(program, directory, args).ended;
}
