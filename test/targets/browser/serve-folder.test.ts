import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FolderServer, serveFolder } from '../../../src/targets/browser/serve-folder.ts';
import { temporaryFolder } from '../../cli/temporary-folder.ts';

const folder = temporaryFolder();
const served = join(folder, 'served');
let server: FolderServer;

beforeAll(async () => {
  mkdirSync(join(served, 'deep'), { recursive: true });
  writeFileSync(join(folder, 'secret.txt'), 'secret');
  writeFileSync(join(served, '.hidden'), 'hidden');
  writeFileSync(join(served, 'index.html'), '<!doctype html>');
  writeFileSync(join(served, 'deep/a b.wasm'), Uint8Array.of(0, 1, 2));
  writeFileSync(join(served, 'script.mjs'), 'export {};');
  symlinkSync(join(folder, 'secret.txt'), join(served, 'link.txt'));
  server = await serveFolder(served, { extra: new Map([['/-/page', { type: 'text/x-own', body: 'own' }]]) });
});
afterAll(() => server.close());

/** A request whose path is sent as it is, which fetch would tidy up. */
function raw(path: string): Promise<number | undefined> {
  const { port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    get({ port, host: '127.0.0.1', path }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).on('error', reject);
  });
}

describe('serving a folder', () => {
  it.each([
    ['/', 'text/html; charset=utf-8', '<!doctype html>'],
    ['/index.html?x=1', 'text/html; charset=utf-8', '<!doctype html>'],
    ['/script.mjs', 'text/javascript; charset=utf-8', 'export {};'],
    ['/deep/a%20b.wasm', 'application/wasm', '\0\u0001\u0002'],
    ['/-/page', 'text/x-own', 'own'],
  ])('answers %s as %s, with the headers that threads need', async (path, type, body) => {
    const response = await fetch(server.url + path);
    expect(response.status).toBe(200);
    expect(await response.text()).toBe(body);
    const headers = Object.fromEntries(response.headers);
    expect(headers).toMatchObject({
      'content-type': type,
      'content-length': String(body.length),
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
    });
  });

  it.each([
    ['/nothing', 404],
    ['/deep', 404],
    ['/deep/', 404],
    ['/link.txt', 404],
    ['/.hidden', 400],
    ['/../secret.txt', 404],
    ['/%2e%2e/secret.txt', 404],
    ['/deep/..%2f..%2fsecret.txt', 400],
    ['/..%5csecret.txt', 400],
    ['/%00', 400],
    ['/%', 400],
  ])('does not answer %s', async (path, status) => {
    expect(await raw(path)).toBe(status);
  });

  it('answers HEAD without a body, and nothing that writes', async () => {
    const head = await fetch(`${server.url}/script.mjs`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    expect((await fetch(`${server.url}/script.mjs`, { method: 'POST', body: 'x' })).status).toBe(405);
  });

  it('refuses a folder that is not there, and a port that is taken', async () => {
    await expect(serveFolder(join(folder, 'gone'))).rejects.toMatchObject({ code: 'serve-no-folder' });
    await expect(serveFolder(join(folder, 'secret.txt'))).rejects.toMatchObject({ code: 'serve-no-folder' });
    const port = Number(new URL(server.url).port);
    await expect(serveFolder(served, { port })).rejects.toMatchObject({ code: 'serve-not-listening' });
  });
});
