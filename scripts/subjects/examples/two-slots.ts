import { applyWrites, KEEPS_ALL, PROFILES } from "seawall/subjects";
import type { OpenSubject, Subject, SynchronousDisk } from "seawall/subjects";

const sumOf = (text: string): string =>
  String(Buffer.from(text).reduce((sum, byte) => Math.imul(sum ^ byte, 0x0100_0193), 0x811c_9dc5));

/** Every commit writes all entries over the older one of two files; the other one still holds the last commit. */
function openSlots(disk: SynchronousDisk): OpenSubject {
  let [commits, entries] = [0, new Map<string, string>()];
  const slots = [disk.open("/slot0", "create"), disk.open("/slot1", "create")] as const;
  disk.syncDirectory("/");
  for (const slot of slots) {
    const bytes = Buffer.alloc(slot.bytes);
    disk.read(slot, bytes, 0);
    const [count = "", text = "", sum] = bytes.toString("latin1").split("\n");
    if (sum === sumOf(count + text) && Number(count) > commits) {
      [commits, entries] = [Number(count), new Map(JSON.parse(text))];
    }
  }
  return {
    commit: (writes) => {
      applyWrites(entries, writes);
      commits += 1;
      const slot = slots[commits % 2 === 0 ? 0 : 1];
      const text = JSON.stringify([...entries]);
      disk.truncate(slot, 0);
      disk.write(slot, Buffer.from(`${commits}\n${text}\n${sumOf(commits + text)}`), 0);
      disk.sync(slot, "datasync");
    },
    readAll: () => entries,
    close: () => {},
    abandon: () => {},
  };
}

const [name, about] = ["two-slots", "all entries in two files by turns"];
const promises = { process: KEEPS_ALL, os: KEEPS_ALL, power: KEEPS_ALL };
const open: Subject["open"] = ({ disk }) => openSlots(disk);
export const twoSlots: Subject = { name, about, profile: PROFILES.paranoid, promises, open };
