import { SeawallError } from "../base/errors.ts";
import { lsn } from "../base/units.ts";
import type { Lsn } from "../base/units.ts";
import { LOG_BEGINNING } from "../log/log-reader.ts";
import type { FileHandle, FileIO } from "../platform/file-io.ts";
import { isFileIOError } from "../platform/file-io.ts";
import { doing } from "../platform/io-errors.ts";
import { mirrored } from "../platform/mirrored-file.ts";
import { differs, mend, readCopies } from "../platform/read-copies.ts";
import type { CopyRead, ScrubCounts } from "../platform/read-copies.ts";
import { readWhole, writeWhole } from "../platform/whole-io.ts";
import { CONTROL_BYTES, encodeControl, readControl } from "./control-format.ts";
import type { Control, ControlFound } from "./control-format.ts";

export const CONTROL_FILE_NAME = "control.db";

/** What it is called until it is whole. */
export const UNFINISHED_CONTROL_NAME = "control.db.new";

/** The slots share no sector, whatever its size: a power cut damages at most the one being written. */
const SLOT_STRIDE = 65_536;
/** A whole sector of most disks: a slot in a bad one is mended by the next write. */
const SLOT_BYTES = 4096;

/** A new store writes its two slots with the sequence numbers 1 and 2, or, when it is made again, 3 and 4. */
const SEQUENCE_NEW = 2;

/** Both slots, as found. */
export interface ControlSlots {
  readonly found: readonly [ControlFound, ControlFound];
  /** The one that counts; undefined when neither can be read. */
  readonly newest: Control | undefined;
  /** The other one, when it can be read: recovery would begin there if the newest were lost. */
  readonly other: Control | undefined;
}

/**
 * Where recovery begins, in two slots that are written in turn. What the older slot needs of the log is
 * kept, too: a newest slot that rots or was never written costs some redo and nothing else.
 */
export class ControlFile {
  readonly #file: FileHandle;
  #newest: Control;
  #other: Control | undefined;

  private constructor(file: FileHandle, newest: Control, other: Control | undefined) {
    this.#file = file;
    this.#newest = newest;
    this.#other = other;
  }

  /** Reads both slots. Changes nothing; a file that is not there has slots of zeros. */
  static async read(files: FileIO, directory: string): Promise<ControlSlots> {
    return await doing("reading the control file", readSlots(files, directory));
  }

  /** Makes both slots say that the store is new. Durable, with its name, when it resolves. */
  static async create(
    files: FileIO,
    directory: string,
    control: Omit<Control, "sequence">,
    attempt = 1,
  ): Promise<ControlFile> {
    const create = async (): Promise<ControlFile> => {
      // Under its own name a power cut could show what the disk held in those blocks before: the control file
      // of a store that was removed.
      const unfinished = `${directory}/${UNFINISHED_CONTROL_NAME}`;
      const file = await files.open(unfinished, "create");
      const first: Control = { ...control, sequence: attempt * SEQUENCE_NEW - 1 };
      const second: Control = { ...control, sequence: attempt * SEQUENCE_NEW };
      await closingOnFailure(file, async () => {
        await writeSlot(file, first);
        await writeSlot(file, second);
        await file.sync();
        await files.rename(unfinished, pathIn(directory));
        await files.syncDirectory(directory);
      });
      return new ControlFile(file, second, first);
    };
    return await doing("making the control file", create());
  }

  /**
   * Opens a control file for checkpoints. Writes the newest slot anew: what was read may have been in the
   * cache of a system that never wrote it, and the next checkpoint goes over the other one. When the other
   * one is lost, that is the one to write: a power cut during this write must not take both.
   */
  static async open(
    files: FileIO,
    directory: string,
    newest: Control,
    other: Control | undefined,
  ): Promise<ControlFile> {
    const open = async (): Promise<ControlFile> => {
      const file = await files.open(pathIn(directory), "write");
      const isAlone = other === undefined;
      const control = isAlone ? { ...newest, sequence: newest.sequence + 1 } : newest;
      await closingOnFailure(file, async () => {
        await mendSlot(file, other);
        await mendSlot(file, newest);
        await writeSlot(file, control);
        await file.datasync();
      });
      return new ControlFile(file, control, isAlone ? newest : other);
    };
    return await doing("opening the control file", open());
  }

  get newest(): Control {
    return this.#newest;
  }

  /** Where recovery would begin from the slot that needs more of the log. */
  get earliest(): Control {
    const other = this.#other ?? this.#newest;
    return other.startLsn < this.#newest.startLsn ? other : this.#newest;
  }

