import { describe, expect, test } from "vitest";
import { runSubject, SubjectTally } from "../../sim/subjects/index.ts";
import { HYPERCORE_SUBJECTS } from "./hypercore/hypercore-subject.ts";
import { SEAWALL_SUBJECTS } from "./seawall/seawall-subject.ts";

describe.each([
  ["hypercore", 30],
  ["seawall:sync", 15],
  ["seawall:os", 25],
])("%s", (name, seeds) => {
  const subject = [...HYPERCORE_SUBJECTS, ...SEAWALL_SUBJECTS].find((one) => one.name === name);

  test("holds what it promises and shows what it does not", { timeout: 120_000 }, async () => {
    expect.assert(subject !== undefined);
    const tally = new SubjectTally(subject.promises);
    for (let seed = 1; seed <= seeds; seed += 1) {
      tally.add(await runSubject(subject, `t${seed}`));
    }
    expect(tally.rows().map(({ kind, verdict }) => `${kind} ${verdict}`)).toEqual([
      "process held",
      "os held",
      "power held",
    ]);
  });

  test("does the same again for the same seed", { timeout: 60_000 }, async () => {
    expect.assert(subject !== undefined);
    const first = await runSubject(subject, "again");
    const second = await runSubject(subject, "again");
    expect(second.traceHash).toBe(first.traceHash);
    expect((await runSubject(subject, "another")).traceHash).not.toBe(first.traceHash);
  });
});
