import {
  assertPolicy,
  combinations,
  type DeviceName,
  type LabPolicy,
  PolicyError,
} from "../../sim/lab/index.ts";
import type { PolicyReport, TuningPoint, TuningReport } from "../../reports/lab/lab-report.ts";
import type { Candidate } from "./lab-campaign.ts";

/** More members than anybody waits for. */
const MEMBERS_MAX = 200;

/** Every member of a policy's family. @throws PolicyError */
export function familyOf({ policy, reference }: Candidate): Candidate[] {
  const { tune } = policy;
  if (tune === undefined) {
    throw new PolicyError(
      `policy "${policy.name}" cannot be tuned: it has no tune: { parameters, make }`,
    );
  }
  const members = combinations(tune.parameters);
  if (members.length > MEMBERS_MAX) {
    throw new PolicyError(
      `policy "${policy.name}" has ${members.length} combinations of its parameters: ${MEMBERS_MAX} are the most`,
    );
  }
  return members.map((values) => {
    const member: unknown = tune.make(values);
    assertPolicy(member, `policy "${policy.name}": what tune.make() returned`);
    return { policy: named(member, values), reference: { ...reference, values } };
  });
}

/** Members are told apart by name; a family that gives all the same gets its numbers appended. */
function named(member: LabPolicy, values: Readonly<Record<string, number>>): LabPolicy {
  const numbers = Object.entries(values).map(([name, value]) => `${name} ${value}`);
  return { ...member, name: /\d/.test(member.name) ? member.name : numbers.join(", ") };
}

export function tuningReport(
  policy: string,
  device: DeviceName,
  members: readonly { readonly report: PolicyReport; readonly candidate: Candidate }[],
): TuningReport {
  const points = members.flatMap(({ report, candidate }) => {
    const price = report.prices.find((one) => one.device === device);
    const worstMs = Math.max(0, ...report.crashes.map(({ loss }) => loss.milliseconds.worst));
    const { values = {} } = candidate.reference;
    return price === undefined
      ? []
      : [{ name: report.name, values, price, worstMs, verdict: report.verdict, onFront: false }];
  });
  return {
    policy,
    device,
    points: points.map((point) => Object.assign(point, { onFront: isOnFront(point, points) })),
  };
}

/** A broken promise is on no front: what it would lose is not known. */
function isOnFront(point: TuningPoint, points: readonly TuningPoint[]): boolean {
  return point.verdict === "held" && !points.some((other) => isBetter(other, point));
}

/** In nothing worse, and better in something: commits a second, p99 or worst loss. */
function isBetter(one: TuningPoint, other: TuningPoint): boolean {
  const differences = [
    one.price.commitsPerSecond - other.price.commitsPerSecond,
    other.price.p99Ms - one.price.p99Ms,
    other.worstMs - one.worstMs,
  ];
  return (
    one.verdict === "held" &&
    differences.every((difference) => difference >= 0) &&
    differences.some((difference) => difference > 0)
  );
}
