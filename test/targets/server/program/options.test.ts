import { describe, expect, it } from 'vitest';
import {
  environmentName,
  helpText,
  OPTION_ROWS,
  parseOptions,
} from '../../../../src/targets/server/program/serving/options.mjs';

describe('parseOptions', () => {
  it('has the default of every option', () => {
    const defaults = Object.fromEntries(OPTION_ROWS.map(([name, row]) => [name, row.default]));
    expect(parseOptions([], {})).toEqual({ kind: 'run', options: defaults });
  });

  it('prefers flags to the environment, and the environment to the default', () => {
    const env = { PORT: '81', HOST: '0.0.0.0', LOG_LEVEL: '', MODELPRESS_MAX_QUEUE: '7', MAX_QUEUE: '9' };
    const parsed = parseOptions(['--port', '82', '--batching=off'], env);
    expect(parsed).toMatchObject({
      kind: 'run',
      options: { port: 82, host: '0.0.0.0', 'log-level': 'info', 'max-queue': 7, batching: 'off' },
    });
  });

  it.each([
    [['--port', '65536'], {}, '--port is "65536", expected a whole number from 0 to 65535'],
    [['--workers', '1.5'], {}, '--workers is "1.5", expected a whole number from 1 to 64'],
    [['--workers', ''], {}, '--workers is "", expected a whole number from 1 to 64'],
    [[], { PORT: 'x' }, 'PORT is "x", expected a whole number from 0 to 65535'],
    [['--format', 'tflite'], {}, '--format is "tflite", expected one of onnx, ort'],
  ])('refuses %j with %j', (argv, env, message) => {
    expect(parseOptions(argv, env)).toEqual({ kind: 'wrong', message });
  });

  it.each([['--no-such'], ['file'], ['--port']])('refuses %s', (flag) => {
    expect(parseOptions([flag], {})).toMatchObject({ kind: 'wrong', message: expect.stringContaining(flag) });
  });

  it('describes every option in its help', () => {
    expect(parseOptions(['--help'], {})).toEqual({ kind: 'help' });
    for (const [name, { help }] of OPTION_ROWS) {
      expect(helpText()).toContain(`--${name} `);
      expect(helpText()).toContain(help);
    }
  });

  it('has a variable of its own for every option', () => {
    expect(new Set(OPTION_ROWS.map(([name]) => environmentName(name))).size).toBe(OPTION_ROWS.length);
  });
});
