import { type Choices, pick } from "../core/choices.ts";
import { Streams } from "../core/streams.ts";
import { Trace } from "../core/trace.ts";
import type { CrashKind } from "../disk/crash-summary.ts";
import { VirtualDisk } from "../disk/virtual-disk.ts";
import { type CrashPoint, CrashPoints } from "./crash-points.ts";
import { drawWrites } from "./draw-writes.ts";
import { ForeignWorld } from "./foreign-world.ts";
import {
  CorruptSubjectError,
  type OpenSubject,
  type Outcome,
  RunawaySubjectError,
  type Subject,
  type SubjectEffort,
} from "./subject.ts";
import { type Contents, type Found, type Progress, SubjectHistory } from "./subject-history.ts";

/** The gentlest first. */
export const CRASH_KINDS: readonly CrashKind[] = ["process", "os", "power"];

/** A crash, told in words: what came before it, where it struck, what survived, what was found. */
interface Struck {
  /** The worst crash of the story: what that one may take does not come back in a later, gentler one. */
  readonly kind: CrashKind;
  readonly story: readonly string[];
}

const NOT_STRUCK: Struck = { kind: "process", story: [] };

/** One crash, and what the subject was found to hold when it was opened after it. */
export interface SubjectCrash extends Struck {
  readonly outcome: Outcome;
}

export interface SubjectRun {
  readonly seed: string;
  readonly crashes: readonly SubjectCrash[];
  /** Commits that were acknowledged. */
  readonly commits: number;
  /** Everything that reached the disks, in order. */
  readonly traceHash: string;
}

const EFFORT: SubjectEffort = { commits: 8, crashes: 12 };
const BASELINE_COMMITS_MAX = 5;
/** One recovery in so many is struck itself, and one subject that came back in so many goes on working. */
const NESTED_ONE_IN = 3;
const GOES_ON_ONE_IN = 4;

/**
 * One seed: the subject lives on a disk, copies of which are crashed at drawn moments; the subject is
 * opened on each, and what it holds is judged. Only what is found is said here: whether it is allowed is
 * for `judgeSubject`.
 *
 * @throws whatever the subject throws before any crash: then it does not work at all.
 */
export async function runSubject(subject: Subject, seed: string): Promise<SubjectRun> {
  return new SubjectStorm(subject, seed).run();
}

/** A subject that works on a disk, and what it was brought to hold. */
interface Life {
  readonly disk: VirtualDisk;
  readonly open: OpenSubject;
  readonly history: SubjectHistory;
}

class SubjectStorm {
  readonly #subject: Subject;
  readonly #effort: SubjectEffort;
  readonly #streams: Streams;
  readonly #trace = new Trace();
  readonly #world: ForeignWorld;
  readonly #crashes: SubjectCrash[] = [];
  #commits = 0;

  constructor(subject: Subject, seed: string) {
    this.#subject = subject;
    this.#effort = subject.effort ?? EFFORT;
    this.#streams = new Streams(`${subject.name}/${seed}`);
    this.#world = new ForeignWorld(subject.profile, this.#streams.stream("entropy"));
  }

