import {
  applyWrites,
  createFsPromises,
  type FsPromises,
  KEEPS_ALL,
  PROFILES,
} from "seawall/subjects";
import type { OpenSubject, Subject, SubjectWrite } from "seawall/subjects";

/** All entries in one JSON file, which every commit replaces: written for node:fs/promises, given as `fs`. */
class JsonFile implements OpenSubject {
  readonly #fs: FsPromises;
  readonly #synced: boolean;
  constructor(fs: FsPromises, synced: boolean) {
    this.#fs = fs;
    this.#synced = synced;
  }
  async readAll(): Promise<Map<string, string>> {
    const isThere = (await this.#fs.readdir("/")).includes("data.json");
    return new Map(isThere ? JSON.parse(await this.#fs.readFile("/data.json", "utf8")) : []);
  }
  async commit(writes: readonly SubjectWrite[]): Promise<void> {
    const entries = await this.readAll();
    applyWrites(entries, writes);
    await this.#fs.writeFile("/data.tmp", JSON.stringify([...entries]), { flush: this.#synced });
    await this.#fs.rename("/data.tmp", "/data.json");
    const directory = await this.#fs.open("/", "r");
    await (this.#synced ? directory.sync() : undefined);
    await directory.close();
  }
  close(): void {}
  abandon(): void {}
}

const make = (name: string, synced: boolean): Subject => ({
  name,
  about: "all entries in one JSON file, replaced by a rename",
  profile: PROFILES.paranoid,
  promises: { process: KEEPS_ALL, os: KEEPS_ALL, power: KEEPS_ALL },
  open: ({ disk }) => new JsonFile(createFsPromises(disk), synced),
});
export const subjects: readonly Subject[] = [make("json:unsynced", false), make("json", true)];
