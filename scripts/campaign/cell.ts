/** What the caller fixes for every seed of a campaign; the rest is drawn from the seed. */
export interface Selection {
  readonly policy?: string | undefined;
  readonly profile?: string | undefined;
  readonly weather?: string | undefined;
  readonly order?: string | undefined;
}

/** The policy and profile that a seed ran with. */
export interface Cell {
  readonly policy: string;
  readonly profile: string;
}

/** Names in the order that a report lists them. */
export interface CellNames {
  readonly policies: readonly string[];
  readonly profiles: readonly string[];
}
