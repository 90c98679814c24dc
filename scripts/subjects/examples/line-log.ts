import { applyWrites, type FileIO, ImmediateFileIO, KEEPS_ALL, PROFILES } from "seawall/subjects";
import type { OpenSubject, Subject } from "seawall/subjects";

/** One line of JSON per commit, at the end of one file; what does not end in a whole line never happened. */
async function openLog(files: FileIO): Promise<OpenSubject> {
  const entries = new Map<string, string>();
  const file = await files.open("/log", "create");
  await files.syncDirectory("/");
  const bytes = Buffer.alloc(await file.size());
  await file.read(bytes, 0);
  let end = 0;
  for (const line of bytes.toString("latin1").split("\n").slice(0, -1)) {
    try {
      applyWrites(entries, JSON.parse(line));
    } catch {
      break; // A torn write: nobody was told that this commit is done.
    }
    end += line.length + 1;
  }
  await file.truncate(end);
  return {
    commit: async (writes) => {
      end += await file.write(Buffer.from(`${JSON.stringify(writes)}\n`), end);
      await file.datasync();
      applyWrites(entries, writes);
    },
    readAll: () => entries,
    close: () => file.close(),
    abandon: () => {},
  };
}

export const lineLog: Subject = {
  name: "line-log",
  about: "an append-only log of lines",
  profile: PROFILES["ext4-ordered"],
  promises: { process: KEEPS_ALL, os: KEEPS_ALL, power: KEEPS_ALL },
  open: ({ disk }) => openLog(new ImmediateFileIO(disk)),
};
