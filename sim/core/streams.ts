import {
  type Choices,
  type Divergence,
  PrngChoices,
  RecordingChoices,
  ReplayedChoices,
} from "./choices.ts";

/** What every stream of a run answered, by the name of the stream. Plain data. */
export type ChoiceTapes = Record<string, readonly number[]>;

export type OffTape = "gentlest" | "seed";

export interface StreamsOptions {
  /** Keep what is drawn, for `tapes()`. */
  readonly record?: boolean;
  /** Play these back instead of drawing. A stream without a tape is a stream whose tape has ended. */
  readonly tapes?: ChoiceTapes;
  /** What a stream answers when its tape has ended or does not fit. @defaultValue "gentlest" */
  readonly offTape?: OffTape;
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
  readonly #sources = new Map<string, Choices>();
  /** The seed that took over from the tapes. */
  #leftFor: string | undefined;
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

  /**
   * A part of a stream that has a tape of its own, `name/key`: it draws what the stream would draw, but what
   * is cut from its tape does not move the choices of other parts. Where there are tapes with one for the
   * whole stream, as older records have them, it is played from that one.
   */
  section(name: string, key: number | string): Choices {
    const tape = `${name}/${key}`;
    const { tapes } = this.#options;
    let section = this.#streams.get(tape);
    if (section === undefined) {
      const shares = tapes === undefined || Object.hasOwn(tapes, name);
      section = this.#recording(tape, shares ? this.#source(name) : this.#played(tape, name));
      this.#streams.set(tape, section);
    }
    return section;
  }

  /** From here on every stream draws afresh, from another seed, whatever is left on its tape. */
  leaveTapes(seed: string): void {
    this.#leftFor = seed;
    this.#sources.clear();
    for (const [name, replayed] of this.#replayed) {
      replayed.leave(this.#seeded(name));
    }
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
    return this.#recording(name, this.#source(name));
  }

  #recording(name: string, source: Choices): Choices {
    if (this.#options.record !== true) {
      return source;
    }
    const recording = new RecordingChoices(source);
    this.#recorded.set(name, recording);
    return recording;
  }

  #source(name: string): Choices {
    return this.#options.tapes === undefined ? this.#seeded(name) : this.#played(name, name);
  }

  /** Plays a tape; where it ends, what `seededAs` would draw, or the gentlest. */
  #played(name: string, seededAs: string): Choices {
    let replayed = this.#replayed.get(name);
    if (replayed === undefined) {
      const { tapes = {}, offTape } = this.#options;
      const tape = Object.hasOwn(tapes, name) ? (tapes[name] ?? []) : [];
      replayed = new ReplayedChoices(tape, offTape === "seed" ? this.#seeded(seededAs) : undefined);
      if (this.#leftFor !== undefined) {
        replayed.leave(this.#seeded(name));
      }
      this.#replayed.set(name, replayed);
    }
    return replayed;
  }

  #seeded(name: string): Choices {
    let seeded = this.#sources.get(name);
    if (seeded === undefined) {
      seeded = new PrngChoices(`${this.#leftFor ?? this.seed}/${name}`);
      this.#sources.set(name, seeded);
    }
    return seeded;
  }
}

/** Choices of 0 at the end of a tape are what follows it anyway. */
export function calmEnded(tapes: ChoiceTapes): ChoiceTapes {
  const ended: Record<string, readonly number[]> = {};
  for (const [name, tape] of Object.entries(tapes)) {
    const last = tape.findLastIndex((choice) => choice !== 0);
    if (last >= 0) {
      ended[name] = tape.slice(0, last + 1);
    }
  }
  return ended;
}
