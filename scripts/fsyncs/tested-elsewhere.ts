import type { BarrierSite } from "./barrier-sites.ts";

/**
 * Barriers that the storm does not miss, because what they guard against is not in any scenario, and the
 * test that does miss them. By file, function and call: lines move.
 */
export const TESTED_ELSEWHERE: readonly {
  readonly file: string;
  readonly within: string;
  readonly call: string;
  readonly nth?: number;
  readonly change?: string;
  readonly test: string;
}[] = [
  {
    // Blocks of a store that was removed show where a file's own zeros are not durable.
    file: "engine/log/segment-pool.ts",
    within: "create",
    call: "file.sync()",
    test: "engine/log/segment-pool.test.ts",
  },
  {
    file: "engine/log/segment-pool.ts",
    within: "create",
    call: "files.rename(path, `${directory}/${name}`)",
    change: "before the sync ahead of it",
    test: "engine/log/segment-pool.test.ts",
  },
  {
    file: "engine/recovery/store-directory.ts",
    within: "enterDirectory",
    call: "files.syncDirectory(directory)",
    test: "properties/a-removed-store-stays-removed.test.ts",
  },
  {
    // The checkpoint that comes next syncs the log as well, but not for a store whose pages have failed.
    file: "engine/recovery/close-store.ts",
    within: "finishStore",
    call: "log.sync()",
    nth: 1,
    test: "properties/closing-is-orderly.test.ts",
  },
  {
    // The end of the file that comes back takes room, and nothing else.
    file: "engine/pages/page-file.ts",
    within: "truncateTo",
    call: "this.#file.sync()",
    test: "engine/pages/page-file.test.ts",
  },
  {
    // Of the blocks of a removed store, those of its control file hardly ever show in another one.
    file: "engine/recovery/control-file.ts",
    within: "create",
    call: "files.rename(unfinished, pathIn(directory))",
    change: "before the sync ahead of it",
    test: "engine/recovery/control-file.test.ts",
  },
  {
    // The same sync of the directory covers the log file that is made next. Only who makes none needs this one.
    file: "engine/recovery/control-file.ts",
    within: "create",
    call: "files.syncDirectory(directory)",
    test: "engine/recovery/control-file.test.ts",
  },
  {
    file: "engine/recovery/control-file.ts",
    within: "create",
    call: "files.rename(unfinished, pathIn(directory))",
    change: "behind the sync after it",
    test: "engine/recovery/control-file.test.ts",
  },
  {
    file: "engine/log/epoch-start.ts",
    within: "beginIn",
    call: "slot.file.datasync()",
    test: "properties/what-may-still-be-the-log-is-not-written-over.test.ts",
  },
  {
    // Without it a power cut brings back damage that was mended, and the next read mends it again.
    file: "engine/log/segment-copies.ts",
    within: "repairSegment",
    call: "file.sync()",
    test: "properties/one-damaged-copy-costs-nothing.test.ts",
  },
  {
    file: "engine/pages/double-write.ts",
    within: "sync",
    call: "area.file.datasync()",
    test: "properties/one-damaged-copy-costs-nothing.test.ts",
  },
  {
    file: "engine/pages/settled-pages.ts",
    within: "scrub",
    call: "this.#file.datasync()",
    test: "properties/one-damaged-copy-costs-nothing.test.ts",
  },
  {
    file: "engine/pages/storage-manager.ts",
    within: "finishScrub",
    call: "this.#doubleWrite.sync()",
    test: "properties/one-damaged-copy-costs-nothing.test.ts",
  },
  {
    file: "engine/pages/storage-manager.ts",
    within: "finishScrub",
    call: "this.#pageFile.datasync()",
    test: "properties/one-damaged-copy-costs-nothing.test.ts",
  },
  {
    file: "engine/recovery/control-file.ts",
    within: "scrub",
    call: "this.#file.datasync()",
    test: "properties/one-damaged-copy-costs-nothing.test.ts",
  },
];

/** The test that fails without this barrier; undefined when none is known. */
export function testOf(site: BarrierSite): string | undefined {
  return TESTED_ELSEWHERE.find(
    ({ file, within, call, nth = site.nth, change = site.change }) =>
      file === site.file &&
      within === site.within &&
      call === site.call &&
      nth === site.nth &&
      change === site.change,
  )?.test;
}
