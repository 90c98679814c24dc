/** One transaction of a killed writer. Numbers count from 1 per round and client. */
export interface WriterTransaction {
  readonly round: number;
  readonly client: number;
  readonly number: number;
}

/** Policies that owe every acknowledged commit after the death of the process: all but `async`. */
export const POLICIES = ["sync", "os", "batch"] as const;

/** How many keys the transaction writes beside its client's head. */
export function partsOf({ client, number }: WriterTransaction): number {
  return 1 + ((client + number) % 5);
}

export function partKey({ round, client, number }: WriterTransaction, part: number): string {
  return `part/${round}/${client}/${number}/${part}`;
}

/** Tells which transaction and part it belongs to; lengths vary so that records meet every border. */
export function partText(id: WriterTransaction, part: number): string {
  const length = (id.number * 37 + part * 101 + id.client * 11) % 400;
  return `${partKey(id, part)}:${"x".repeat(length)}`;
}

/** Holds the number of the last transaction of this round and client. */
export function headKey({ round, client }: WriterTransaction): string {
  return `head/${round}/${client}`;
}
