import { expect, test } from "vitest";
import { median, ratio, rotated } from "./statistics.ts";

test("the median is the middle value, whatever the order", () => {
  expect(median([])).toBeUndefined();
  expect(median([7])).toBe(7);
  expect(median([10, 1, 2])).toBe(2);
  expect(median([4, 1, 100, 2])).toBe(3);
});

test("taking the median leaves the list as it was", () => {
  const values = [3, 1, 2];
  median(values);
  expect(values).toEqual([3, 1, 2]);
});

test("over as many rounds as there are peers everyone is first once", () => {
  const list = ["a", "b", "c"];
  expect([0, 1, 2, 3].map((round) => rotated(list, round).join(""))).toEqual([
    "abc",
    "bca",
    "cab",
    "abc",
  ]);
  expect(rotated([], 5)).toEqual([]);
});

test("a ratio to nothing is not known", () => {
  expect(ratio(3, 2)).toBe(1.5);
  expect(ratio(3, 0)).toBeUndefined();
  expect(ratio(undefined, 2)).toBeUndefined();
  expect(ratio(3, undefined)).toBeUndefined();
});
