import type { Choices } from "../core/choices.ts";
import type { Trace } from "../core/trace.ts";
import { applySurvival } from "./apply-survival.ts";
import { decideSurvival, type PendingState } from "./crash-image.ts";
import type { CrashStyle } from "./crash-style.ts";
import { type CrashOutcome, outcomeOf } from "./crash-summary.ts";
import { describeSurvival } from "./describe-survival.ts";
import type { VirtualDirectory } from "./directory-tree.ts";
import { DiskMedia, type PlacedDamage } from "./disk-media.ts";
import { DiskSpace } from "./disk-space.ts";
import { Namespace } from "./namespace.ts";
import type { LostWrite, ReplacedRange } from "./disk-faults.ts";
import { planLoss } from "./lost-write.ts";
import { type OwedSync, OwedSyncs, type SyncKind } from "./owed-syncs.ts";
import type { DiskProfile } from "./profiles.ts";
import { SIZE_UNCHANGED } from "./data-operation.ts";
import type { VirtualFile } from "./virtual-file.ts";

/** How a system dies that takes the program with it. */
export interface SystemCrash {
  readonly kind: "os" | "power";
  readonly choices: Choices;
  /** Drawn when not given. */
  readonly style?: CrashStyle;
  /** Is told piece by piece what survived. */
  readonly trace?: Trace;
}

/**
 * The state of a disk: names, files, blocks, damage, and the rules by which what is visible becomes
 * durable. Knows nothing of calls, faults and time.
 */
export class DiskVolume {
  readonly profile: DiskProfile;
  names: Namespace;
  space: DiskSpace;
  media: DiskMedia;
  /** Changes so far. A sync covers those up to the number when it was called. */
  sequence = 0;
  /** Files that a crash could change. */
  #dirty = new Set<VirtualFile>();
  /** Metadata up to this sequence number is in the journal. */
  #committed = 0;
  /** Syncs that a device reported and did not carry out yet. */
  #owed = new OwedSyncs();

  constructor(profile: DiskProfile, capacityBytes: number) {
    this.profile = profile;
    this.names = new Namespace(profile.tearBytes);
    this.space = new DiskSpace(profile, capacityBytes);
    this.media = new DiskMedia(profile);
  }

  /** Changes that a crash may take back: of files and of names. */
  get pendingCount(): number {
    let count = this.names.pending.length;
    for (const { pending } of this.#dirty) {
      count += pending.length;
    }
    return count;
  }

  /** What a crash of the system would decide. */
  get atStake(): PendingState {
    return {
      profile: this.profile,
      files: this.#filesAtStake(),
      names: this.names.pending,
      committed: this.#committed,
    };
  }

