import { assert, defined, unreachable } from "../../engine/base/assert.ts";
import type { ValueSpec } from "./client-program.ts";

/** Stands for "no value" wherever values are named by their content. */
export const ABSENT = 0;
/** All empty texts are the same content, and so are all empty byte strings: they cannot be told apart. */
export const EMPTY_TEXT = 1;
export const EMPTY_BYTES = 2;
/** What was read is nothing that any program of the run writes. */
export const FOREIGN: number = -1;
/** The first id a generator may use. */
export const FIRST_VALUE_ID = 3;

/** The number that names a value's content. */
export function contentId(spec: ValueSpec): number {
  if (spec.bytes === 0 && spec.form !== "structure") {
    return spec.form === "text" ? EMPTY_TEXT : EMPTY_BYTES;
  }
  return spec.id;
}

/**
 * The values of a run. A value is recognised by an id that its first bytes carry, and then compared as a
 * whole: a value that is only nearly right is foreign.
 */
export class Values {
  private readonly specs: (ValueSpec | undefined)[] = [];
  private readonly made: unknown[] = [];

  /** Makes a value known before it is first written. */
  register(spec: ValueSpec): number {
    assert(spec.id >= FIRST_VALUE_ID, `value id ${spec.id} is reserved`);
    const id = contentId(spec);
    this.specs[id] ??= spec;
    return id;
  }

  /** The value to hand to the store: a fresh copy where the caller could change it afterwards. */
  materialise(id: number): unknown {
    const value = this.expected(id);
    return typeof value === "string" ? value : make(this.specOf(id));
  }

  /** The content id of something that was read, or FOREIGN. */
  identify(value: unknown): number {
    const id = claimedId(value);
    if (id === ABSENT || this.specs[id] === undefined) {
      return id === ABSENT ? ABSENT : FOREIGN;
    }
    return sameContent(this.expected(id), value) ? id : FOREIGN;
  }

  /** About how long the value is. */
  bytesOf(id: number): number {
    return this.specs[id]?.bytes ?? 0;
  }

  describe(id: number): string {
    if (id === ABSENT) {
      return "nothing";
    }
    const spec = this.specs[id];
    return spec === undefined
      ? `unknown value #${id}`
      : `#${id} (${spec.form}, ${spec.bytes} bytes)`;
  }

  private expected(id: number): unknown {
    let value = this.made[id];
    if (value === undefined) {
      value = make(this.specOf(id));
      this.made[id] = value;
    }
    return value;
  }

  private specOf(id: number): ValueSpec {
    return defined(this.specs[id], `the specification of value ${id}`);
  }
}

function make(spec: ValueSpec): unknown {
  switch (spec.form) {
    case "text":
      return makeText(spec);
    case "bytes":
      return makeBytes(spec);
    case "structure":
      return makeStructure(spec);
    default:
      return unreachable(spec.form);
  }
}

function makeText(spec: ValueSpec): string {
  if (spec.bytes === 0) {
    return "";
  }
  const head = `v${spec.id}:`;
  // Eight bytes of UTF-8 each.
  const filler = spec.id % 5 === 0 ? "é€xé" : "abcdefgh";
  return head + filler.repeat(Math.max(0, Math.ceil((spec.bytes - head.length) / 8)));
}

function makeBytes(spec: ValueSpec): Uint8Array {
  const bytes = new Uint8Array(spec.bytes === 0 ? 0 : Math.max(4, spec.bytes));
  if (bytes.length > 0) {
    // Mostly zeros with some ids, so that a hole in a file cannot pass for a value of another id.
    bytes.fill(spec.id % 3 === 0 ? 0 : spec.id);
    bytes[0] = spec.id;
    bytes[1] = spec.id >>> 8;
    bytes[2] = spec.id >>> 16;
    bytes[3] = 0xb5;
  }
  return bytes;
}

/** Three shapes, so that an encoder which remembers shapes meets known and new ones. */
function makeStructure(spec: ValueSpec): object {
  const filler = "s".repeat(Math.max(0, spec.bytes - 16));
  switch (spec.id % 3) {
    case 0:
      return { id: spec.id, filler, list: [spec.id, -1, 2 ** 40, 0.5] };
    case 1:
      return { id: spec.id, nested: { flag: true, none: null }, filler };
    default:
      return { id: spec.id, filler, empty: {}, names: ["", "ü"], blob: Uint8Array.of(1, 2, 3) };
  }
}

/** The id that a value says it has; FOREIGN when it says none. */
function claimedId(value: unknown): number {
  if (value === undefined) {
    return ABSENT;
  }
  if (typeof value === "string") {
    return claimedByText(value);
  }
  if (value instanceof Uint8Array) {
    return claimedByBytes(value);
  }
  if (typeof value === "object" && value !== null && "id" in value) {
    return typeof value.id === "number" ? value.id : FOREIGN;
  }
  return FOREIGN;
}

function claimedByText(text: string): number {
  if (text.length === 0) {
    return EMPTY_TEXT;
  }
  const id = text.startsWith("v") ? Number.parseInt(text.slice(1, 12), 10) : FOREIGN;
  return id > 0 ? id : FOREIGN;
}

function claimedByBytes(bytes: Uint8Array): number {
  if (bytes.length === 0) {
    return EMPTY_BYTES;
  }
  const [low = 0, middle = 0, high = 0, mark] = bytes;
  const id = low + middle * 256 + high * 65_536;
  return mark === 0xb5 && id > 0 ? id : FOREIGN;
}

/** Deep equality over what the values of a run are made of. */
function sameContent(expected: unknown, actual: unknown): boolean {
  if (expected === actual) {
    return true;
  }
  if (typeof expected !== "object" || typeof actual !== "object") {
    return false;
  }
  if (expected === null || actual === null) {
    return false;
  }
  if (expected instanceof Uint8Array) {
    return actual instanceof Uint8Array && sameBytes(expected, actual);
  }
  return sameProperties(expected, actual);
}

function sameProperties(expected: object, actual: object): boolean {
  const names = Object.keys(expected);
  if (names.length !== Object.keys(actual).length) {
    return false;
  }
  return names.every(
    (name) =>
      Object.hasOwn(actual, name) &&
      sameContent(Reflect.get(expected, name), Reflect.get(actual, name)),
  );
}

function sameBytes(expected: Uint8Array, actual: Uint8Array): boolean {
  if (expected.length !== actual.length) {
    return false;
  }
  for (let index = 0; index < expected.length; index += 1) {
    if (expected[index] !== actual[index]) {
      return false;
    }
  }
  return true;
}
