/** What an open found and did. Plain data. */
export interface RecoveryReport {
  /** The store did not exist before. */
  readonly created: boolean;
  /** The store had been closed in good order. */
  readonly cleanShutdown: boolean;
  /** Number of this opening of the store. */
  readonly epoch: number;
  /** The last commit that the store holds. */
  readonly lastCommitNumber: number;
  /** End of the log that was accepted. */
  readonly endLsn: number;
  /** The log was known durable up to here, before this open made the rest durable. */
  readonly durableLsn: number;
  readonly segmentsRead: number;
  readonly batchesRead: number;
  readonly recordsRead: number;
  /** Committed transactions whose changes were applied. */
  readonly transactionsRedone: number;
  /** Transactions without a commit whose changes were undone. */
  readonly transactionsUndone: number;
  readonly changesUndone: number;
  /** What ended the log. */
  readonly tail: TailReport;
  /** Log bytes that were accepted, not known durable, and written anew. */
  readonly rewrittenBytes: number;
}

export interface TailReport {
  /** `end`: nothing was there. `torn`: what a crash leaves was trimmed. */
  readonly kind: "end" | "torn";
  readonly file: string;
  readonly offset: number;
  readonly because: string;
  /** Batches behind the tear that came through, and were trimmed with it. */
  readonly batchesTrimmed: number;
}
