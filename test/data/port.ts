import type { Port } from '../../src/runtime/session.ts';

/** An input or output from its text: `float32[N,3,?]`. */
export function port(name: string, text: string): Port {
  const [, dtype, dims] = /^([a-z0-9-]+)(?:\[(.*)\])?$/.exec(text)!;
  const parts = dims === undefined || dims === '' ? [] : dims.split(',');
  return {
    name,
    dtype: dtype as Port['dtype'],
    dims: parts.map((part) => (part === '?' ? undefined : /^\d+$/.test(part) ? Number(part) : part)),
  };
}
