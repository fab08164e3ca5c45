import type { Port } from '../runtime/session.ts';

/**
 * The axis of an input that counts samples: the first; or the only open one behind a fixed size above 1, as states of
 * recurrent layers have it.
 */
export function batchAxis(dims: Port['dims']): number {
  const [first, ...rest] = dims;
  const open = rest.flatMap((dim, at) => (typeof dim === 'number' ? [] : [at + 1]));
  return typeof first === 'number' && first > 1 && rest.length > 1 && open.length === 1 ? open[0]! : 0;
}
