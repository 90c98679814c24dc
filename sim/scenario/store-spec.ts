export type PolicySpec =
  | { readonly kind: "sync" }
  | {
      readonly kind: "batch";
      readonly commits: number;
      readonly bytes: number;
      readonly delayMs: number;
    }
  | { readonly kind: "async"; readonly intervalMs: number; readonly bytes: number }
  | { readonly kind: "os" };

export type PolicyName = PolicySpec["kind"];

export const POLICY_NAMES: readonly PolicyName[] = ["sync", "batch", "async", "os"];

export type IsolationName = "read-committed" | "snapshot" | "serializable";

/** What is missing has the engine's default: records made before the option existed do not name it. */
export interface EngineSpec {
  readonly segmentBytes: number;
  readonly sectorBytes: number;
  readonly batchBytesMax: number;
  readonly isolation: IsolationName;
  readonly pageBytes?: number;
  readonly cacheBytes?: number;
  readonly checkpointBytes?: number;
  readonly transactionBytesMax?: number;
  readonly copies?: 1 | 2;
}

/** Also where the scenario leaves it to the engine. */
export function pageBytesOf({ pageBytes = 8192 }: EngineSpec): number {
  return pageBytes;
}
