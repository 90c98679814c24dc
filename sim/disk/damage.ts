/** One place where the medium no longer holds what was stored there. */
export interface Damage {
  readonly kind: "flip" | "unreadable";
  /** First byte. A flip damages one, an unreadable sector all of its bytes. */
  readonly from: number;
  readonly to: number;
  /** The flipped bit, 0 to 7; 0 for an unreadable sector. */
  readonly bit: number;
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

  /** Programs wrote these bytes. */
  overwritten(from: number, to: number): void {
    this.#change((damage) => (covers(damage, from, to) ? { ...damage, visible: false } : damage));
  }

  /** These bytes reached the medium. */
  stored(from: number, to: number): void {
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

  #change(change: (damage: Damage) => Damage): void {
    this.#items = this.#items.map(change).filter(({ visible, durable }) => visible || durable);
  }
}

function covers(damage: Damage, from: number, to: number): boolean {
  return damage.from >= from && damage.to <= to;
}
