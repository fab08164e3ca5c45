import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, resolve, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fail } from '../../diagnostics/modelpress-error.ts';

/** What is served beside the folder, by path. */
export type ExtraPages = ReadonlyMap<string, { readonly type: string; readonly body: string | Uint8Array }>;

export interface ServeOptions {
  /** 0, the default, takes any that is free. */
  readonly port?: number;
  /** Default 127.0.0.1: what is served is for this machine. */
  readonly host?: string;
  readonly extra?: ExtraPages;
}

export interface FolderServer {
  /** Without a slash at the end. */
  readonly url: string;
  close(): Promise<void>;
}

/** Media types by extension; the rest is downloaded as it is. */
const TYPES: Readonly<Record<string, string>> = {
  '.bin': 'application/octet-stream',
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.md': 'text/plain; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.ts': 'text/plain; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
};

/** What makes a page cross-origin isolated, which threads in wasm need; and a folder that is worked on is never stale. */
const HEADERS = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'Cache-Control': 'no-cache',
};

/**
 * Serves the files of a folder over HTTP, with the headers that threads in wasm need. Files of which a part of the path
 * begins with a dot, and what links lead to outside of the folder, are not served.
 *
 * @throws ModelpressError `serve-no-folder`, `serve-not-listening`.
 */
export async function serveFolder(folder: string, options: ServeOptions = {}): Promise<FolderServer> {
  const { port = 0, host = '127.0.0.1', extra = new Map() } = options;
  const root = await realpath(folder).catch(() => undefined);
  if (root === undefined || !(await stat(root)).isDirectory()) {
    return fail({
      code: 'serve-no-folder',
      at: folder,
      message: `there is no folder ${folder} to serve`,
      hint: 'Name the browser folder that `optimize` wrote.',
    });
  }
  const server = createServer((request, response) => {
    answer(root, extra, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((done, broken) => {
    server.once('error', broken);
    server.listen(port, host, done);
  }).catch((error: Error) =>
    fail(
      {
        code: 'serve-not-listening',
        at: `${host}:${port}`,
        message: `cannot listen on ${host}:${port}: ${error.message}`,
        hint: 'Choose another port with --port; 0 takes any that is free.',
      },
      error,
    ),
  );
  const { port: taken } = server.address() as AddressInfo;
  const name = host.includes(':') ? `[${host}]` : host;
  return {
    url: `http://${name}:${taken}`,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  root: string,
  extra: ExtraPages,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const refuse = (status: number, text: string): void => {
    response.writeHead(status, { ...HEADERS, 'Content-Type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
  };
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(405, 'only GET and HEAD');
  const path = pathOf(request.url ?? '/');
  if (path === undefined) return refuse(400, 'no such path');
  const page = extra.get(path);
  if (page !== undefined) {
    const body = Buffer.from(page.body);
    response.writeHead(200, { ...HEADERS, 'Content-Type': page.type, 'Content-Length': body.byteLength }).end(body);
    return;
  }
  const file = await fileAt(root, path);
  if (file === undefined) return refuse(404, 'not found');
  const type = TYPES[extname(file.path).toLowerCase()] ?? 'application/octet-stream';
  response.writeHead(200, { ...HEADERS, 'Content-Type': type, 'Content-Length': file.bytes });
  if (request.method === 'HEAD') response.end();
  else await pipeline(createReadStream(file.path), response);
}

/** The path of a request; undefined for one that is not written as a path. */
function pathOf(target: string): string | undefined {
  try {
    const path = decodeURIComponent(new URL(target, 'http://folder').pathname);
    const hidden = path.split('/').some((part) => part.startsWith('.'));
    return hidden || path.includes('\0') || path.includes('\\') ? undefined : path;
  } catch {
    return undefined;
  }
}

/** A file inside the folder, by its path in the address; of a folder, its index.html. */
async function fileAt(
  root: string,
  path: string,
): Promise<{ readonly path: string; readonly bytes: number } | undefined> {
  const wanted = resolve(join(root, path.endsWith('/') ? `${path}index.html` : path));
  try {
    const real = await realpath(wanted);
    if (!real.startsWith(root.endsWith(sep) ? root : root + sep)) return undefined;
    const stats = await stat(real);
    return stats.isFile() ? { path: real, bytes: stats.size } : undefined;
  } catch {
    return undefined;
  }
}
