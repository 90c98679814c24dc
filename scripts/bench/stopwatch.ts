/** How far a measured loop came. */
export interface Lap {
  readonly steps: number;
  readonly elapsedMs: number;
}

/** Before measuring, so long for every hundred milliseconds of it: the compiler should have done its work. */
const WARM_UP_SHARE = 0.3;

/** Looking at the clock costs as much as a fast step: it is read once for so many. */
const STEPS_PER_LOOK = 16;
const SYNC_STEPS_PER_LOOK = 64;

export type Step = (step: number) => Promise<unknown> | undefined;

/** Repeats an asynchronous step, one at a time, until the budget is used up. Step numbers go on from warm-up. */
export async function timeSteps(budgetMs: number, step: Step): Promise<Lap> {
  const warm = await repeat(budgetMs * WARM_UP_SHARE, 0, step);
  return await repeat(budgetMs, warm.steps, step);
}

/**
 * The same without a hop between two steps. A step says whether it found something: what nobody looks at,
 * the compiler leaves out.
 */
export function timeSyncSteps(budgetMs: number, step: (step: number) => boolean): Lap {
  const warm = repeatSync(budgetMs * WARM_UP_SHARE, 0, step);
  return repeatSync(budgetMs, warm.steps, step);
}

/** Several clients, each repeating its steps; counts the steps of all. */
export async function timeClients(clients: number, budgetMs: number, step: Step): Promise<Lap> {
  const round = async (ms: number, first: number): Promise<Lap> => {
    let next = first;
    const start = performance.now();
    const client = async (): Promise<void> => {
      while (performance.now() - start < ms) {
        next += 1;
        await step(next);
      }
    };
    await Promise.all(Array.from({ length: clients }, client));
    return { steps: next - first, elapsedMs: performance.now() - start };
  };
  const warm = await round(budgetMs * WARM_UP_SHARE, 0);
  return await round(budgetMs, warm.steps);
}

async function repeat(budgetMs: number, first: number, step: Step): Promise<Lap> {
  const start = performance.now();
  let steps = 0;
  let elapsedMs = 0;
  while (elapsedMs < budgetMs) {
    for (let i = 0; i < STEPS_PER_LOOK; i += 1, steps += 1) {
      await step(first + steps);
    }
    elapsedMs = performance.now() - start;
  }
  return { steps, elapsedMs };
}

function repeatSync(budgetMs: number, first: number, step: (step: number) => boolean): Lap {
  const start = performance.now();
  let steps = 0;
  let found = 0;
  let elapsedMs = 0;
  while (elapsedMs < budgetMs) {
    for (let i = 0; i < SYNC_STEPS_PER_LOOK; i += 1, steps += 1) {
      found += step(first + steps) ? 1 : 0;
    }
    elapsedMs = performance.now() - start;
  }
  if (found !== steps) {
    throw new Error(`${steps - found} of ${steps} steps found nothing`);
  }
  return { steps, elapsedMs };
}
