import type { FaultPlan } from "../scenario/fault-plan.ts";
import type { FileGroup } from "../scenario/file-group.ts";
import type { CallNumber } from "./call-counts.ts";

type Numbered = Extract<FaultPlan, { readonly nth: number; readonly on?: FileGroup }>;

type PlanOf<Kind, Plan = Numbered> = Plan extends { readonly kind: infer Kinds }
  ? Kind extends Kinds
    ? Plan
    : never
  : never;

/** The faults that strike one call each, by its number; what has struck is crossed out. */
export class PlanBook {
  life = 0;
  readonly #plan: readonly FaultPlan[];
  readonly #done = new Set<FaultPlan>();

  constructor(plan: readonly FaultPlan[]) {
    this.#plan = plan;
  }

  /** The plan of that kind which strikes this call. */
  due<Kind extends Numbered["kind"]>(kind: Kind, number: CallNumber): PlanOf<Kind> | undefined {
    for (const plan of this.#plan) {
      if (isOfKind(plan, kind) && plan.life === this.life && isMeant(plan, number)) {
        if (this.crossOut(plan)) {
          return plan;
        }
      }
    }
    return undefined;
  }

  /** False when that has happened before. */
  crossOut(plan: FaultPlan): boolean {
    const isNew = !this.#done.has(plan);
    this.#done.add(plan);
    return isNew;
  }
}

function isOfKind<Kind extends Numbered["kind"]>(
  plan: FaultPlan,
  kind: Kind,
): plan is PlanOf<Kind> & FaultPlan {
  return plan.kind === kind;
}

function isMeant(
  { nth, on }: { readonly nth: number; readonly on?: FileGroup },
  { overall, group, inGroup }: CallNumber,
): boolean {
  return on === undefined ? nth === overall : on === group && nth === inGroup;
}
