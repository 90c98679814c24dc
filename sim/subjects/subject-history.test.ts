import { describe, expect, it } from "vitest";
import { SubjectHistory } from "./subject-history.ts";

function historyOf(...values: readonly (string | undefined)[]): SubjectHistory {
  const history = new SubjectHistory();
  for (const value of values) {
    history.attempt([{ key: "key", value }]);
    history.acknowledge();
  }
  return history;
}

function outcomeOf(history: SubjectHistory, value: string): string {
  return history.judge(history.progress, new Map([["key", value]])).outcome;
}

describe("what is lost", () => {
  it("is counted in acknowledged commits", () => {
    const history = historyOf("one", "two", "three");
    expect(outcomeOf(history, "three")).toBe("kept");
    expect(outcomeOf(history, "two")).toBe("last-lost");
    expect(outcomeOf(history, "one")).toBe("suffix-lost");
    expect(outcomeOf(history, "four")).toBe("wrong");
  });

  it("does not count commits that changed nothing", () => {
    const history = historyOf("one", "two", "two");
    expect(outcomeOf(history, "two")).toBe("kept");
    expect(outcomeOf(history, "one")).toBe("last-lost");
  });

  it("is nothing when the commit in flight is there", () => {
    const history = historyOf("one");
    history.attempt([{ key: "key", value: "two" }]);
    expect(outcomeOf(history, "two")).toBe("kept");
    expect(outcomeOf(history, "one")).toBe("kept");
  });
});
