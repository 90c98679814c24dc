import type { Database } from "../../engine/database.ts";
import * as seawall from "../../engine/index.ts";
import type { DeviceTiming } from "../disk/device-timing.ts";
import type { DiskFaults, DiskOperation } from "../disk/disk-faults.ts";
import { PROFILES } from "../disk/profiles.ts";
import { VirtualDisk } from "../disk/virtual-disk.ts";
import { type DeviceModel, type DeviceName, DEVICES, drawSyncUs } from "./devices.ts";
import { quantile } from "./distribution.ts";
import { GuardedPolicy } from "./guarded-policy.ts";
import { type LabPolicy, PolicyError } from "./lab-policy.ts";
import { type LabSteps, LabStuckError, LabWorld } from "./lab-world.ts";
import { MeteredFiles } from "./metered-files.ts";
import { withPolicySyncs } from "./omitted-syncs.ts";

/** What a policy costs under one load on one device. */
export interface Price {
  readonly commitsPerSecond: number;
  /** From the call of a commit to its acknowledgement. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly syncsPerCommit: number;
  /** Bytes given to the disk for each byte of keys and values. */
  readonly bytesPerByte: number;
}

/** The load under which prices are taken: clients that commit one small value after the other. */
export const PRICE_LOAD: {
  readonly clients: number;
  readonly valueBytes: number;
  readonly processorUs: number;
  readonly commitsMax: number;
  readonly virtualMsMax: number;
} = {
  clients: 16,
  valueBytes: 100,
  /** Of the one thread that the store runs on, for each commit; measured without any disk. */
  processorUs: 20,
  commitsMax: 6000,
  virtualMsMax: 3000,
};

export interface PriceOptions {
  readonly policy: LabPolicy;
  readonly device: DeviceName;
  readonly drain?: (() => void) | undefined;
}

/** Everything but syncs: the memory of the system. */
const MEMORY: DeviceTiming = {
  name: "memory",
  memoryUs: 8,
  nameUs: 12,
  syncUs: 1,
  growthUs: 1,
  bytesPerUs: 1_000_000,
};

/** Runs the load in virtual time. @throws PolicyError when the policy lets it stall. */
export function* stepPrice(options: PriceOptions): LabSteps<Price> {
  const disk = new VirtualDisk({ profile: PROFILES["ext4-ordered"] });
  const world = new LabWorld({
    seed: "price",
    disk,
    segmentBytes: 8 * 1024 * 1024,
    sectorBytes: 4096,
    timing: MEMORY,
    engine: seawall,
    drain: options.drain,
  });
  const meter = new MeteredFiles(world.files);
  const policy = new GuardedPolicy(options.policy);
  const files = withPolicySyncs(meter.files(), options.policy);
  try {
    const db = yield* world.value("opening a store", world.open(policy, files));
    disk.faults = new SyncLatency(DEVICES[options.device], meter, world);
    const load = new Load(world, db);
    const before = { syncs: meter.syncs, bytes: meter.bytesWritten };
    yield* world.value("the load", load.run());
    // What is still to be written and synced was part of the price.
    yield* world.value("the last sync", db.sync());
    return load.price(meter.syncs - before.syncs, meter.bytesWritten - before.bytes);
  } catch (error) {
    throw stalled(error, policy);
  } finally {
    disk.dispose();
  }
}

function stalled(error: unknown, policy: GuardedPolicy): unknown {
  if (policy.error !== undefined) {
    return policy.error;
  }
  return error instanceof LabStuckError
    ? new PolicyError(
        `policy "${policy.name}" leaves commits waiting for ever: with ${PRICE_LOAD.clients} clients that wait ` +
          "for their acknowledgements nothing happens any more",
      )
    : error;
}

class SyncLatency implements DiskFaults {
  private readonly device: DeviceModel;
  private readonly meter: MeteredFiles;
  private readonly world: LabWorld;

  constructor(device: DeviceModel, meter: MeteredFiles, world: LabWorld) {
    this.device = device;
    this.meter = meter;
    this.world = world;
  }

  beforeOperation(): undefined {
    return undefined;
  }

  delayUs({ kind, path }: DiskOperation): number {
    if (kind !== "datasync" && kind !== "sync" && kind !== "sync-directory") {
      return 0;
    }
    const bytes = this.meter.unsyncedBytes.get(path) ?? 0;
    return drawSyncUs(this.device, bytes, this.world.streams.stream("device"));
  }
}

class Load {
  private readonly world: LabWorld;
  private readonly db: Database;
  private readonly latenciesMs: number[] = [];
  private readonly value = "v".repeat(PRICE_LOAD.valueBytes);
  private readonly beganUs: number;
  private endedUs: number;
  private processorFreeUs = 0;
  private begun = 0;

  constructor(world: LabWorld, db: Database) {
    this.world = world;
    this.db = db;
    this.beganUs = world.scheduler.nowUs;
    this.endedUs = this.beganUs;
  }

  async run(): Promise<void> {
    const clients = Array.from({ length: PRICE_LOAD.clients }, (_, index) => this.client(index));
    await Promise.all(clients);
  }

  price(syncs: number, bytesWritten: number): Price {
    const commits = this.latenciesMs.length;
    const sorted = this.latenciesMs.toSorted((a, b) => a - b);
    const bytes = commits * (PRICE_LOAD.valueBytes + KEY_BYTES);
    return {
      commitsPerSecond: (commits * 1_000_000) / Math.max(1, this.endedUs - this.beganUs),
      p50Ms: quantile(sorted, 0.5),
      p99Ms: quantile(sorted, 0.99),
      syncsPerCommit: syncs / commits,
      bytesPerByte: bytesWritten / bytes,
    };
  }

  private async client(index: number): Promise<void> {
    const { scheduler } = this.world;
    while (this.begun < PRICE_LOAD.commitsMax && !this.isOver) {
      const key = String(this.begun % 1000).padStart(KEY_BYTES - 2, "0");
      this.begun += 1;
      const beganUs = await this.processor();
      await this.db.put(`${key}${String(index).padStart(2, "0")}`, this.value);
      this.endedUs = scheduler.nowUs;
      this.latenciesMs.push((scheduler.nowUs - beganUs) / 1000);
    }
  }

  private get isOver(): boolean {
    return this.world.scheduler.nowUs - this.beganUs > PRICE_LOAD.virtualMsMax * 1000;
  }

  /** Waits for the one thread and uses it; resolves to when it began to. */
  private processor(): Promise<number> {
    const { scheduler } = this.world;
    const fromUs = Math.max(scheduler.nowUs, this.processorFreeUs);
    this.processorFreeUs = fromUs + PRICE_LOAD.processorUs;
    return new Promise((resolve) => {
      scheduler.schedule(this.processorFreeUs - scheduler.nowUs, () => resolve(fromUs));
    });
  }
}

const KEY_BYTES = 16;
