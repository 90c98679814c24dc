import { type LabPolicy, PolicyError, PRESETS } from "../../sim/lab/index.ts";
import { UsageError } from "../cli/exit-status.ts";
import type { Candidate } from "./lab-campaign.ts";
import { PolicyLoader } from "./policy-reference.ts";

export interface Choice {
  /** Files of policies. @defaultValue none: everything that ships with the lab */
  readonly files: readonly string[];
  /** Only these names, of the files and of what ships with the lab. */
  readonly names?: readonly string[] | undefined;
}

/**
 * Which policies are to be put to the test, in the order of the files, or of the presets.
 *
 * @throws PolicyError for a file that has none; UsageError for a name that nobody has.
 */
export async function chooseCandidates({ files, names }: Choice): Promise<Candidate[]> {
  const own = await loadFiles(files);
  const shipped = PRESETS.map((policy) => ({ policy, reference: { name: policy.name } }));
  if (names === undefined) {
    return own.length > 0 ? own : shipped;
  }
  return names.map((name) => {
    const found = [...own, ...shipped].find(({ policy }) => policy.name === name);
    if (found === undefined) {
      throw new UsageError(
        `There is no policy "${name}".`,
        `Known are ${[...own, ...shipped].map(({ policy }) => policy.name).join(", ")}.`,
      );
    }
    return found;
  });
}

async function loadFiles(files: readonly string[]): Promise<Candidate[]> {
  const loader = new PolicyLoader();
  const found: Candidate[] = [];
  for (const file of files) {
    for (const policy of await loader.file(file)) {
      refuseTaken(policy, file, found);
      found.push({ policy, reference: { name: policy.name, file } });
    }
  }
  return found;
}

function refuseTaken({ name }: LabPolicy, file: string, found: readonly Candidate[]): void {
  if (found.some(({ policy }) => policy.name === name)) {
    throw new PolicyError(`${file}: another file has a policy named "${name}" too`);
  }
}
