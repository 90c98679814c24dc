import { utf8ByteString } from "../../engine/base/utf8.ts";
import { assert } from "../../engine/base/assert.ts";
import { FileIOError, type FileStat, type OpenMode } from "../../engine/platform/file-io.ts";
import type { Choices } from "../core/choices.ts";
import type { Trace } from "../core/trace.ts";
import type { CrashStyle } from "./crash-style.ts";
import { type CrashKind, type CrashSummary, OS_LIVED_ON } from "./crash-summary.ts";
import type { DiskFaults, DiskOperationKind, Fault } from "./disk-faults.ts";
import { DiskVolume } from "./disk-volume.ts";
import type { SyncKind } from "./owed-syncs.ts";
import { FaultGate } from "./fault-gate.ts";
import { InFlightOperations } from "./in-flight-operations.ts";
import { ObservedDisk } from "./observed-disk.ts";
import type { DiskProfile } from "./profiles.ts";
import type { VirtualFile } from "./virtual-file.ts";

export interface VirtualDiskOptions {
  readonly profile: DiskProfile;
  readonly trace?: Trace;
  /** The device's physical sector, which a power cut may damage whole. @defaultValue the profile's */
  readonly sectorBytes?: number;
  /** @defaultValue unlimited */
  readonly capacityBytes?: number;
  readonly faults?: DiskFaults;
}

/** How much was asked of the disk. */
export interface DiskCounters {
  reads: number;
  writes: number;
  syncs: number;
  directorySyncs: number;
  bytesRead: number;
  bytesWritten: number;
}

/**
 * A disk in memory. What programs see and what survives are separate: calls change the former, syncs
 * and crashes decide the latter. Everything here is synchronous and takes effect at once;
 * `VirtualFileIO` puts time between a call and its effect.
 */
export class VirtualDisk extends ObservedDisk {
  readonly profile: DiskProfile;
  /** Counts crashes: what an earlier incarnation of the program holds is dead. */
  incarnation = 0;
  readonly inFlight: InFlightOperations = new InFlightOperations();
  readonly counters: DiskCounters = {
    reads: 0,
    writes: 0,
    syncs: 0,
    directorySyncs: 0,
    bytesRead: 0,
    bytesWritten: 0,
  };
  readonly #gate: FaultGate;
  readonly #locked = new Set<VirtualFile>();

  /** `volume`: instead of an empty one. */
  constructor(options: VirtualDiskOptions, volume: DiskVolume = emptyVolume(options)) {
    super(volume, options.trace);
    this.profile = volume.profile;
    this.#gate = new FaultGate(options.faults, options.trace);
  }

  /** The plan of what goes wrong. */
  get faults(): DiskFaults | undefined {
    return this.#gate.faults;
  }

  set faults(faults: DiskFaults | undefined) {
    this.#gate.faults = faults;
  }

  open(path: string, mode: OpenMode): VirtualFile {
    this.#pass("open", path);
    const found = this.volume.names.fileAt(path, "open");
    if (found !== undefined) {
      return found;
    }
    if (mode !== "create") {
      throw new FileIOError("ENOENT", { operation: "open", path });
    }
    return this.#create(path, "open");
  }

  stat(path: string): FileStat | undefined {
    this.#pass("stat", path);
    const node = this.volume.names.at(path);
    if (node === undefined) {
      return undefined;
    }
    return { kind: node.kind, bytes: node.kind === "file" ? node.bytes : 0 };
  }

  readDirectory(path: string): string[] {
    this.#pass("read-directory", path);
    const names = this.volume.names.directoryAt(path, "readDirectory").visible.keys();
    return [...names].toSorted(inByteOrder);
  }

  makeDirectory(path: string): void {
    this.#pass("make-directory", path);
    const found = this.volume.names.at(path);
    if (found?.kind === "file") {
      throw new FileIOError("EEXIST", { operation: "makeDirectory", path });
    }
    if (found === undefined) {
      this.volume.makeDirectory(path);
      this.trace?.event("make-directory", path);
    }
  }

  removeDirectory(path: string): void {
    this.#pass("remove-directory", path);
    this.volume.removeDirectory(path);
    this.trace?.event("remove-directory", path);
  }

