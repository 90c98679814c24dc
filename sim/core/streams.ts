import {
  type Choices,
  type Divergence,
  PrngChoices,
  RecordingChoices,
  ReplayedChoices,
} from "./choices.ts";

/** What every stream of a run answered, by the name of the stream. Plain data. */
export type ChoiceTapes = Record<string, readonly number[]>;

export interface StreamsOptions {
  /** Keep what is drawn, for `tapes()`. */
  readonly record?: boolean;
  /** Play these back instead of drawing. A stream without a tape is a stream whose tape has ended. */
  readonly tapes?: ChoiceTapes;
  /** What a stream answers when its tape has ended or does not fit. @defaultValue "gentlest" */
  readonly offTape?: "gentlest" | "seed";
}

/** A divergence, and in which stream. */
export interface StreamDivergence extends Divergence {
  readonly stream: string;
}

/**
 * Independent named sources of choices under one seed: one per purpose, so that a new draw in one never
 * shifts another, and a fault that is switched off draws nothing.
 */
export class Streams {
  readonly seed: string;
  readonly #options: StreamsOptions;
  readonly #streams = new Map<string, Choices>();
  readonly #recorded = new Map<string, RecordingChoices>();
  readonly #replayed = new Map<string, ReplayedChoices>();

  constructor(seed: string, options: StreamsOptions = {}) {
    this.seed = seed;
    this.#options = options;
  }

  /** The stream of that name; always the same object. */
  stream(name: string): Choices {
    let stream = this.#streams.get(name);
    if (stream === undefined) {
      stream = this.#make(name);
      this.#streams.set(name, stream);
    }
    return stream;
  }

  /** What was drawn so far. Empty unless recording; streams that drew nothing are left out. */
  tapes(): Record<string, number[]> {
    const tapes: Record<string, number[]> = {};
    for (const [name, recorded] of this.#recorded) {
      if (recorded.taken.length > 0) {
        tapes[name] = recorded.taken.slice();
      }
    }
    return tapes;
  }

  /** The first divergence of each stream that left its tape, in the order the streams were made. */
  divergences(): StreamDivergence[] {
    const found: StreamDivergence[] = [];
    for (const [stream, replayed] of this.#replayed) {
      if (replayed.divergence !== undefined) {
        found.push({ stream, ...replayed.divergence });
      }
    }
    return found;
  }

  /** True when every tape was played to its end and none was left. */
  get exact(): boolean {
    const tapes = this.#options.tapes ?? {};
    const played = Object.keys(tapes).every(
      (name) => (this.#replayed.get(name)?.left ?? tapes[name]?.length ?? 0) === 0,
    );
    return played && this.divergences().length === 0;
  }

  #make(name: string): Choices {
    const source = this.#source(name);
    if (this.#options.record !== true) {
      return source;
    }
    const recording = new RecordingChoices(source);
    this.#recorded.set(name, recording);
    return recording;
  }

  #source(name: string): Choices {
    const tapes = this.#options.tapes;
    if (tapes === undefined) {
      return this.#seeded(name);
    }
    const tape = Object.hasOwn(tapes, name) ? (tapes[name] ?? []) : [];
    const fallback = this.#options.offTape === "seed" ? this.#seeded(name) : undefined;
    const replayed = new ReplayedChoices(tape, fallback);
    this.#replayed.set(name, replayed);
    return replayed;
  }

  #seeded(name: string): Choices {
    return new PrngChoices(`${this.seed}/${name}`);
  }
}
