import { test } from "vitest";
import { VirtualStore } from "./support/virtual-store.ts";
test("drift", async () => {
  const store = new VirtualStore();
  const files: string[] = [];
  for (let round = 0; round < 60; round += 1) {
    const db = await store.open();
    if (round % 3 === 0) {
      store.crash();
    } else {
      await store.run(() => db.close());
    }
    files.push(`${store.segmentPaths().length}/${db.recovery.startLsn}/${db.recovery.segmentsRead}/${db.stats().checkpoints}`);
  }
  console.log(files.join(" "));
  console.log(store.eventNames().filter((x) => x.startsWith("segment")).join(" "));
});
