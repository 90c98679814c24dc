/** Whole numbers with a comma for each thousand: LSNs are long. */
export function grouped(value: number): string {
  return value.toFixed(0).replace(/\B(?=(\d{3})+$)/g, ",");
}

export function counted(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}

/** One line: what it is about, in a column of its own, and the rest. */
export function line(about: string, ...rest: readonly string[]): string {
  return `${about.padEnd(13)}${rest.filter((part) => part !== "").join(", ")}`.trimEnd();
}

/** As everywhere in messages: ids in hexadecimal. */
export function hex(id: number): string {
  return id.toString(16);
}
