/** What bytes inside a file's size look like when the write that brought them was lost. */
export type Fill = "zeros" | "stale" | "garbage";

/**
 * What a file system on a device may do to operations that were not synced. Sources: the ext4 and XFS
 * documentation, the crash studies ALICE and BOB (OSDI 2014), and the power-fault study of FAST 2013.
 */
export interface DiskProfile {
  readonly name: string;
  readonly about: string;

  /**
   * How creations, renames, removals and truncations survive: `prefix`, those before some moment and
   * none after it (a journal), or `independent`, any of them.
   */
  readonly metadataOrder: "prefix" | "independent";

  /** What else becomes durable when a file is synced. Portable programs count on `nothing`. */
  readonly syncCommits: "nothing" | "own-names" | "earlier-metadata";

  /** Whether a rename survives whole. If not, the old name, the new, both or neither may be there. */
  readonly renameAtomic: boolean;

  /** Whether a surviving rename over an existing file brings the data written to the file before it. */
  readonly renameFlushesData: boolean;

  /**
   * What must be on the device before the size that a write gave the file can be: the blocks it newly
   * allocated, all its data, or nothing.
   */
  readonly sizeWaitsFor: "nothing" | "new-blocks" | "data";

  /** What may be found in a newly allocated block whose write was lost; the gentlest first. */
  readonly exposes: readonly Fill[];

  /** Un-synced writes tear at multiples of this many bytes; such a unit is old or new, never a mix. */
  readonly tearBytes: number;

  /** The device's physical sector. Matters when `damagesSectors`. */
  readonly sectorBytes: number;

  /**
   * Whether a power cut may leave rubbish in a whole sector that an un-synced write touched, also in
   * its synced part: the opposite of what SQLite calls powersafe overwrite.
   */
  readonly damagesSectors: boolean;

  /** Whether the device finishes what it accepted when the power goes. */
  readonly powerLossProtection: boolean;

  /**
   * Whether the device reports a sync while the bytes are only in its volatile cache: then a power cut
   * may take any of the last writes, synced or not, as if no sync had been called.
   */
  readonly syncsLie: boolean;

  /** Whether a damaged byte is reported as `EIO` instead of being returned. */
  readonly dataChecksums: boolean;

  /** What reads show after a failed sync: the bytes that were never written, or the old ones. */
  readonly failedSyncShows: "new" | "old";

  /**
   * Whether a sync that could not store something says so itself, or may report success and leave the error to
   * the next sync or close, as ext4 with data=journal does (ATC 2020).
   */
  readonly failedSyncReports: "at-once" | "maybe-later";
}

/** File systems allocate in blocks of this many bytes. */
export const BLOCK_BYTES = 4096;

export const PROFILE_NAMES = [
  "paranoid",
  "ext4-ordered",
  "ext4-writeback",
  "xfs",
  "btrfs",
  "nvme-plp",
  "lying-drive",
] as const;

export type ProfileName = (typeof PROFILE_NAMES)[number];

const EXT4_ORDERED: DiskProfile = {
  name: "ext4-ordered",
  about: "ext4 with data=ordered, its default: new blocks reach the disk before they are visible",
  metadataOrder: "prefix",
  syncCommits: "earlier-metadata",
  renameAtomic: true,
  renameFlushesData: true,
  sizeWaitsFor: "new-blocks",
  exposes: ["zeros"],
  tearBytes: 512,
  sectorBytes: 512,
  damagesSectors: false,
  powerLossProtection: false,
  syncsLie: false,
  dataChecksums: false,
  failedSyncShows: "new",
  failedSyncReports: "at-once",
};

export const PROFILES: Readonly<Record<ProfileName, DiskProfile>> = {
  paranoid: {
    name: "paranoid",
    about: "everything that POSIX does not forbid: no order at all, torn and damaged sectors",
    metadataOrder: "independent",
    syncCommits: "nothing",
    renameAtomic: false,
    renameFlushesData: false,
    sizeWaitsFor: "nothing",
    exposes: ["zeros", "stale", "garbage"],
    tearBytes: 512,
    sectorBytes: 512,
    damagesSectors: true,
    powerLossProtection: false,
    syncsLie: false,
    dataChecksums: false,
    failedSyncShows: "new",
    failedSyncReports: "maybe-later",
  },
  "ext4-ordered": EXT4_ORDERED,
  "ext4-writeback": {
    ...EXT4_ORDERED,
    name: "ext4-writeback",
    about: "ext4 with data=writeback: a file may grow before its data arrives, and show old blocks",
    renameFlushesData: false,
    sizeWaitsFor: "nothing",
    exposes: ["zeros", "stale", "garbage"],
  },
  xfs: {
    ...EXT4_ORDERED,
    name: "xfs",
    about: "XFS: a file grows only after its data arrived; a rename does not wait for data",
    renameFlushesData: false,
    sizeWaitsFor: "data",
  },
  btrfs: {
    ...EXT4_ORDERED,
    name: "btrfs",
    about:
      "a copy-on-write file system: blocks are never torn, rot is reported, syncs log one file",
    syncCommits: "own-names",
    renameFlushesData: false,
    sizeWaitsFor: "data",
    tearBytes: BLOCK_BYTES,
    sectorBytes: BLOCK_BYTES,
    dataChecksums: true,
    failedSyncShows: "old",
  },
  "nvme-plp": {
    ...EXT4_ORDERED,
    name: "nvme-plp",
    about: "ext4 on an NVMe drive with power-loss protection that writes 4 KiB blocks atomically",
    tearBytes: BLOCK_BYTES,
    sectorBytes: BLOCK_BYTES,
    powerLossProtection: true,
  },
  "lying-drive": {
    ...EXT4_ORDERED,
    name: "lying-drive",
    about: "ext4 on a drive that ignores flushes: a power cut takes what was synced a moment ago",
    renameFlushesData: false,
    sizeWaitsFor: "nothing",
    exposes: ["zeros", "stale", "garbage"],
    syncsLie: true,
    failedSyncReports: "maybe-later",
  },
};

/** Profiles on which a sync that succeeded has made durable what it covers: where promises can be kept. */
export const HONEST_PROFILE_NAMES: readonly ProfileName[] = PROFILE_NAMES.filter(
  (name) => !PROFILES[name].syncsLie,
);