  /** Log before this is needed by neither slot. */
  get keepFrom(): Lsn {
    return lsn(Math.min(this.#newest.startLsn, this.#other?.startLsn ?? 0));
  }

  /** Moves the place where recovery begins. Durable when it resolves; the other slot stays as it is. */
  async write(
    point: Omit<Control, "sequence" | "storeId" | "pageBytes" | "copies">,
  ): Promise<void> {
    const { sequence, storeId, pageBytes, copies } = this.#newest;
    const control: Control = { ...point, storeId, pageBytes, copies, sequence: sequence + 1 };
    const write = async (): Promise<void> => {
      await writeSlot(this.#file, control);
      await this.#file.datasync();
    };
    await doing("writing the control file", write());
    this.#other = this.#newest;
    this.#newest = control;
  }

  /** Makes both copies of each slot the same, durably. Nothing may be written meanwhile. */
  async scrub(): Promise<ScrubCounts> {
    const counts = { repaired: 0, notRepaired: 0 };
    const scrub = async (): Promise<void> => {
      for (const control of [this.#other, this.#newest]) {
        const mended = await mendSlot(this.#file, control);
        counts.repaired += mended === true ? 1 : 0;
        counts.notRepaired += mended === false ? 1 : 0;
      }
      await this.#file.datasync();
    };
    await doing("reading the control file", scrub());
    return counts;
  }

  async close(): Promise<void> {
    await doing("closing the control file", this.#file.close());
  }
}

/** How often the store was made, this time included: an earlier time may not have reached the disk. */
export function attemptAfter({ newest }: ControlSlots): number {
  return newest === undefined ? 1 : Math.ceil(newest.sequence / SEQUENCE_NEW) + 1;
}

/** Whether the control file knows of nothing but the making of the store. */
export function isOfNewStore({ newest }: ControlSlots): boolean {
  return newest === undefined || newest.startLsn === LOG_BEGINNING.lsn;
}

/**
 * The slot that counts.
 *
 * @throws SeawallError `CORRUPTION` when there is none; `RECOVERY` when either is in another format: a
 * newer Seawall has moved the place since.
 */
export function newestOf({ found: [first, second], newest }: ControlSlots): Control {
  const place = {
    file: CONTROL_FILE_NAME,
    offset: 0,
    expected: "where recovery begins, in one slot of two",
    found: `${describe(first)}, and ${describe(second)}`,
  };
  if (first.kind === "other-format" || second.kind === "other-format") {
    throw new SeawallError("RECOVERY", "the control file is in another format", { place });
  }
  if (newest === undefined) {
    throw new SeawallError(
      "CORRUPTION",
      "both slots of the control file are damaged; nothing was changed: restore the file, or a backup",
      { place },
    );
  }
  return newest;
}

function describe(found: ControlFound): string {
  return found.kind === "other-format" ? `format ${found.formatVersion}` : found.kind;
}

async function readSlots(files: FileIO, directory: string): Promise<ControlSlots> {
  const path = pathIn(directory);
  if ((await files.stat(path)) === undefined) {
    const nothing: ControlFound = { kind: "zeros" };
    return { found: [nothing, nothing], newest: undefined, other: undefined };
  }
  const file = await files.open(path, "read");
  try {
    const found = [await readSlot(file, 0), await readSlot(file, 1)] as const;
    refuseUnreadable(found);
    const controls = found
      .flatMap((slot) => (slot.kind === "control" ? [slot.control] : []))
      .toSorted((a, b) => b.sequence - a.sequence);
    return { found, newest: controls[0], other: controls[1] };
  } finally {
    await file.close();
  }
}

/** A slot that cannot be read is lost as one that rots: the other one is enough. */
async function readSlot(file: FileHandle, slot: number): Promise<ControlFound> {
  const copies = mirrored(file);
  if (copies !== undefined) {
    const [first, second] = await readCopies(copies, CONTROL_BYTES, slot * SLOT_STRIDE);
    return rightOf(foundIn(first, slot), foundIn(second, slot));
  }
  const bytes = new Uint8Array(CONTROL_BYTES);
  try {
    const read = await readWhole(file, bytes, slot * SLOT_STRIDE);
    return readControl(bytes.subarray(0, read));
  } catch (error) {
    if (!isFileIOError(error)) {
      throw error;
    }
    return { kind: "unreadable", cause: error };
  }
}

function foundIn({ bytes, holes: [hole] }: CopyRead, slot: number): ControlFound {
  if (hole !== undefined) {
    return { kind: "unreadable", cause: hole.cause };
  }
  const found = readControl(bytes);
  // What went astray from the other slot is none of this one.
  const isAstray = found.kind === "control" && found.control.sequence % 2 !== slot;
  return isAstray ? { kind: "damaged" } : found;
}

/** Of two copies of a slot: the one that was written last, as far as that can be told. */
function rightOf(first: ControlFound, second: ControlFound): ControlFound {
  if (first.kind === "control" && second.kind === "control") {
    return second.control.sequence > first.control.sequence ? second : first;
  }
  return RANKS.indexOf(second.kind) > RANKS.indexOf(first.kind) ? second : first;
}

/** What must not be overlooked comes last. */
const RANKS: readonly ControlFound["kind"][] = [
  "zeros",
  "damaged",
  "unreadable",
  "control",
  "other-format",
];

/**
 * Where copies of a slot differ, gives both what it is known to hold. Undefined when they do not, or there
 * is only one; false when a copy could not be written.
 */
async function mendSlot(
  file: FileHandle,
  control: Control | undefined,
): Promise<boolean | undefined> {
  const copies = mirrored(file);
  if (copies === undefined || control === undefined) {
    return undefined;
  }
  const { bytes, offset } = slotOf(control);
  const read = await readCopies(copies, SLOT_BYTES, offset);
  return read.some((copy) => differs(copy, bytes, 0))
    ? await mend(copies, read, bytes, { offset, from: 0 })
    : undefined;
}

/** With no slot to begin from, what cannot be read might be read another time. */
function refuseUnreadable(found: readonly ControlFound[]): void {
  for (const slot of found) {
    if (slot.kind === "unreadable" && found.every(({ kind }) => kind !== "control")) {
      throw slot.cause;
    }
  }
}

async function writeSlot(file: FileHandle, control: Control): Promise<void> {
  const { bytes, offset } = slotOf(control);
  await writeWhole(file, bytes, offset);
}

function slotOf(control: Control): { readonly bytes: Uint8Array; readonly offset: number } {
  const bytes = new Uint8Array(SLOT_BYTES);
  bytes.set(encodeControl(control));
  return { bytes, offset: (control.sequence % 2) * SLOT_STRIDE };
}

async function closingOnFailure(file: FileHandle, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    await file.close();
    throw error;
  }
}

function pathIn(directory: string): string {
  return `${directory}/${CONTROL_FILE_NAME}`;
}
