import { describe, expect, test } from "vitest";
import { isFileIOError } from "../../engine/platform/file-io.ts";
import { PROFILES } from "../disk/profiles.ts";
import { VirtualDisk } from "../disk/virtual-disk.ts";
import { ImmediateFileIO } from "./immediate-file-io.ts";

function world(): { readonly disk: VirtualDisk; readonly files: ImmediateFileIO } {
  const disk = new VirtualDisk({ profile: PROFILES.paranoid });
  return { disk, files: new ImmediateFileIO(disk) };
}

describe("files that answer at once", () => {
  test("a call has had its effect before anybody awaits it", async () => {
    const { disk, files } = world();
    const file = await files.open("/a", "create");
    const writing = file.write(Uint8Array.of(1, 2, 3), 0);
    expect(disk.content("/a")).toEqual(Uint8Array.of(1, 2, 3));
    const syncing = Promise.all([file.datasync(), files.syncDirectory("/")]);
    expect(disk.durableBytes("/a")).toEqual(Uint8Array.of(1, 2, 3));
    expect(await writing).toBe(3);
    await syncing;
  });

  test("refusals are what an adapter of the engine owes", async () => {
    const { files } = world();
    await expect(files.open("/none", "read")).rejects.toMatchObject({ code: "ENOENT" });
    expect(await files.stat("/none")).toBeUndefined();
    await (await files.open("/a", "create")).close();
    const file = await files.open("/a", "read");
    await expect(file.write(new Uint8Array(1), 0)).rejects.toMatchObject({ code: "EBADF" });
    await expect(file.truncate(0)).rejects.toMatchObject({ code: "EINVAL" });
    await expect(file.read(new Uint8Array(1), -1)).rejects.toMatchObject({ code: "EINVAL" });
    await file.close();
    for (const call of [() => file.size(), () => file.sync(), () => file.close()]) {
      await expect(call()).rejects.toSatisfy((error) => isFileIOError(error, "EBADF"));
    }
  });

  test("a lock is held until it is released, and by no other process", async () => {
    const { disk, files } = world();
    const lock = await files.lock("/LOCK");
    await expect(files.lock("/LOCK")).rejects.toMatchObject({ code: "ELOCKED" });
    await lock.release();
    await files.lock("/LOCK");
    await new ImmediateFileIO(disk).lock("/LOCK");
  });

  test("what the dead go on to call has no effect, and no answer", async () => {
    const { disk, files } = world();
    const file = await files.open("/a", "create");
    await file.write(Uint8Array.of(1), 0);
    files.die();
    const answers: string[] = [];
    const calls = [file.write(Uint8Array.of(2), 0), file.close(), files.unlink("/a")];
    for (const call of calls) {
      void call.then(
        () => answers.push("done"),
        () => answers.push("refused"),
      );
    }
    for (let turn = 0; turn < 10; turn += 1) {
      await Promise.resolve();
    }
    expect(answers).toEqual([]);
    expect(disk.content("/a")).toEqual(Uint8Array.of(1));
  });
});
