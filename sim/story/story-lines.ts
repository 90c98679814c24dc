import { Keyspace } from "../scenario/keyspace.ts";
import { stepsOf } from "../scenario/client-program.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { pageBytesOf } from "../scenario/store-spec.ts";
import { Values } from "../scenario/values.ts";

const PAGE_FILE_NAME = "pages.db";

type Teller = (details: readonly string[]) => string | readonly string[] | undefined;

/** Turns events of a trace into lines for people; keeps in mind what later events refer to. */
export class StoryLines {
  private readonly keys: Keyspace;
  private readonly pageBytes: number;
  private readonly values = new Values();
  /** Names by the number that the trace uses. */
  private readonly files = new Map<string, string>();
  private readonly tellers: ReadonlyMap<string, Teller>;
  /** Between a crash and the end of the recovery: then reads of the disk matter. */
  private recovering = false;
  /** Told behind the crash, though the disk decides it before. */
  private readonly leftByCrash: string[] = [];
  /** While the store is made the disk does the same in every run. */
  private making = false;

  constructor(scenario: Scenario) {
    this.keys = new Keyspace(scenario.keys, scenario.keyForm);
    this.pageBytes = pageBytesOf(scenario.engine);
    for (const step of scenario.clients.flatMap(({ items }) => items).flatMap(stepsOf)) {
      if (step.do === "put") {
        this.values.register(step.value);
      }
    }
    this.tellers = new Map<string, Teller>([
      ...this.clientTellers(),
      ...this.diskTellers(),
      ...this.lifeTellers(),
    ]);
  }

  /** None for an event that nobody needs to hear of. */
  tell(event: string): readonly string[] {
    const told = this.tellAll(event);
    return this.making ? told.filter((line) => !line.startsWith(DISK)) : told;
  }

  private tellAll(event: string): readonly string[] {
    const [kind = "", ...details] = event.split(" ");
    const told = this.tellers.get(kind)?.(details);
    return told === undefined ? [] : typeof told === "string" ? [told] : told;
  }

  private clientTellers(): readonly (readonly [string, Teller])[] {
    return [
      ["begin", ([client, snapshot]) => this.client(client, `begins; it sees commit ${snapshot}`)],
      [
        "put",
        ([client, rank, content]) => this.client(client, `puts ${this.entry(rank, content)}`),
      ],
      ["delete", ([client, rank]) => this.client(client, `deletes ${this.key(rank)}`)],
      ["commit", ([client, writes]) => this.client(client, `commits ${writes} writes`)],
      [
        "acknowledged",
        ([client, number]) => this.client(client, `is told that its commit is number ${number}`),
      ],
      ["rejected", ([client, why]) => this.client(client, `is refused (${why})`)],
      [
        "got",
        ([client, rank, content]) => this.client(client, `reads ${this.entry(rank, content)}`),
      ],
      ["scanned", ([client, ...found]) => this.client(client, this.scan(found))],
      ["rolled-back", ([client]) => this.client(client, "has rolled back")],
      ["checkpointed", ([client]) => this.client(client, "is told that the checkpoint is there")],
      [
        "verified",
        (details) =>
          details.length === 2
            ? this.client(details[0], `checks all pages; problems: ${details[1]}`)
            : undefined,
      ],
      [
        "synced",
        ([client, number]) => this.client(client, `is told that commit ${number} is durable`),
      ],
    ];
  }

  private diskTellers(): readonly (readonly [string, Teller])[] {
    return [
      ["create", ([id = "", path = ""]) => this.named(id, path, `makes ${shortName(path)}`)],
      ["rename", ([from = "", to = ""]) => this.renamed(from, to)],
      ["unlink", ([path = ""]) => disk(`removes ${shortName(path)}`)],
      ["write", ([id, at, bytes]) => disk(`writes ${this.range(id, at, bytes)}`)],
      ["truncate", ([id, bytes]) => disk(`cuts ${this.file(id)} to ${bytes} bytes`)],
      ["sync", ([id]) => disk(`syncs ${this.file(id)}`)],
      ["datasync", ([id]) => disk(`syncs the data of ${this.file(id)}`)],
      ["sync-directory", ([path = ""]) => disk(`syncs the names in ${path}`)],
      [
        "read",
        ([id, at, bytes]) =>
          this.recovering && Number(bytes) > HEADER_BYTES
            ? disk(`reads ${this.range(id, at, bytes)}`)
            : undefined,
      ],
      ["fault", (details) => disk(`FAULT ${details.join(" ")}`)],
    ];
  }

  private lifeTellers(): readonly (readonly [string, Teller])[] {
    return [
      ["open", ([life]) => this.opening(life)],
      ["life", ([, base]) => this.opened(base)],
      ["refused", ([code]) => `  the open is refused: ${code}`],
      ["closed", () => "  the store is closed"],
      ["crash", (details) => [crashed(details), ...this.leftByCrash.splice(0)]],
      ["holds", ([rank, content]) => `  the store holds ${this.entry(rank, content)}`],
      ["#", ([kind, ...words]) => this.note(kind, words.join(" "))],
    ];
  }