  async run(): Promise<SubjectRun> {
    const { profile } = this.#subject;
    const disk = new VirtualDisk({ profile, trace: this.#trace });
    const history = await this.#makeBaseline(disk);
    const open = await this.#open(disk);
    const points = new CrashPoints(disk, {
      choices: this.#draw("points"),
      slots: this.#effort.crashes,
      progress: () => history.progress,
    });
    await this.#work({ disk, open, history }, 1 + this.#draw("work").below(this.#effort.commits));
    const atTheEnd = points.copy("when all was done");
    if (this.#draw("work").below(2) === 1) {
      await open.close();
    } else {
      await open.abandon();
    }
    await this.#strikeAll([...points.end(), atTheEnd], history);
    disk.dispose();
    return {
      seed: this.#streams.seed,
      crashes: this.#crashes,
      commits: this.#commits,
      traceHash: this.#trace.hash,
    };
  }

  /** What a crash cannot take: committed, closed in good order, and long ago. */
  async #makeBaseline(disk: VirtualDisk): Promise<SubjectHistory> {
    const life = { disk, open: await this.#open(disk), history: new SubjectHistory() };
    await this.#work(life, 1 + this.#draw("work").below(BASELINE_COMMITS_MAX));
    await life.open.close();
    disk.crash("os", this.#draw("crash"), { kind: "all" });
    return new SubjectHistory([life.history.latest]);
  }

  async #work({ open, history }: Life, commits: number): Promise<void> {
    for (let left = commits; left > 0; left -= 1) {
      const writes = drawWrites(this.#draw("writes"), this.#commits);
      history.attempt(writes);
      await open.commit(writes);
      history.acknowledge();
      this.#commits += 1;
    }
  }

  async #strikeAll(
    points: readonly CrashPoint[],
    history: SubjectHistory,
    before: Struck = NOT_STRUCK,
  ): Promise<void> {
    for (const point of points) {
      await this.#strike(point, history, before);
      point.disk.dispose();
    }
  }

  /** Crashes a copy, opens the subject on what is left, and looks. Its recovery may be struck, too. */
  async #strike(
    { disk, progress, place }: CrashPoint,
    history: SubjectHistory,
    before: Struck,
  ): Promise<void> {
    const drawn = pick(this.#draw("crash"), CRASH_KINDS);
    const { style } = disk.crash(drawn, this.#draw("crash"));
    const story = [...before.story, tellCrash({ kind: drawn, place, style }, progress)];
    const kind = worse(before.kind, drawn);
    const isStruck = before.story.length === 0 && this.#draw("nested").below(NESTED_ONE_IN) === 0;
    const points = new CrashPoints(disk, {
      choices: this.#draw("points"),
      slots: isStruck ? 1 : 0,
      progress: () => progress,
    });
    const open = await this.#attempt({ kind, story }, () => this.#open(disk));
    const nested = points.end();
    if (open !== undefined) {
      await this.#attempt({ kind, story }, async () => {
        const contents = await open.readAll();
        const found = history.judge(progress, contents);
        this.#note(
          { kind, story: [...story, tellFound(found, contents, { history, progress })] },
          found.outcome,
        );
        await this.#goOn({ disk, open, history }, { found, kind, story });
      });
      await open.abandon();
    }
    await this.#strikeAll(nested, history, { kind, story });
  }

  /** A subject that came back has to work, and to keep what it is given from then on. */
  async #goOn(
    life: Life,
    { found, kind, story }: Struck & { readonly found: Found },
  ): Promise<void> {
    if (found.commit === undefined || this.#draw("nested").below(GOES_ON_ONE_IN) !== 0) {
      return;
    }
    const history = life.history.upTo(found.commit);
    await this.#work({ ...life, history }, 2);
    const disk = life.disk.clone(this.#trace);
    const place = "after two commits more";
    // What it came back with it owes anew, unless it may be damaged where nobody has looked yet.
    const { allows } = this.#subject.promises[kind];
    const before = { kind: allows.includes("wrong") ? kind : NOT_STRUCK.kind, story };
    await this.#strikeAll([{ disk, progress: history.progress, place }], history, before);
  }

  /** What is thrown is what the subject says of the crash. */
  async #attempt<T>(struck: Struck, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      this.#note(
        { ...struck, story: [...struck.story, `it said: ${messageOf(error)}`] },
        outcomeOf(error),
      );
      return undefined;
    }
  }

  async #open(disk: VirtualDisk): Promise<OpenSubject> {
    return this.#subject.open(this.#world.with(disk));
  }

  #note(struck: Struck, outcome: Outcome): void {
    this.#trace.event("outcome", struck.kind, outcome);
    this.#crashes.push({ ...struck, outcome });
  }

  #draw(stream: string): Choices {
    return this.#streams.stream(stream);
  }
}

function worse(one: CrashKind, other: CrashKind): CrashKind {
  return CRASH_KINDS.indexOf(one) > CRASH_KINDS.indexOf(other) ? one : other;
}

function tellCrash(
  {
    kind,
    place,
    style,
  }: { readonly kind: CrashKind; readonly place: string; readonly style: string },
  { acknowledged, attempted }: Progress,
): string {
  const inFlight = attempted > acknowledged ? " and one in flight" : "";
  return `${kind} crash ${place}, with ${acknowledged} commits acknowledged${inFlight}; survivors: ${style}`;
}

function tellFound(
  { commit }: Found,
  contents: Contents,
  { history, progress }: { readonly history: SubjectHistory; readonly progress: Progress },
): string {
  return commit === undefined
    ? `it holds no state that it ever had: ${history.difference(progress.acknowledged, contents)}`
    : `it holds the state after commit ${commit}`;
}

function outcomeOf(error: unknown): Outcome {
  if (error instanceof CorruptSubjectError) {
    return "corrupt";
  }
  return error instanceof RunawaySubjectError ? "runaway" : "refused";
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
