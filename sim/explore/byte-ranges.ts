/** Bytes from `from` to before `to`. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

/** A set of bytes of one file. */
export class ByteRanges {
  #ranges: ByteRange[] = [];

  add(range: ByteRange): void {
    let { from, to } = range;
    const apart = this.#ranges.filter((other) => other.to < from || other.from > to);
    for (const other of this.#ranges) {
      if (!apart.includes(other)) {
        from = Math.min(from, other.from);
        to = Math.max(to, other.to);
      }
    }
    this.#ranges = [...apart, { from, to }];
  }

  covers({ from, to }: ByteRange): boolean {
    return this.#ranges.some((range) => range.from <= from && range.to >= to);
  }
}
