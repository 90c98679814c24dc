import type { ExitStatus } from "../cli/exit-status.ts";
import { EXIT } from "../cli/exit-status.ts";
import { readCounterexample } from "./counterexample-files.ts";
import { Experimenter } from "./experimenter.ts";
import { PolicyLoader } from "./policy-reference.ts";

/**
 * Runs a counterexample again and tells its story. Exit status 1 when it still breaks the same part of the
 * promise, 0 when nothing breaks, 2 when something else does.
 */
export async function replayCounterexample(
  file: string,
  write: (text: string) => void,
): Promise<ExitStatus> {
  const record = readCounterexample(file);
  const policy = await new PolicyLoader().load(record.policy);
  const experimenter = await Experimenter.create();
  const { story } = await experimenter.tell(record.scenario, policy);
  const broken = await experimenter.replay(record.scenario, policy);
  write(`${file}: policy ${policy.name}, ${record.scenario.crash} on ${record.scenario.profile}\n`);
  for (const { atUs, text } of story) {
    write(`${(atUs / 1000).toFixed(3).padStart(10)} ms  ${text}\n`);
  }
  if (broken === undefined) {
    write("fixed: nothing is broken any more\n");
    return EXIT.held;
  }
  const isSame = broken.part === record.part;
  write(`${isSame ? "same" : `diverged, was: ${record.message}; now`}: ${broken.message}\n`);
  return isSame ? EXIT.broken : EXIT.untrusted;
}
