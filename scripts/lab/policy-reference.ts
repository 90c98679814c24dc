import { assertPolicy, type LabPolicy, PolicyError, PRESETS } from "../../sim/lab/index.ts";
import { exportedObjects, UserModuleError } from "../cli/user-module.ts";

/** A policy by where it is from: what a thread can be told, for decisions do not cross its border. */
export interface PolicyReference {
  readonly name: string;
  /** The user's file. @defaultValue one that ships with the lab */
  readonly file?: string;
  /** Of a family: the member with these parameters. */
  readonly values?: Readonly<Record<string, number>>;
}

/** Loads policies, each file once. @throws PolicyError */
export class PolicyLoader {
  private readonly files = new Map<string, Promise<readonly LabPolicy[]>>();

  async load(reference: PolicyReference): Promise<LabPolicy> {
    const { name, file, values } = reference;
    const policies = file === undefined ? PRESETS : await this.file(file);
    const found = policies.find((policy) => policy.name === name);
    if (found === undefined) {
      throw new PolicyError(
        `there is no policy "${name}"${file === undefined ? "" : ` in ${file}`}`,
      );
    }
    if (values === undefined) {
      return found;
    }
    if (found.tune === undefined) {
      throw new PolicyError(`policy "${name}" has no parameters to tune`);
    }
    const member = guarded(`policy "${name}": tune.make()`, () => found.tune?.make(values));
    const checked: unknown = member;
    assertPolicy(checked, `policy "${name}": what tune.make() returned`);
    return checked;
  }

  /** Every policy that a file exports. @throws PolicyError */
  file(file: string): Promise<readonly LabPolicy[]> {
    let loaded = this.files.get(file);
    if (loaded === undefined) {
      loaded = loadFile(file);
      this.files.set(file, loaded);
    }
    return loaded;
  }
}

async function loadFile(file: string): Promise<readonly LabPolicy[]> {
  const policies: LabPolicy[] = [];
  for (const [index, value] of (await exportsOf(file)).entries()) {
    assertPolicy(value, `${file}: ${nameOf(value) ?? `export ${index + 1}`}`);
    policies.push(value);
  }
  if (policies.length === 0) {
    throw new PolicyError(`${file} exports no policy: export one by name, or as the default`);
  }
  refuseTwins(file, policies);
  return policies;
}

async function exportsOf(file: string): Promise<readonly object[]> {
  try {
    return await exportedObjects(file);
  } catch (error) {
    if (error instanceof UserModuleError) {
      throw new PolicyError(error.message, { cause: error.cause });
    }
    throw error;
  }
}

function nameOf(value: object): string | undefined {
  return "name" in value && typeof value.name === "string" ? `policy "${value.name}"` : undefined;
}

function refuseTwins(file: string, policies: readonly LabPolicy[]): void {
  const names = new Set<string>();
  for (const { name } of policies) {
    if (names.has(name)) {
      throw new PolicyError(`${file} exports two policies named "${name}"`);
    }
    names.add(name);
  }
}

function guarded<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new PolicyError(`${what} failed: ${reason}`, { cause: error });
  }
}
