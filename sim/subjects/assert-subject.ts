import { CRASH_KINDS } from "./run-subject.ts";
import { OUTCOMES, type Subject } from "./subject.ts";

/** Says what a value lacks of a subject; undefined when it is one. */
export function whyNoSubject(value: object): string | undefined {
  const subject: Partial<Record<keyof Subject, unknown>> = value;
  if (typeof subject.name !== "string" || !/^[a-z0-9][\w.:-]*$/.test(subject.name)) {
    return "name must be a word in lower case, such as my-store:synced";
  }
  if (typeof subject.about !== "string") {
    return "about must be a sentence";
  }
  if (typeof subject.open !== "function") {
    return "open must be a function";
  }
  if (!hasName(subject.profile)) {
    return "profile must be a disk profile, such as PROFILES.paranoid";
  }
  return CRASH_KINDS.map((kind) => whyNoPromise(subject.promises, kind)).find(Boolean);
}

export function isSubject(value: object): value is Subject {
  return whyNoSubject(value) === undefined;
}

function hasName(value: unknown): boolean {
  return typeof value === "object" && value !== null && "name" in value && "tearBytes" in value;
}

function whyNoPromise(promises: unknown, kind: string): string | undefined {
  const promise: unknown = isRecord(promises) ? promises[kind] : undefined;
  if (!isRecord(promise)) {
    return `promises.${kind} is missing: give one such as KEEPS_ALL`;
  }
  const { allows, shows = [] } = promise;
  for (const list of [allows, shows]) {
    if (!Array.isArray(list) || list.some((outcome) => !OUTCOMES.includes(outcome))) {
      return `promises.${kind} must list outcomes: ${OUTCOMES.join(", ")}`;
    }
  }
  return undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
