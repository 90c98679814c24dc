import type { CampaignReport } from "./campaign-report.ts";

const COUNTS = {
  seeds: 1000,
  repeated: 50,
  crashes: 2400,
  operations: 200_000,
  checks: 41_000,
  steps: 900_000,
  unchecked: 0,
  virtualMs: 65_000,
  broken: 0,
};

/** A complete campaign in which everything held, to vary in tests. */
export function sampleReport(changes: Partial<CampaignReport> = {}): CampaignReport {
  return {
    schema: "seawall-campaign",
    version: 1,
    engineVersion: "0.0.0",
    complete: true,
    verdict: "held",
    seeds: { first: 1, planned: 2000 },
    workers: 2,
    elapsedMs: 8000,
    traceHash: "0123456789abcdef",
    totals: { ...COUNTS, seeds: 2000 },
    cells: [
      { policy: "sync", profile: "paranoid", ...COUNTS },
      { policy: "sync", profile: "xfs", ...COUNTS },
    ],
    ledger: { "lost-write": { armed: 3, fired: 2, reached: 2, judged: 2 } },
    probes: { "tail-trimmed": 31, "read-error": 0 },
    failures: [],
    untrusted: [],
    ...changes,
  };
}

/** The same campaign with one broken and one hung seed. */
export function sampleFailingReport(): CampaignReport {
  const plain = sampleReport();
  return sampleReport({
    verdict: "untrusted",
    totals: { ...plain.totals, broken: 1 },
    cells: [
      { policy: "sync", profile: "paranoid", ...COUNTS },
      { policy: "sync", profile: "xfs", ...COUNTS, broken: 1 },
    ],
    failures: [
      {
        seed: 77,
        policy: "sync",
        profile: "xfs",
        property: "P1",
        message: "commit 12 is gone & <lost>",
        details: ["acknowledged at step 90"],
        traceHash: "00000000000000aa",
        record: "reports/out/failures/77.json",
        replay: "npx seawall replay reports/out/failures/77.json",
      },
    ],
    untrusted: [
      {
        seed: 80,
        policy: "sync",
        profile: "paranoid",
        kind: "hung",
        message: "the run did not end within 20 s and was stopped",
        replay: "npx seawall replay 80",
      },
    ],
  });
}
