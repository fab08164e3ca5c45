import { ModelpressError } from '../diagnostics/modelpress-error.ts';

/**
 * A signal that the first Ctrl-C, or a request to terminate, raises, so that what is half written can be cleared away.
 * The second one ends the process as it would have.
 */
export function stopOnInterrupt(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => {
      const message = `stopped by ${name === 'SIGINT' ? 'Ctrl-C' : name}; nothing was written`;
      controller.abort(new ModelpressError({ code: 'interrupted', message, hint: 'Run it again to start over.' }));
    });
  }
  return controller.signal;
}
