/** What the process's exit status says. */
export const EXIT = {
  ok: 0,
  /** The work was done, and a budget or a validation failed. */
  gateFailed: 1,
  /** The work could not be done: wrong usage, or input that cannot be used. */
  refused: 2,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
