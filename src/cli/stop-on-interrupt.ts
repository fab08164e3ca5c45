import { ModelpressError } from '../diagnostics/modelpress-error.ts';

/**
 * Work with a signal that the first Ctrl-C, or a request to terminate, raises, so that what is half written can be cleared
 * away. The second one ends the process as it would have, and so does the first once the work is done.
 */
export async function stopOnInterrupt<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const stop = (name: NodeJS.Signals): void => {
    const message = `stopped by ${name === 'SIGINT' ? 'Ctrl-C' : name}; nothing was written`;
    controller.abort(new ModelpressError({ code: 'interrupted', message, hint: 'Run it again to start over.' }));
  };
  const names = ['SIGINT', 'SIGTERM'] as const;
  for (const name of names) process.once(name, stop);
  try {
    return await work(controller.signal);
  } finally {
    for (const name of names) process.off(name, stop);
  }
}
