import { Command, CommanderError } from "commander";
import { createBenchCommand } from "../commands/bench.ts";
import { createDemoCommand } from "../commands/demo.ts";
import { createExportCommand } from "../commands/export.ts";
import { createFsyncsCommand } from "../commands/fsyncs.ts";
import { createExploreCommand } from "../commands/explore.ts";
import { createFuzzCommand } from "../commands/fuzz.ts";
import { createInspectCommand } from "../commands/inspect.ts";
import { createLikelihoodCommand } from "../commands/likelihood.ts";
import { createMutantsCommand } from "../commands/mutants.ts";
import { createPoliciesCommand } from "../commands/policies.ts";
import { createReplayCommand } from "../commands/replay.ts";
import { createScrubCommand } from "../commands/scrub.ts";
import { createShrinkCommand } from "../commands/shrink.ts";
import { createVerifyCommand } from "../commands/verify.ts";
import type { CreateCommand } from "./command.ts";
import { EXIT, UsageError, isSystemError, type ExitStatus } from "./exit-status.ts";
import { packageInfo } from "./package-info.ts";

const COMMANDS: readonly CreateCommand[] = [
  createFuzzCommand,
  createReplayCommand,
  createShrinkCommand,
  createExportCommand,
  createMutantsCommand,
  createFsyncsCommand,
  createLikelihoodCommand,
  createVerifyCommand,
  createScrubCommand,
  createInspectCommand,
  createPoliciesCommand,
  createExploreCommand,
  createDemoCommand,
  createBenchCommand,
];

/** Runs one command line, without the program's name; resolves to the exit status. Never throws. */
export async function runCli(args: readonly string[]): Promise<ExitStatus> {
  let status: ExitStatus = EXIT.held;
  const program = createProgram((ended) => {
    status = ended;
  });
  try {
    await program.parseAsync([...args], { from: "user" });
    return status;
  } catch (error) {
    return explain(error);
  }
}

function createProgram(finish: (status: ExitStatus) => void): Command {
  const program = new Command("seawall")
    .description("Fuzz, replay and show a transactional store on a simulated disk that fails.")
    .version(packageInfo().version)
    .showHelpAfterError("Run with --help to see what is possible.")
    .showSuggestionAfterError()
    .addHelpText("after", EXIT_HELP);
  COMMANDS.forEach((create) => program.addCommand(create(finish)));
  // Commands made apart inherit nothing: without this they would end the process by themselves, with 1.
  [program, ...program.commands].forEach((command) => {
    command.exitOverride().showHelpAfterError("Run with --help to see what is possible.");
  });
  return program;
}

const EXIT_HELP = `
Exit status:
  0  everything held; the store is sound
  1  a property was broken; the store has problems
  2  the run itself could not be trusted: bad arguments, divergence, nothing checked
  130, 143  interrupted by SIGINT, SIGTERM
`;

/** Says on the error stream why a command failed; returns the exit status that follows. */
export function explain(error: unknown): ExitStatus {
  if (error instanceof CommanderError) {
    // Commander has printed the reason; asking for help or for the version is no error.
    return error.exitCode === 0 ? EXIT.held : EXIT.untrusted;
  }
  if (error instanceof UsageError) {
    process.stderr.write(`error: ${error.message}\n${error.advice}\n`);
    return EXIT.untrusted;
  }
  if (isSystemError(error)) {
    process.stderr.write(`error: the system refused: ${error.message}\n`);
    return EXIT.untrusted;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`error: this is a bug in the command line itself\n${text}\n`);
  return EXIT.untrusted;
}
