/** Every combination of one value for each name, in the order of the lists. */
export function combinations(
  lists: Readonly<Record<string, readonly number[]>>,
): Record<string, number>[] {
  let all: [string, number][][] = [[]];
  for (const [name, values] of Object.entries(lists)) {
    all = all.flatMap((chosen) =>
      values.map((value): [string, number][] => chosen.concat([[name, value]])),
    );
  }
  return all.map((chosen) => Object.fromEntries(chosen));
}
