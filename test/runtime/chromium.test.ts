import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { findChromium, withChromium } from '../../src/runtime/chromium.ts';
import { temporaryFolder } from '../cli/temporary-folder.ts';
import { CHROMIUM_NOTE, CHROMIUM_TEST_MS, HAS_CHROMIUM } from '../targets/browser/chromium-note.ts';

const folder = temporaryFolder();

function program(name: string): string {
  mkdirSync(join(folder, 'bin'), { recursive: true });
  const path = join(folder, 'bin', name);
  writeFileSync(path, '#!/bin/sh\n');
  chmodSync(path, 0o755);
  return path;
}

describe('finding Chromium', () => {
  it('takes what CHROME_PATH names before what is on the PATH', () => {
    const [named, onPath] = [program('other-browser'), program('google-chrome')];
    const PATH = [join(folder, 'empty'), join(folder, 'bin')].join(delimiter);
    expect(findChromium({ CHROME_PATH: named, PATH })).toBe(named);
    expect(findChromium({ PATH })).toBe(onPath);
    const first = program('chromium');
    expect(findChromium({ PATH })).toBe(first);
  });

  it('finds none where there is none, also where CHROME_PATH leads nowhere', () => {
    expect(findChromium({ PATH: join(folder, 'empty') })).toBeUndefined();
    expect(findChromium({ CHROME_PATH: join(folder, 'gone'), PATH: join(folder, 'bin') })).toBeUndefined();
    expect(findChromium({})).toBeUndefined();
  });
});

describe.skipIf(!HAS_CHROMIUM)(`a page in Chromium${CHROMIUM_NOTE}`, { timeout: CHROMIUM_TEST_MS }, () => {
  const profiles = () => readdirSync(folder).filter((name) => name.startsWith('modelpress-chromium-'));
  const page = 'data:text/html,<title>here</title>';

  it('is handed over, with a profile that goes afterwards', async () => {
    // Other tests have Chromium running at the same time.
    vi.stubEnv('TMPDIR', folder);
    const before = profiles();
    const title = await withChromium((chromium) => {
      expect(chromium.name).toMatch(/^Chromium \d+\./);
      expect(profiles().length).toBeGreaterThan(before.length);
      return chromium.visit(page, 60_000, (opened) => opened.title());
    });
    expect(title).toBe('here');
    expect(profiles()).toEqual(before);
    vi.unstubAllEnvs();
  });

  it('is ended when it takes too long, and reported where its script throws', async () => {
    await withChromium(async (chromium) => {
      const endless = chromium.visit(page, 3000, (opened) => opened.evaluate('new Promise(() => {})'));
      await expect(endless).rejects.toMatchObject({ code: 'chromium-timeout' });
      const busy = chromium.visit(page, 3000, (opened) => opened.evaluate('while (true);'));
      await expect(busy).rejects.toMatchObject({ code: 'chromium-timeout' });
      const broken = chromium.visit(page, 60_000, (opened) => opened.evaluate('nothing.there'));
      await expect(broken).rejects.toMatchObject({ code: 'chromium-failed' });
      expect(await chromium.visit(page, 60_000, (opened) => opened.title())).toBe('here');
    });
  });

  it('may take longer than its time where it goes on', async () => {
    const title = await withChromium((chromium) =>
      chromium.visit(page, 4000, async (opened, goesOn) => {
        await opened.exposeFunction('goesOn', goesOn);
        for (let turn = 0; turn < 3; turn++) {
          await opened.evaluate('new Promise((done) => setTimeout(done, 1500)).then(() => goesOn())');
        }
        return opened.title();
      }),
    );
    expect(title).toBe('here');
  });
});
