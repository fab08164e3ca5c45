import type { PeerVersions } from './peers/find-python.ts';

/** What a suite is run with. */
export interface SuiteContext {
  /** Names of the rows to measure; empty for all. */
  readonly names: readonly string[];
  /** A folder for the suite's own files, removed afterwards. */
  readonly work: string;
  /** Tells a line of progress. */
  readonly say: (line: string) => void;
}

/** What a suite measured, or why it could not. */
export type SuiteOutcome =
  | { readonly kind: 'skipped'; readonly reason: string }
  | {
      readonly kind: 'measured';
      /** One object per row, as JSON holds them. */
      readonly rows: readonly object[];
      /** Names of the rows that could not be measured, or that show a fault. */
      readonly failed: readonly string[];
      /** The other tool that was measured in the same run; null where it is not installed or not part of the suite. */
      readonly peer: PeerVersions | null;
      /** The rows as Markdown: tables and what they show. */
      readonly markdown: string;
    };

/** A set of measurements that are run and reported together. */
export interface Suite {
  /** The name on the command line and of the result files. */
  readonly name: string;
  /** What it measures, in one line. */
  readonly summary: string;
  run(context: SuiteContext): Promise<SuiteOutcome>;
}
