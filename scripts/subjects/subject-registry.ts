import { isSubject, type Subject, whyNoSubject } from "../../sim/subjects/index.ts";
import { UsageError } from "../cli/exit-status.ts";
import { exportedObjects, UserModuleError } from "../cli/user-module.ts";
import { HYPERCORE_SUBJECTS } from "./hypercore/hypercore-subject.ts";
import { PGLITE_SUBJECTS } from "./pglite/pglite-subjects.ts";
import { SEAWALL_SUBJECTS } from "./seawall/seawall-subject.ts";
import { SQLITE_SUBJECTS } from "./sqlite/sqlite-subjects.ts";

/** A subject by where it is from: what a thread can be told. */
export interface SubjectReference {
  readonly name: string;
  /** The user's file. @defaultValue one that ships with the simulator */
  readonly file?: string;
}

export interface ChosenSubject {
  readonly subject: Subject;
  readonly reference: SubjectReference;
}

/** What ships with the simulator. None of them loads its package before it is opened. */
export const SUBJECTS: readonly Subject[] = [
  ...SEAWALL_SUBJECTS,
  ...SQLITE_SUBJECTS,
  ...PGLITE_SUBJECTS,
  ...HYPERCORE_SUBJECTS,
];

/**
 * The subjects that somebody asked for: `all`, a name, the part of it before the colon for all that begin
 * with it, or a file that exports some.
 *
 * @throws UsageError for a name that nobody has, and for a file that exports none.
 */
export async function chooseSubjects(asked: readonly string[]): Promise<ChosenSubject[]> {
  const chosen: ChosenSubject[] = [];
  for (const what of asked) {
    chosen.push(...(isFile(what) ? await fromFile(what) : shipped(what)));
  }
  const names = chosen.map(({ subject }) => subject.name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new UsageError(`The subject "${twice}" was given twice.`, "Give each one once.");
  }
  return chosen;
}

/** @throws UsageError */
export async function loadSubject({ name, file }: SubjectReference): Promise<Subject> {
  const known = file === undefined ? shipped(name) : await fromFile(file);
  const found = known.find(({ subject }) => subject.name === name);
  if (found === undefined) {
    throw new UsageError(`There is no subject "${name}" in ${file}.`, "Was the file changed?");
  }
  return found.subject;
}

function shipped(what: string): ChosenSubject[] {
  const found = SUBJECTS.filter(
    ({ name }) => what === "all" || name === what || name.startsWith(`${what}:`),
  );
  if (found.length === 0) {
    throw new UsageError(
      `There is no subject "${what}".`,
      `Known are ${SUBJECTS.map(({ name }) => name).join(", ")}; or give a file, such as ./my-store.ts.`,
    );
  }
  return found.map((subject) => ({ subject, reference: { name: subject.name } }));
}

function isFile(what: string): boolean {
  return /[/\\]|\.[cm]?[jt]s$/.test(what);
}

async function exportsOf(file: string): Promise<readonly object[]> {
  try {
    return await exportedObjects(file);
  } catch (error) {
    if (error instanceof UserModuleError) {
      throw new UsageError(error.message, "Give a TypeScript or JavaScript file that runs.");
    }
    throw error;
  }
}

async function fromFile(file: string): Promise<ChosenSubject[]> {
  const exported = await exportsOf(file);
  const subjects = exported.filter((value) => isSubject(value));
  const other = exported.find((value) => !isSubject(value));
  if (subjects.length === 0) {
    throw new UsageError(
      other === undefined
        ? `${file} exports no subject.`
        : `What ${file} exports is no subject: ${whyNoSubject(other)}.`,
      "Export one by name, or as the default; sim/subjects/README.md shows how.",
    );
  }
  return subjects.map((subject) => ({ subject, reference: { name: subject.name, file } }));
}
