import { applyWrites, createFsPromises, type FsPromises } from "seawall/subjects";
import { KEEPS_ALL, type OpenSubject, PROFILES, type Subject } from "seawall/subjects";

/** All entries in one JSON file, which every commit replaces: written for node:fs/promises, given as `fs`. */
function openJson(fs: FsPromises, isSynced: boolean): OpenSubject {
  const readAll = async (): Promise<Map<string, string>> => {
    const isThere = (await fs.readdir("/")).includes("data.json");
    return new Map(isThere ? JSON.parse(await fs.readFile("/data.json", "utf8")) : []);
  };
  return {
    readAll,
    commit: async (writes) => {
      const entries = await readAll();
      applyWrites(entries, writes);
      await fs.writeFile("/data.tmp", JSON.stringify([...entries]), { flush: isSynced });
      await fs.rename("/data.tmp", "/data.json");
      if (isSynced) {
        const directory = await fs.open("/", "r");
        await directory.sync();
        await directory.close();
      }
    },
    close: () => {},
    abandon: () => {},
  };
}

const make = (name: string, isSynced: boolean): Subject => ({
  name,
  about: "all entries in one JSON file, replaced by a rename",
  profile: PROFILES.paranoid,
  promises: { process: KEEPS_ALL, os: KEEPS_ALL, power: KEEPS_ALL },
  open: ({ disk }) => openJson(createFsPromises(disk), isSynced),
});
export const subjects: readonly Subject[] = [make("json:unsynced", false), make("json", true)];
