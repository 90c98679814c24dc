/** One place where the medium no longer holds what was stored there. */
export interface Damage {
  readonly kind: "flip" | "unreadable" | "replaced";
  /** First byte. A flip damages one, the others all of their bytes. */
  readonly from: number;
  readonly to: number;
  /** The flipped bit, 0 to 7; otherwise 0. */
  readonly bit: number;
  /** Of replaced bytes: what was stored, or should have been. */
  readonly truth?: Uint8Array;
  /** Whether reads meet it; not when a write that is still pending covers it. */
  readonly visible: boolean;
  /** Whether a crash brings it back. */
  readonly durable: boolean;
}

/**
 * The damage to one file, kept beside its bytes: the ground truth that lets a fault be undone and a
 * repair be verified. Overwriting heals.
 */
export class DamageList {
  #items: Damage[] = [];

  get items(): readonly Damage[] {
    return this.#items;
  }

  add(damage: Damage): void {
    this.#items.push(damage);
  }

  /** Forgets all of it, giving it back. */
  take(): readonly Damage[] {
    const items = this.#items;
    this.#items = [];
    return items;
  }

  /** Forgets what was replaced in a range, cut to the range, and gives it back. */
  takeReplaced(from: number, to: number): readonly Damage[] {
    this.#split(from, to);
    const isInside = (damage: Damage): boolean =>
      damage.kind === "replaced" && covers(damage, from, to);
    const taken = this.#items.filter(isInside);
    this.#items = this.#items.filter((damage) => !isInside(damage));
    return taken;
  }

  /** Programs wrote these bytes. */
  overwritten(from: number, to: number): void {
    this.#split(from, to);
    this.#change((damage) => (covers(damage, from, to) ? { ...damage, visible: false } : damage));
  }

  /** These bytes reached the medium. */
  stored(from: number, to: number): void {
    this.#split(from, to);
    this.#change((damage) => (covers(damage, from, to) ? { ...damage, durable: false } : damage));
  }

  /** Only the medium is left, of which `bytes` belong to the file. */
  revert(bytes: number): void {
    this.#change((damage) => {
      const left = damage.durable && damage.from < bytes;
      return { ...damage, visible: left, durable: left };
    });
  }

  /** Whether reading these bytes meets damage of that kind. */
  meets(kind: Damage["kind"], from: number, to: number): boolean {
    return this.#items.some(
      (damage) => damage.kind === kind && damage.visible && damage.from < to && damage.to > from,
    );
  }

  copy(): DamageList {
    const copy = new DamageList();
    copy.#items = this.#items.slice();
    return copy;
  }

  /** Bytes that were replaced are damage each for itself: what is written over a part heals that part. */
  #split(from: number, to: number): void {
    if (this.#items.some((damage) => isCut(damage, from, to))) {
      this.#items = this.#items.flatMap((damage) =>
        isCut(damage, from, to) ? pieces(damage, from, to) : [damage],
      );
    }
  }

  #change(change: (damage: Damage) => Damage): void {
    this.#items = this.#items.map(change).filter(({ visible, durable }) => visible || durable);
  }
}

function isCut(damage: Damage, from: number, to: number): boolean {
  const meets = damage.from < to && damage.to > from;
  return damage.kind === "replaced" && meets && !covers(damage, from, to);
}

/** The same damage, cut at both offsets as far as they lie in it. */
function pieces(damage: Damage, from: number, to: number): readonly Damage[] {
  const cuts = [damage.from, from, to, damage.to].filter(
    (cut) => cut >= damage.from && cut <= damage.to,
  );
  return cuts.slice(1).flatMap((end, index) => {
    const start = cuts[index] ?? end;
    const { truth } = damage;
    const part = truth?.subarray(start - damage.from, end - damage.from);
    const rest = part === undefined ? {} : { truth: part };
    return start < end ? [{ ...damage, from: start, to: end, ...rest }] : [];
  });
}

function covers(damage: Damage, from: number, to: number): boolean {
  return damage.from >= from && damage.to <= to;
}
