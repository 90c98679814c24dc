import type {
  FileHandle,
  FileIO,
  FileLock,
  FileStat,
  OpenMode,
} from "../../engine/platform/file-io.ts";
import type { Choices } from "../core/choices.ts";
import type { Scheduler } from "../core/scheduler.ts";
import { DEVICE_TIMINGS, type DeviceTiming, latencyUs, type SyncWork } from "./device-timing.ts";
import { type DiskAction, DiskCall, PlainAction } from "./disk-call.ts";
import type { DiskOperationKind } from "./disk-faults.ts";
import type { VirtualDisk } from "./virtual-disk.ts";
import { VirtualFileHandle } from "./virtual-file-handle.ts";

export interface VirtualFileIOOptions {
  readonly disk: VirtualDisk;
  readonly scheduler: Scheduler;
  /** Draws how long each call takes. */
  readonly latency: Choices;
  /** @defaultValue an NVMe drive */
  readonly timing?: DeviceTiming;
}

/**
 * The virtual disk as a program sees it. A call is made now, takes effect in a later step of the
 * scheduler, and resolves in that step; calls that are not awaited may take effect in any order. After
 * a crash of the disk nothing that the dead program called ever resolves, and its handles do nothing.
 */
export class VirtualFileIO implements FileIO {
  readonly disk: VirtualDisk;
  readonly #scheduler: Scheduler;
  readonly #latency: Choices;
  readonly #timing: DeviceTiming;

  constructor(options: VirtualFileIOOptions) {
    this.disk = options.disk;
    this.#scheduler = options.scheduler;
    this.#latency = options.latency;
    this.#timing = options.timing ?? DEVICE_TIMINGS.nvme;
  }

  open(path: string, mode: OpenMode): Promise<FileHandle> {
    return this.#plain("open", path, () => {
      return new VirtualFileHandle(this, this.disk.open(path, mode), mode);
    });
  }

  stat(path: string): Promise<FileStat | undefined> {
    return this.#plain("stat", path, () => this.disk.stat(path));
  }

  readDirectory(path: string): Promise<string[]> {
    return this.#plain("read-directory", path, () => this.disk.readDirectory(path));
  }

  makeDirectory(path: string): Promise<void> {
    return this.#plain("make-directory", path, () => this.disk.makeDirectory(path));
  }

  rename(from: string, to: string): Promise<void> {
    return this.#plain("rename", from, () => this.disk.rename(from, to));
  }

  unlink(path: string): Promise<void> {
    return this.#plain("unlink", path, () => this.disk.unlink(path));
  }

  syncDirectory(path: string): Promise<void> {
    const through = this.disk.sequence;
    return this.#plain("sync-directory", path, () => this.disk.syncDirectory(path, through));
  }

  lock(path: string): Promise<FileLock> {
    const { incarnation } = this.disk;
    return this.#plain("lock", path, () => {
      const file = this.disk.lock(path);
      const release = (): Promise<void> =>
        this.#plain("close", path, () => {
          // A lock ends with the program that took it: it must not end that of a later one.
          if (this.disk.incarnation === incarnation) {
            this.disk.unlock(file);
          }
        });
      return { release };
    });
  }

  /** Makes a call: its effect comes later, or never when the program dies first. */
  make<T>(action: DiskAction<T>, work?: SyncWork): Promise<T> {
    const { disk } = this;
    const call = new DiskCall(disk, action);
    let delayUs = latencyUs(this.#timing, action.kind, work);
    delayUs += this.#latency.below(delayUs);
    if (disk.faults?.delayUs !== undefined) {
      delayUs += disk.faults.delayUs(action.describe());
    }
    disk.inFlight.add(call);
    this.#scheduler.schedule(delayUs, () => call.execute());
    return call.promise;
  }

  #plain<T>(kind: DiskOperationKind, path: string, effect: () => T): Promise<T> {
    return this.make(new PlainAction({ kind, path, position: 0 }, effect));
  }
}
