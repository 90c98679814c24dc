import type { BarrierSite } from "./barrier-sites.ts";

/**
 * Barriers that the storm does not miss, because what they guard against is not in any scenario, and the
 * test that does miss them. By file, function and call: lines move.
 */
const TESTED_ELSEWHERE: readonly {
  readonly file: string;
  readonly within: string;
  readonly call: string;
  readonly change?: string;
  readonly test: string;
}[] = [];

/** The test that fails without this barrier; undefined when none is known. */
export function testOf(site: BarrierSite): string | undefined {
  return TESTED_ELSEWHERE.find(
    ({ file, within, call, change = site.change }) =>
      file === site.file && within === site.within && call === site.call && change === site.change,
  )?.test;
}
