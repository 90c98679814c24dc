import { describe, expect, it } from "vitest";

import { Streams } from "./streams.ts";

function draw(streams: Streams, name: string, count: number): number[] {
  return Array.from({ length: count }, () => streams.stream(name).below(1000));
}

function left(seed: string): number[] {
  const streams = new Streams("7", { tapes: { disk: [1, 2, 3, 4] } });
  const before = draw(streams, "disk", 2);
  streams.leaveTapes(seed);
  return [...before, ...draw(streams, "disk", 2), ...draw(streams, "clock", 1)];
}

describe("named streams", () => {
  it("do not shift each other", () => {
    const alone = draw(new Streams("7"), "disk", 10);
    const both = new Streams("7");
    draw(both, "faults", 3);
    expect(draw(both, "disk", 10)).toEqual(alone);
  });

  it("differ by name and by seed", () => {
    const disk = draw(new Streams("7"), "disk", 10);
    expect(draw(new Streams("7"), "clock", 10)).not.toEqual(disk);
    expect(draw(new Streams("8"), "disk", 10)).not.toEqual(disk);
  });

  it("replay their tapes exactly", () => {
    const recorded = new Streams("7", { record: true });
    const disk = draw(recorded, "disk", 5);
    const faults = draw(recorded, "faults", 2);
    recorded.stream("unused");
    const tapes = recorded.tapes();
    expect(Object.keys(tapes)).toEqual(["disk", "faults"]);

    const replayed = new Streams("another seed", { tapes, record: true });
    expect(draw(replayed, "faults", 2)).toEqual(faults);
    expect(draw(replayed, "disk", 5)).toEqual(disk);
    expect(replayed.exact).toBe(true);
    expect(replayed.tapes()).toEqual({ faults, disk });
  });

  it("say which stream left its tape, and where", () => {
    const streams = new Streams("7", { tapes: { disk: [1, 2] } });
    expect(draw(streams, "disk", 3)).toEqual([1, 2, 0]);
    expect(streams.divergences()).toEqual([
      { stream: "disk", index: 2, bound: 1000, value: undefined },
    ]);
    expect(streams.exact).toBe(false);
  });

  it("are not exact while a tape is left over", () => {
    const streams = new Streams("7", { tapes: { disk: [1, 2], clock: [3] } });
    draw(streams, "disk", 2);
    expect(streams.divergences()).toEqual([]);
    expect(streams.exact).toBe(false);
  });

  it("can go on from the seed where the tape ends", () => {
    const fresh = draw(new Streams("7"), "disk", 2);
    const streams = new Streams("7", { tapes: {}, offTape: "seed" });
    expect(draw(streams, "disk", 2)).toEqual(fresh);
  });

  it("have sections that draw what the stream would, each on a tape of its own", () => {
    const whole = draw(new Streams("7"), "disk", 4);
    const streams = new Streams("7", { record: true });
    const [first, second] = [streams.section("disk", 0), streams.section("disk", 1)];
    const drawn = [first.below(1000), second.below(1000), second.below(1000), first.below(1000)];
    expect(drawn).toEqual(whole);
    expect(streams.tapes()).toEqual({
      "disk/0": [drawn[0], drawn[3]],
      "disk/1": [drawn[1], drawn[2]],
    });
  });

  it("play a section from the tape of the whole stream, as older records have it", () => {
    const streams = new Streams("7", { tapes: { disk: [5, 6, 7] } });
    const [first, second] = [streams.section("disk", 0), streams.section("disk", 1)];
    expect([first.below(10), second.below(10), first.below(10)]).toEqual([5, 6, 7]);
    expect(streams.exact).toBe(true);
  });

  it("let one section be cut without moving another", () => {
    const streams = new Streams("7", { tapes: { "disk/1": [6] } });
    expect(streams.section("disk", 0).below(10)).toBe(0);
    expect(streams.section("disk", 1).below(10)).toBe(6);
  });

  it("draw afresh once they have left their tapes", () => {
    expect(left("a").slice(0, 2)).toEqual([1, 2]);
    expect(left("a")).toEqual(left("a"));
    expect(left("a").slice(2)).not.toEqual(left("b").slice(2));
  });
});
