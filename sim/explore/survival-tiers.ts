import type { PendingLayout } from "./pending-units.ts";
import type { SurvivalPlan } from "./survival-script.ts";

/**
 * How far an enumeration goes at one crash point. Each tier holds those before it.
 *
 * - 0: everything survives, nothing does, or a prefix in the order of taking effect
 * - 1: all but one, or only one: of the units, of the operations, of the files; a file that grew in part;
 *   or one other thing that the profile may do (a journal that ends earlier, a block that shows what nobody
 *   wrote, a sector that the device damages)
 * - 2: all but two units, or only two; or two of the above together
 * - 3: every combination of units that what recovers can tell apart
 */
export type Tier = 0 | 1 | 2 | 3;

/** A plan, and how many of its tier's steps it is away from the plainest outcomes. */
export interface WeighedPlan {
  readonly plan: SurvivalPlan;
  readonly weight: number;
}

const NO_PARTS: ReadonlyMap<number, number> = new Map();

/** The plans of a tier, the gentlest first. Tier 3 begins with those of tier 2; see `LazySurvivals`. */
export function* plansOf(layout: PendingLayout, tier: Tier): Generator<WeighedPlan, void> {
  const count = layout.units.length;
  for (let kept = count; kept >= 0; kept -= 1) {
    yield { plan: planOf(new Uint8Array(count).fill(1, kept)), weight: 0 };
  }
  if (tier >= 1) {
    yield* flipped(layout, groupsOf(layout));
    yield* grownInPart(layout);
  }
  if (tier >= 2) {
    yield* flipped(layout, pairsOf(count));
  }
}

/** The same plan with one more of the draws behind the units not at its gentlest. */
export function* tailVariants(
  { plan, weight }: WeighedPlan,
  bounds: readonly number[],
): Generator<WeighedPlan, void> {
  for (let index = plan.tail.length; index < bounds.length; index += 1) {
    for (let value = 1; value < (bounds[index] ?? 0); value += 1) {
      const gentle = Array.from({ length: index - plan.tail.length }, () => 0);
      const tail = [...plan.tail, ...gentle, value];
      yield { plan: { ...plan, tail }, weight: weight + 1 };
    }
  }
}

export function planOf(lost: Uint8Array): SurvivalPlan {
  return { lost, parts: NO_PARTS, tail: [] };
}

interface Group {
  readonly units: readonly number[];
  readonly weight: number;
}

/** All but the group, and only the group. */
function* flipped({ units }: PendingLayout, groups: Iterable<Group>): Generator<WeighedPlan, void> {
  for (const { units: group, weight } of groups) {
    for (const others of [0, 1]) {
      const lost = new Uint8Array(units.length).fill(others);
      for (const unit of group) {
        lost[unit] = 1 - others;
      }
      yield { plan: planOf(lost), weight };
    }
  }
}

/** Single units, operations and files. */
function* groupsOf({ units, operations }: PendingLayout): Generator<Group, void> {
  for (const unit of units.keys()) {
    yield { units: [unit], weight: 1 };
  }
  const byFile = new Map<number, number[]>();
  for (const { first, end, file } of operations) {
    const own = Array.from({ length: end - first }, (_, index) => first + index);
    const ofFile = byFile.get(file) ?? [];
    byFile.set(file, ofFile);
    ofFile.push(...own);
    if (own.length > 1) {
      yield { units: own, weight: 1 };
    }
  }
  for (const ofFile of byFile.values()) {
    yield { units: ofFile, weight: 1 };
  }
}

function* pairsOf(count: number): Generator<Group, void> {
  for (let one = 0; one < count; one += 1) {
    for (let other = one + 1; other < count; other += 1) {
      yield { units: [one, other], weight: 2 };
    }
  }
}

/** All survives but that a file grew, by some pieces of the write and no more. */
function* grownInPart({ units, operations }: PendingLayout): Generator<WeighedPlan, void> {
  for (const [index, { end, partUnits }] of operations.entries()) {
    for (let part = 1; part < partUnits; part += 1) {
      const lost = new Uint8Array(units.length);
      lost[end - 1] = 1;
      yield { plan: { lost, parts: new Map([[index, part]]), tail: [] }, weight: 1 };
    }
  }
}

/** What each tier adds to those before it, in words. */
export const TIERS: Readonly<Record<Tier, string>> = {
  0: "everything, nothing and every prefix of what was not synced",
  1: "all but one and only one sector, operation or file; every size a write grew by in part; one stale or garbage block, one damaged sector or one shorter journal",
  2: "all but two and only two sectors, sizes or names; any two of the above together",
  3: "every combination of sectors, sizes and names that recovery can tell apart",
};
