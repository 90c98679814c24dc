import { expect, test } from "vitest";
import { VirtualStore } from "../../properties/support/virtual-store.ts";
import { MeteredFiles } from "./metered-files.ts";

test("what a sync finds is known by the name that the file has by then", async () => {
  const store = new VirtualStore();
  const meter = new MeteredFiles(store.options().platform.files);
  const files = meter.files();
  await store.run(async () => {
    await files.makeDirectory("/d");
    const file = await files.open("/d/a.new", "create");
    await files.rename("/d/a.new", "/d/a");
    await file.write(new Uint8Array(70), 0);
    expect([...meter.unsyncedBytes]).toEqual([["/d/a", 70]]);
    await file.datasync();
    expect(meter.unsyncedBytes.size).toBe(0);
    await file.close();
  });
  expect(meter).toMatchObject({ syncs: 1, bytesWritten: 70 });
});
