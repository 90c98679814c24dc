import { runSubject, type Subject, type SubjectRun } from "../../sim/subjects/index.ts";
import { loadSubject, type SubjectReference } from "./subject-registry.ts";

/** One seed of one subject. */
export interface SubjectTask {
  readonly reference: SubjectReference;
  readonly seed: string;
  /** Runs it twice: both have to leave the same trace. */
  readonly twice: boolean;
}

/** What a thread answers. Plain data. */
export type SubjectAnswer =
  | {
      readonly kind: "ran";
      readonly run: SubjectRun;
      readonly elapsedMs: number;
      readonly repeats: boolean;
    }
  /** It failed before any crash. */
  | { readonly kind: "failed"; readonly message: string };

const loaded = new Map<string, Promise<Subject>>();

/** What a pool's thread runs. */
export async function runSubjectTask(task: SubjectTask): Promise<SubjectAnswer> {
  try {
    const subject = await load(task.reference);
    const beganMs = performance.now();
    const run = await runSubject(subject, task.seed);
    const elapsedMs = performance.now() - beganMs;
    const repeats =
      !task.twice || (await runSubject(subject, task.seed)).traceHash === run.traceHash;
    return { kind: "ran", run, elapsedMs, repeats };
  } catch (error) {
    return { kind: "failed", message: error instanceof Error ? error.message : String(error) };
  }
}

function load(reference: SubjectReference): Promise<Subject> {
  const key = `${reference.file ?? ""} ${reference.name}`;
  const found = loaded.get(key) ?? loadSubject(reference);
  loaded.set(key, found);
  return found;
}
