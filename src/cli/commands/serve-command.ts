import { once } from 'node:events';
import { serveFolder } from '../../targets/browser/serve-folder.ts';
import type { CommandSpec } from '../define-command.ts';
import { EXIT } from '../exit-code.ts';
import { number } from '../flag.ts';

/** Where the browser artifact is served unless told; port 0 takes any that is free. */
const DEFAULTS = { port: 8080, host: '127.0.0.1' };

/** `serve <folder>`: a browser artifact over HTTP with the headers that threads need, until it is interrupted. */
export const serveCommand: CommandSpec = {
  name: 'serve',
  description:
    'serve a browser artifact on this machine, with the headers that threads in wasm need, until interrupted',
  operands: [['<folder>', 'the browser folder that optimize wrote']],
  flags: [
    { key: 'port', flags: '--port <port>', help: `port; 0 for any (default: ${DEFAULTS.port})`, parse: number },
    {
      key: 'host',
      flags: '--host <address>',
      help: `address to listen on; browsers verify files only on localhost or https (default: ${DEFAULTS.host})`,
    },
  ],
  async run({ operands: [folder = ''], given, terminal }) {
    const server = await serveFolder(folder, { ...DEFAULTS, ...(given as Partial<typeof DEFAULTS>) });
    const { url } = server;
    terminal.say(`serving ${folder} at ${url}/ until Ctrl-C`);
    const stop = new AbortController();
    const { signal } = stop;
    await Promise.race([once(process, 'SIGINT', { signal }), once(process, 'SIGTERM', { signal })]);
    stop.abort();
    await server.close();
    return { value: { folder, url }, code: EXIT.ok };
  },
};
