/** Lets so much work run at a time, in the order in which it came, but what is urgent first. */
export class Turns {
  private free: number;
  private readonly waiting: (() => void)[] = [];

  constructor(atOnce: number) {
    this.free = atOnce;
  }

  /** Urgent work is next: what takes long must not be left to the end, when others have nothing to do. */
  async take<T>(work: () => T | Promise<T>, urgency: "urgent" | "in-turn" = "in-turn"): Promise<T> {
    if (this.free > 0) {
      this.free -= 1;
    } else {
      await new Promise<void>((resolve) => {
        if (urgency === "urgent") {
          this.waiting.unshift(resolve);
        } else {
          this.waiting.push(resolve);
        }
      });
    }
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) {
        this.free += 1;
      } else {
        next();
      }
    }
  }
}
