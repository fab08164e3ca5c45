import { styleText } from 'node:util';
import ora, { type Ora } from 'ora';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { renderDiagnostic } from '../diagnostics/render-diagnostic.ts';

/** Where a command says things: artifacts and JSON go to stdout, text for people to stderr. */
export interface Terminal {
  /** A line for people. */
  say(text: string): void;
  /** A result for programs, on stdout. */
  emit(text: string): void;
  diagnostic(diagnostic: Diagnostic): void;
  /** What is going on right now; shown only where somebody watches, and replaced by the next. */
  status(text: string | undefined): void;
  readonly columns: number;
}

const COLOUR_OF = { error: 'red', warning: 'yellow', note: 'dim' } as const;

/** A terminal on the process's own streams. `quiet` keeps everything but errors off stderr. */
export function processTerminal(options: { readonly quiet: boolean }): Terminal {
  const watched = process.stderr.isTTY === true && !options.quiet;
  let spinner: Ora | undefined;
  const around = (write: () => void): void => {
    const text = spinner?.text;
    spinner?.stop();
    write();
    if (text !== undefined) spinner?.start(text);
  };
  const colour = (style: 'red' | 'yellow' | 'dim', text: string): string =>
    watched ? styleText(style, text, { stream: process.stderr }) : text;
  return {
    columns: process.stderr.columns ?? 100,
    say(text) {
      if (!options.quiet) around(() => process.stderr.write(`${text}\n`));
    },
    emit(text) {
      process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
    },
    diagnostic(diagnostic) {
      if (options.quiet && diagnostic.severity !== 'error') return;
      around(() => process.stderr.write(`${colour(COLOUR_OF[diagnostic.severity], renderDiagnostic(diagnostic))}\n`));
    },
    status(text) {
      if (!watched) return;
      if (text === undefined) {
        spinner?.stop();
        spinner = undefined;
      } else if (spinner === undefined) {
        spinner = ora({ text, stream: process.stderr }).start();
      } else {
        spinner.text = text;
      }
    },
  };
}