  rename(from: string, to: string): void {
    this.#gate.pass({ kind: "rename", path: from, position: 0, bytes: 0, to });
    this.volume.rename(from, to);
    this.trace?.event("rename", from, to);
  }

  unlink(path: string): void {
    this.#pass("unlink", path);
    this.volume.unlink(path);
    this.trace?.event("unlink", path);
  }

  /** Makes the changes to a directory up to a sequence number durable. */
  syncDirectory(path: string, through: number = this.sequence): void {
    this.counters.directorySyncs += 1;
    this.trace?.event("sync-directory", path, through);
    this.#pass("sync-directory", path);
    const directory = this.volume.names.directoryAt(path, "syncDirectory");
    this.volume.syncDirectory(directory, through);
  }

  /** @throws FileIOError `ELOCKED` while somebody holds it. */
  lock(path: string): VirtualFile {
    this.#pass("lock", path);
    const file = this.volume.names.fileAt(path, "lock") ?? this.#create(path, "lock");
    if (this.#locked.has(file)) {
      throw new FileIOError("ELOCKED", { operation: "lock", path });
    }
    this.#locked.add(file);
    return file;
  }

  unlock(file: VirtualFile): void {
    this.#locked.delete(file);
  }

  read(file: VirtualFile, target: Uint8Array, position: number): number {
    const fault = this.#passFile("read", file, position, target.length);
    const wanted = fault?.kind === "short" ? target.subarray(0, Math.max(1, fault.bytes)) : target;
    if (file.damage.items.length > 0) {
      this.faults?.damageMet?.({ path: file.path, from: position, to: position + wanted.length });
    }
    this.volume.media.checkRead(file, position, position + wanted.length);
    if (file.damage.meets("replaced", position, position + wanted.length)) {
      const range = { from: position, to: position + wanted.length };
      this.faults?.mediaMet?.({ path: file.path, ...range });
    }
    const stray = fault?.kind === "misread" ? position + fault.shift * target.length : position;
    const count = file.read(wanted, Math.max(0, stray));
    this.counters.reads += 1;
    this.counters.bytesRead += count;
    this.trace?.event("read", file.id, position, count);
    return count;
  }

  /** Returns how many bytes it wrote: fewer when the disk fills up, as POSIX does before it fails. */
  write(file: VirtualFile, source: Uint8Array, position: number): number {
    const fault = this.#passFile("write", file, position, source.length);
    const asked = bytesToWrite(fault, source.length);
    const count = this.volume.space.fitting(file, position, asked);
    if (count === 0 && asked > 0 && fault?.kind !== "partial-error") {
      throw new FileIOError("ENOSPC", { operation: "write", path: file.path });
    }
    if (count > 0) {
      this.#write(file, count === source.length ? source : source.subarray(0, count), position);
    }
    if (fault?.kind === "partial-error") {
      throw new FileIOError(fault.code, { operation: "write", path: file.path });
    }
    return count;
  }

  truncate(file: VirtualFile, bytes: number): void {
    this.#passFile("truncate", file, bytes, 0);
    this.volume.truncate(file, bytes);
    this.trace?.event("truncate", file.id, bytes);
  }

  preallocate(file: VirtualFile, bytes: number): void {
    this.#passFile("preallocate", file, bytes, 0);
    const wanted = Math.max(0, bytes - file.bytes);
    const count = this.volume.space.fitting(file, file.bytes, wanted);
    if (count > 0) {
      this.volume.extend(file, file.bytes + count);
      this.counters.writes += 1;
      this.counters.bytesWritten += count;
    }
    this.trace?.event("preallocate", file.id, bytes, count);
    if (count < wanted) {
      throw new FileIOError("ENOSPC", { operation: "preallocate", path: file.path });
    }
  }

  /** Makes what happened to a file up to a sequence number durable. */
  sync(file: VirtualFile, kind: SyncKind, through: number = this.sequence): void {
    this.counters.syncs += 1;
    this.trace?.event(kind, file.id, through);
    const fault = this.#passFile(kind, file, 0, 0);
    if (fault?.kind === "failed-sync") {
      this.volume.failSync(file, fault.storedPattern);
      throw new FileIOError(fault.code ?? "EIO", { operation: kind, path: file.path });
    }
    if (fault?.kind !== "lost-write") {
      this.volume.syncFile(file, kind, through);
      return;
    }
    for (const range of this.volume.syncFileLosing(file, { kind, through }, fault)) {
      this.trace?.event("replaced", file.id, range.from, range.to);
      this.faults?.mediaReplaced?.(range);
    }
  }

