import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { expect, it } from 'vitest';
import { runCli } from '../../src/cli/run-cli.ts';
import { errorCodes, runCommand } from './run-command.ts';
import { temporaryFolder } from './temporary-folder.ts';

const folder = temporaryFolder();

it('serves a folder until it is interrupted', async () => {
  writeFileSync(join(folder, 'index.html'), 'here');
  let told: (text: string) => void = () => {};
  const address = new Promise<string>((resolve) => {
    told = (text) => {
      const [url] = /http:\S+/.exec(text) ?? [];
      if (url !== undefined) resolve(url);
    };
  });
  const stderr = new Writable({
    decodeStrings: false,
    write(chunk: string, _encoding, done) {
      told(chunk);
      done();
    },
  });
  let stdout = '';
  const out = new Writable({
    decodeStrings: false,
    write(chunk: string, _encoding, done) {
      stdout += chunk;
      done();
    },
  });
  const listeners = process.listeners('SIGINT');
  const ended = runCli(['serve', folder, '--port', '0', '--json'], { stdout: out, stderr });
  const url = await address;
  expect(await (await fetch(url)).text()).toBe('here');
  for (const listener of process.listeners('SIGINT')) {
    if (!listeners.includes(listener)) listener('SIGINT');
  }
  expect(await ended).toBe(0);
  expect(JSON.parse(stdout)).toEqual({ folder, url: url.replace(/\/$/, '') });
  await expect(fetch(url)).rejects.toThrow();
});

it('refuses a folder that is not there', async () => {
  const result = await runCommand('serve', join(folder, 'gone'));
  expect(errorCodes(result)).toEqual(['serve-no-folder']);
});
