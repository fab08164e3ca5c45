import { Writable } from 'node:stream';
import type { ExitCode } from '../../src/cli/exit-code.ts';
import { runCli } from '../../src/cli/run-cli.ts';

/** What one command line did. */
export interface CommandResult {
  readonly code: ExitCode;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line as the program does, and collects what it says. */
export async function runCommand(...argv: readonly string[]): Promise<CommandResult> {
  const stdout = collector();
  const stderr = collector();
  const code = await runCli(argv, { stdout: stdout.stream, stderr: stderr.stream });
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}

/** The codes of the errors in what a command said. */
export function errorCodes({ stderr }: Pick<CommandResult, 'stderr'>): string[] {
  return Array.from(stderr.matchAll(/^error\[([\w-]+)\]/gm), ([, code = '']) => code);
}

function collector(): { readonly stream: Writable; text(): string } {
  const chunks: string[] = [];
  const stream = new Writable({
    decodeStrings: false,
    write(chunk: string, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  return { stream, text: () => chunks.join('') };
}
