import { describe, expect, test } from "vitest";

import type { ValueSpec } from "./client-program.ts";
import { ABSENT, contentId, EMPTY_BYTES, EMPTY_TEXT, FOREIGN, Values } from "./values.ts";

function known(...specs: readonly ValueSpec[]): Values {
  const values = new Values();
  for (const spec of specs) {
    values.register(spec);
  }
  return values;
}

describe("values", () => {
  test("every form and length is recognised when it comes back", () => {
    for (const form of ["text", "bytes", "structure"] as const) {
      for (const bytes of [0, 1, 8, 100, 5000]) {
        for (const id of [3, 4, 5, 70_000]) {
          const spec = { id, form, bytes };
          const values = known(spec);
          expect(values.identify(values.materialise(contentId(spec)))).toBe(contentId(spec));
        }
      }
    }
  });

  test("a value with one wrong byte is foreign", () => {
    const values = known({ id: 7, form: "bytes", bytes: 100 });
    const bytes = values.materialise(7);
    if (bytes instanceof Uint8Array) {
      bytes[99] = 1 + (bytes[99] ?? 0);
    }
    expect(values.identify(bytes)).toBe(FOREIGN);
  });

  test("a value that nobody registered is foreign, also when it carries an id", () => {
    const values = known({ id: 7, form: "text", bytes: 20 });
    expect(values.identify("v8:abcdefgh")).toBe(FOREIGN);
    expect(values.identify("something")).toBe(FOREIGN);
    expect(values.identify(null)).toBe(FOREIGN);
    expect(values.identify(undefined)).toBe(ABSENT);
  });

  test("a structure with one field more, less or other is foreign", () => {
    const values = known({ id: 7, form: "structure", bytes: 20 });
    const value = values.materialise(7);
    expect(values.identify({ ...Object(value), more: 1 })).toBe(FOREIGN);
    expect(values.identify({ ...Object(value), filler: "" })).toBe(FOREIGN);
    expect(values.identify({ id: 7 })).toBe(FOREIGN);
  });

  test("empty values of one form are one content", () => {
    expect(contentId({ id: 9, form: "text", bytes: 0 })).toBe(EMPTY_TEXT);
    expect(contentId({ id: 10, form: "text", bytes: 0 })).toBe(EMPTY_TEXT);
    expect(contentId({ id: 11, form: "bytes", bytes: 0 })).toBe(EMPTY_BYTES);
    expect(contentId({ id: 12, form: "structure", bytes: 0 })).toBe(12);
  });

  test("what is handed out can be scribbled on without changing what is expected", () => {
    const values = known({ id: 7, form: "bytes", bytes: 50 });
    const first = values.materialise(7);
    if (first instanceof Uint8Array) {
      first.fill(0xff);
    }
    expect(values.identify(values.materialise(7))).toBe(7);
    const structures = known({ id: 8, form: "structure", bytes: 50 });
    Object.assign(Object(structures.materialise(8)), { filler: "other" });
    expect(structures.identify(structures.materialise(8))).toBe(8);
  });
});
