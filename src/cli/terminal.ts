import { styleText } from 'node:util';
import ora, { type Ora } from 'ora';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { renderDiagnostic } from '../diagnostics/render-diagnostic.ts';

/** The streams that a command writes to; a process's own, or any others. */
export interface CliStreams {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean | undefined; readonly columns?: number };
}

/** Where a command says things: what it was asked for goes to stdout, what it says on the way to stderr. */
export interface Terminal {
  /** A line for people, on stderr. */
  say(text: string): void;
  /** A result, on stdout. */
  emit(text: string): void;
  diagnostic(diagnostic: Diagnostic): void;
  /** What is going on right now; shown only where somebody watches, and replaced by the next. */
  status(text: string | undefined): void;
}

const COLOUR_OF = { error: 'red', warning: 'yellow', note: 'dim' } as const;

/** A terminal on two streams. `quiet` keeps everything but errors off stderr. */
export function openTerminal({ stdout, stderr }: CliStreams, options: { readonly quiet: boolean }): Terminal {
  // A terminal without a width, as some containers give, has nowhere to show a spinner: ora would clear lines for ever.
  const watched = stderr.isTTY === true && stderr.columns !== 0 && !options.quiet;
  let spinner: Ora | undefined;
  const around = (write: () => void): void => {
    const text = spinner?.text;
    spinner?.stop();
    write();
    if (text !== undefined) spinner?.start(text);
  };
  const line = (text: string): string => (text.endsWith('\n') ? text : `${text}\n`);
  const colour = (style: 'red' | 'yellow' | 'dim', text: string): string =>
    watched ? styleText(style, text, { stream: stderr }) : text;
  return {
    say(text) {
      if (!options.quiet) around(() => stderr.write(`${text}\n`));
    },
    emit(text) {
      around(() => stdout.write(line(text)));
    },
    diagnostic(diagnostic) {
      if (options.quiet && diagnostic.severity !== 'error') return;
      around(() => stderr.write(`${colour(COLOUR_OF[diagnostic.severity], renderDiagnostic(diagnostic))}\n`));
    },
    status(text) {
      if (!watched) return;
      if (text === undefined) {
        spinner?.stop();
        spinner = undefined;
      } else if (spinner === undefined) {
        // Whether somebody watches has been settled. Taking the keyboard would keep Ctrl-C from a pass that computes.
        spinner = ora({ text, stream: stderr, discardStdin: false, isEnabled: true }).start();
      } else {
        spinner.text = text;
      }
    },
  };
}