  create(path: string, operation: string): VirtualFile {
    return this.names.createFile(path, operation, this.#next());
  }

  makeDirectory(path: string): void {
    this.names.makeDirectory(path, this.#next());
  }

  removeDirectory(path: string): void {
    this.names.removeDirectory(path, this.#next());
  }

  rename(from: string, to: string): void {
    this.#orphaned(this.names.rename(from, to, this.#next()).orphan);
  }

  unlink(path: string): void {
    this.#orphaned(this.names.unlink(path, this.#next()).orphan);
  }

  write(file: VirtualFile, source: Uint8Array, position: number): void {
    const before = file.allocatedBytes;
    file.write(source, position, this.#next());
    this.#changed(file, before);
  }

  /** Appends zeros. */
  extend(file: VirtualFile, bytes: number): void {
    const before = file.allocatedBytes;
    file.extend(bytes, this.#next());
    this.#changed(file, before);
  }

  truncate(file: VirtualFile, bytes: number): void {
    const before = file.allocatedBytes;
    const sequence = this.#next();
    this.space.free(file, bytes, sequence);
    file.truncate(bytes, sequence);
    this.#changed(file, before);
  }

  /** A device that lies about syncs takes note of them instead. */
  syncFile(file: VirtualFile, kind: SyncKind, through: number): void {
    if (this.profile.syncsLie) {
      this.#owed.owe({ kind, file, through }).forEach((owed) => this.#carryOut(owed));
    } else {
      this.#storeFile(file, kind, through);
    }
  }

  /** A sync like any other, but that the device loses one of the writes. Returns what is replaced now. */
  syncFileLosing(
    file: VirtualFile,
    { kind, through }: { readonly kind: SyncKind; readonly through: number },
    fault: LostWrite,
  ): readonly ReplacedRange[] {
    const plan = planLoss(file, fault, through);
    this.#storeFile(file, kind, through);
    if (plan === undefined) {
      return [];
    }
    this.#dirty.add(file);
    return this.media.lose(file, fault, plan);
  }

  #storeFile(file: VirtualFile, kind: SyncKind, through: number): void {
    // A journal has nothing to do for a `datasync` of bytes in place: then it commits nothing else either.
    const commits = kind === "sync" || this.#hasMetadata(file, through);
    file.sync(through);
    if (commits) {
      this.#commitWith(file, through);
    }
    this.#clean(file);
  }

  /** Commits no names: ext4 and XFS give up before they come to their journal. */
  failSync(file: VirtualFile, storedPattern: number): void {
    if (this.profile.failedSyncShows === "old") {
      const before = file.allocatedBytes;
      file.failSyncShowingOld();
      this.space.usedBytes += file.allocatedBytes - before;
    } else {
      file.failSyncShowingNew(storedPattern);
    }
    this.#clean(file);
  }

  syncDirectory(directory: VirtualDirectory, through: number): void {
    if (this.profile.syncsLie) {
      const owed = this.#owed.owe({ kind: "directory", directory, through });
      owed.forEach((sync) => this.#carryOut(sync));
    } else {
      this.#storeDirectory(directory, through);
    }
  }

  #storeDirectory(directory: VirtualDirectory, through: number): void {
    if (this.profile.syncCommits === "earlier-metadata") {
      this.#commitMetadata(through);
    } else {
      this.names.commit(
        (operation) => operation.directory === directory && operation.sequence <= through,
      );
    }
  }

  /** Everything that ran is dead. Afterwards what survived is both visible and durable. */
  lose({ kind, choices, style, trace }: SystemCrash): CrashOutcome {
    const { profile } = this;
    // Without a power cut the device comes to write what it only has in its cache.
    this.#owed.settle(kind).forEach((owed) => this.#carryOut(owed));
    const { atStake } = this;
    const { names } = atStake;
    const survival = decideSurvival(atStake, {
      power: kind === "power" && !profile.powerLossProtection,
      choices,
      ...(style === undefined ? {} : { style }),
    });
    if (trace !== undefined) {
      describeSurvival(profile, survival, names).forEach((line) => trace.note("survival", line));
    }
    applySurvival(profile, survival, this.space.reusable(this.#committed));
    this.names.settle(survival.names);
    this.#dirty.clear();
    this.#committed = this.sequence;
    this.space.usedBytes = 0;
    for (const file of this.names.files("visible")) {
      this.space.usedBytes += file.allocatedBytes;
    }
    return outcomeOf(survival, names);
  }

  /** A copy, which shares bytes with this volume until either changes. */
  clone(): DiskVolume {
    const copy = new DiskVolume(this.profile, Infinity);
    const copies = new Map<VirtualFile, VirtualFile>();
    const copyOf = (file: VirtualFile): VirtualFile => {
      const known = copies.get(file) ?? file.clone();
      copies.set(file, known);
      return known;
    };
    copy.names = this.names.clone(copyOf);
    copy.#dirty = new Set([...this.#dirty].map(copyOf));
    copy.media = this.media.clone(copyOf);
    copy.space = this.space.clone();
    copy.#committed = this.#committed;
    copy.#owed = this.#owed.clone(copyOf);
    copy.sequence = this.sequence;
    return copy;
  }

  /** The damage to files that have a name or may get one back: nobody will ever read the others. */
  damages(): PlacedDamage[] {
    const { damagedFiles } = this.media;
    if (damagedFiles.size === 0) {
      return [];
    }
    const named = new Set([...this.names.files("visible"), ...this.names.files("durable")]);
    return [...damagedFiles]
      .filter((file) => named.has(file))
      .flatMap((file) => file.damage.items.map((damage) => ({ ...damage, path: file.path })));
  }

  /** Gives the memory of every file with a name back. Nothing may be used afterwards. */
  dispose(): void {
    const files = this.names.files("visible");
    for (const file of this.names.files("durable")) {
      files.add(file);
    }
    for (const file of files) {
      file.dispose();
    }
  }

  #carryOut(owed: OwedSync): void {
    if (owed.kind === "directory") {
      this.#storeDirectory(owed.directory, owed.through);
    } else {
      this.#storeFile(owed.file, owed.kind, owed.through);
    }
  }

  #next(): number {
    this.sequence += 1;
    return this.sequence;
  }

  #changed(file: VirtualFile, allocatedBefore: number): void {
    this.space.usedBytes += file.allocatedBytes - allocatedBefore;
    this.#dirty.add(file);
  }

  #clean(file: VirtualFile): void {
    if (!file.dirty) {
      this.#dirty.delete(file);
    }
  }

  #orphaned(orphan: VirtualFile | undefined): void {
    if (orphan !== undefined) {
      this.space.usedBytes -= orphan.allocatedBytes;
      this.space.free(orphan, 0, this.sequence);
    }
  }

  /** Whether reading the file's bytes back needs metadata that is not in the journal. */
  #hasMetadata(file: VirtualFile, through: number): boolean {
    const isNew = this.names.pending.some(
      ({ kind, node, sequence }) => kind === "link" && node === file && sequence <= through,
    );
    return (
      isNew ||
      file.pending.some(
        ({ sequence, sizeAfter, newFrom, to }) =>
          sequence <= through && (sizeAfter !== SIZE_UNCHANGED || newFrom < to),
      )
    );
  }

  /** Files that a crash could change, and that have a name or may get one back. */
  #filesAtStake(): VirtualFile[] {
    const dirty = [...this.#dirty];
    if (dirty.every(({ links }) => links > 0)) {
      return dirty;
    }
    const named = this.names.files("durable");
    for (const { node } of this.names.pending) {
      if (node.kind === "file") {
        named.add(node);
      }
    }
    return dirty.filter((file) => file.links > 0 || named.has(file));
  }

  #commitWith(file: VirtualFile, through: number): void {
    switch (this.profile.syncCommits) {
      case "nothing":
        return;
      case "earlier-metadata":
        this.#commitMetadata(through);
        return;
      case "own-names": {
        const chosen = this.names.namesOf(file, through);
        this.names.commit((operation) => chosen.has(operation));
      }
    }
  }

  #commitMetadata(through: number): void {
    this.#committed = Math.max(this.#committed, through);
    for (const { node, sequence, replaces } of this.names.commit(
      (operation) => operation.sequence <= through,
    )) {
      if (this.profile.renameFlushesData && replaces === true && node.kind === "file") {
        node.sync(sequence);
        this.#clean(node);
      }
    }
  }
}