  /** The program lets go of a file: the last call that can report what went wrong before. */
  close(file: VirtualFile): void {
    this.#passFile("close", file, 0, 0);
  }

  /**
   * The program died, and perhaps what it ran on. Afterwards what survived is both visible and durable.
   * `landing` draws what becomes of the calls in flight. @defaultValue landing the same choices
   */
  crash(
    kind: CrashKind,
    choices: Choices,
    style?: CrashStyle,
    landing: Choices = choices,
  ): CrashSummary {
    const inFlight = this.inFlight.takeAll();
    let landed = 0;
    this.#gate.without(() => {
      for (const operation of inFlight) {
        landed += operation.land(landing) ? 1 : 0;
      }
    });
    this.#locked.clear();
    this.incarnation += 1;
    const outcome =
      kind === "process"
        ? OS_LIVED_ON
        : this.volume.lose({
            kind,
            choices,
            ...(style === undefined ? {} : { style }),
            ...(this.trace?.keepsLines === true ? { trace: this.trace } : {}),
          });
    const summary = { ...outcome, kind, inFlight: inFlight.length, landed };
    this.trace?.event("crash", kind, summary.style, landed, summary.unitsKept, summary.unitsLost);
    return summary;
  }

  /**
   * A copy, which shares bytes with this disk until either changes. Calls in flight and locks stay
   * behind: for the copy those calls did not happen.
   */
  clone(trace?: Trace): VirtualDisk {
    const options = { profile: this.profile, ...(trace === undefined ? {} : { trace }) };
    const copy = new VirtualDisk(options, this.volume.clone());
    copy.incarnation = this.incarnation;
    return copy;
  }

  #create(path: string, operation: string): VirtualFile {
    const file = this.volume.create(path, operation);
    this.trace?.event("create", file.id, path);
    return file;
  }

  #pass(kind: DiskOperationKind, path: string): void {
    this.#gate.pass({ kind, path, position: 0, bytes: 0 });
  }

  #passFile(
    kind: DiskOperationKind,
    { path }: VirtualFile,
    position: number,
    bytes: number,
  ): Fault | undefined {
    return this.#gate.pass({ kind, path, position, bytes });
  }

  #write(file: VirtualFile, source: Uint8Array, position: number): void {
    if (this.volume.media.refusesWrite(file, position, position + source.length)) {
      this.faults?.mediaFailed?.("write");
      throw new FileIOError("EIO", { operation: "write", path: file.path });
    }
    this.volume.write(file, source, position);
    this.counters.writes += 1;
    this.counters.bytesWritten += source.length;
    if (this.trace !== undefined) {
      this.trace.event("write", file.id, position, source.length);
      this.trace.bytes(source);
    }
  }
}

function emptyVolume({ profile, sectorBytes, capacityBytes }: VirtualDiskOptions): DiskVolume {
  assert(
    sectorBytes === undefined || (sectorBytes >= 512 && Number.isInteger(Math.log2(sectorBytes))),
    `a sector is a power of two from 512 bytes, not ${sectorBytes}`,
  );
  const used = sectorBytes === undefined ? profile : { ...profile, sectorBytes };
  return new DiskVolume(used, capacityBytes ?? Infinity);
}

/** As names lie on a disk: by their UTF-8 bytes, which is not the order of UTF-16 code units. */
function inByteOrder(one: string, other: string): number {
  const [a, b] = [utf8ByteString(one) ?? one, utf8ByteString(other) ?? other];
  return a < b ? -1 : Number(a > b);
}

/** A fault may let less through. */
function bytesToWrite(fault: Fault | undefined, bytes: number): number {
  return fault?.kind === "short" || fault?.kind === "partial-error"
    ? Math.min(bytes, Math.max(0, fault.bytes))
    : bytes;
}