  /** What the engine says, and what survived a crash. */
  private note(kind: string | undefined, text: string): string | undefined {
    if (kind === "survival") {
      this.leftByCrash.push(`  on the disk: ${text.replaceAll(/\S*\//g, "")}`);
      return undefined;
    }
    return kind === "engine" ? engineEvent(text) : undefined;
  }

  private client(client: string | undefined, what: string): string {
    return `  client ${client} ${what}`;
  }

  private entry(rank: string | undefined, content: string | undefined): string {
    return `${this.key(rank)} = ${this.values.describe(Number(content))}`;
  }

  private key(rank: string | undefined): string {
    return this.keys.describe(Number(rank));
  }

  private scan(found: readonly string[]): string {
    const count = found.length >> 1;
    const entries = found
      .slice(0, count)
      .map((rank, index) => this.entry(rank, found[count + index]));
    return `scans and finds ${entries.length === 0 ? "nothing" : entries.join(", ")}`;
  }

  private named(id: string, path: string, what: string): string {
    this.files.set(id, path);
    return disk(what);
  }

  private renamed(from: string, to: string): string {
    for (const [id, path] of this.files) {
      if (path === from) {
        this.files.set(id, to);
      }
    }
    return disk(`renames ${shortName(from)} to ${shortName(to)}`);
  }

  private file(id: string | undefined): string {
    return shortName(this.files.get(id ?? "") ?? `file ${id}`);
  }

  private range(id: string | undefined, at: string | undefined, bytes: string | undefined): string {
    const [from, to] = [Number(at), Number(at) + Number(bytes)];
    const range = `${this.file(id)} ${from}..${to}`;
    const first = Math.floor(from / this.pageBytes);
    const last = Math.ceil(to / this.pageBytes) - 1;
    if (this.file(id) !== PAGE_FILE_NAME) {
      return range;
    }
    return `${range} (${last > first ? `pages ${first} to ${last}` : `page ${first}`})`;
  }

  private opening(life: string | undefined): readonly string[] {
    this.recovering = life !== "0";
    this.making = life === "0";
    return [life === "0" ? "the store is made" : "the store is opened again"];
  }

  private opened(base: string | undefined): readonly string[] {
    this.recovering = false;
    this.making = false;
    return [`the store is open; its last commit is ${base}`];
  }
}

/** A segment's header: that each is read says little. */
const HEADER_BYTES = 96;

const DISK = "      disk:";

function disk(what: string): string {
  return `${DISK} ${what}`;
}

function shortName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function crashed(details: readonly string[]): string {
  const [kind, ...rest] = details;
  const [landed, , lost] = rest.slice(-3);
  const style = rest.slice(0, -3).join(" ");
  const pieces = kind === "process" ? "" : `; ${lost} un-synced pieces are lost`;
  return `CRASH (${kind}): ${style}; ${landed} calls in flight took effect${pieces}`;
}

/** What is worth a line of its own, with what else the engine says of it. */
const ENGINE_EVENTS: Readonly<Record<string, string>> = {
  "recovery.trim": "recovery: trim",
  "redo.begin": "recovery: redo begins",
  "undo.begin": "recovery: undo begins",
  "checkpoint.begin": "a checkpoint begins",
  "checkpoint.flushed": "the checkpoint's pages are written",
  "checkpoint.idle": "the checkpoint moves nothing",
  "checkpoint.failed": "the checkpoint fails",
  checkpoint: "the checkpoint is in the control file",
  spill: "a transaction is too large for memory: its writes go to the pages",
  poison: "the log fails, and stops",
};

function engineEvent(json: string): string | undefined {
  const parsed: unknown = JSON.parse(json);
  const fields = new Map<string, unknown>(
    typeof parsed === "object" && parsed !== null ? Object.entries(parsed) : [],
  );
  const event = String(fields.get("event"));
  if (event === "open" && fields.get("created") === false) {
    const count = (name: string): string => String(fields.get(name));
    return (
      `  recovery: ${count("transactionsRedone")} transactions redone, ` +
      `${count("transactionsUndone")} undone, ${count("rewrittenBytes")} bytes of the tail written anew, ` +
      `${count("recordsRedone")} records repeated on pages, ${count("pagesRestored")} pages restored`
    );
  }
  const told = Object.hasOwn(ENGINE_EVENTS, event) ? ENGINE_EVENTS[event] : undefined;
  if (told === undefined) {
    return undefined;
  }
  fields.delete("event");
  const rest = [...fields].map(([name, value]) => `${name} ${String(value)}`);
  return `  ${told}${rest.length === 0 ? "" : ` (${rest.join(", ")})`}`;
}
