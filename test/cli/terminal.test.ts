import { clearLine, cursorTo, moveCursor } from 'node:readline';
import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { runCli } from '../../src/cli/run-cli.ts';
import { openTerminal } from '../../src/cli/terminal.ts';
import { TABULAR } from './fixture-paths.ts';

const ESCAPE = '\u001b[';

/** A stream that says it is a terminal of so many columns, and keeps what is written to it. */
class Screen extends Writable {
  readonly isTTY = true;
  readonly columns: number;
  text = '';

  constructor(columns: number) {
    super({ decodeStrings: false });
    this.columns = columns;
  }

  override _write(chunk: string, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk;
    done();
  }

  cursorTo(x: number): boolean {
    return cursorTo(this, x);
  }

  moveCursor(x: number, y: number): boolean {
    return moveCursor(this, x, y);
  }

  clearLine(direction: -1 | 0 | 1): boolean {
    return clearLine(this, direction);
  }
}

/** A screen's text as it reads without what moves the cursor and colours. */
function plain(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is taken out
  return text.replaceAll(/\u001b\[[?\d;]*[A-Za-z]/g, '');
}

describe('a terminal that somebody watches', () => {
  it('shows what is going on, and lines above it', () => {
    const stderr = new Screen(80);
    const terminal = openTerminal({ stdout: new Screen(80), stderr }, { quiet: false });
    terminal.status('reading');
    terminal.say('first line');
    terminal.status('writing');
    terminal.diagnostic({ code: 'x-y', severity: 'warning', message: 'odd' });
    terminal.status(undefined);
    expect(plain(stderr.text)).toMatch(/reading.*first line\n.*warning\[x-y\]: odd\n/s);
    // The cursor is there again.
    expect(stderr.text.lastIndexOf(`${ESCAPE}?25h`)).toBeGreaterThan(stderr.text.lastIndexOf(`${ESCAPE}?25l`));
  });

  it('gets plain lines where it has no width', () => {
    const stderr = new Screen(0);
    const terminal = openTerminal({ stdout: new Screen(0), stderr }, { quiet: false });
    terminal.status('reading');
    terminal.say('a line');
    terminal.status(undefined);
    expect(stderr.text).toBe('a line\n');
  });

  it('keeps results apart from what is said, and shows only errors when quiet', () => {
    const [stdout, stderr] = [new Screen(80), new Screen(80)];
    const terminal = openTerminal({ stdout, stderr }, { quiet: true });
    terminal.status('reading');
    terminal.say('a line');
    terminal.diagnostic({ code: 'x-y', severity: 'warning', message: 'odd' });
    terminal.emit('{}');
    terminal.diagnostic({ code: 'x-z', severity: 'error', message: 'broken' });
    expect({ stdout: stdout.text, stderr: stderr.text }).toEqual({ stdout: '{}\n', stderr: 'error[x-z]: broken\n' });
  });

  it('is left as it was after an error', async () => {
    const [stdout, stderr] = [new Screen(80), new Screen(80)];
    expect(await runCli(['bench', TABULAR, 'missing.onnx'], { stdout, stderr })).toBe(2);
    expect(plain(stderr.text)).toMatch(/error\[onnx-file-missing\].*\n {2}next: .*\n$/);
    expect(stderr.text.lastIndexOf(`${ESCAPE}?25h`)).toBeGreaterThan(stderr.text.lastIndexOf(`${ESCAPE}?25l`));
  });
});
