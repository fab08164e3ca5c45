import type { Port } from '../../../runtime/session.ts';

/**
 * The shapes that a file with fixed shapes has of those inputs that the model takes in several.
 *
 * @param inputs of the file.
 * @param ports of the source.
 */
export function fixedShapes(
  inputs: readonly { readonly name: string; readonly shape: readonly number[] }[],
  ports: readonly Port[],
): Record<string, readonly number[]> {
  const open = new Set(ports.filter(({ dims }) => dims.some((dim) => typeof dim !== 'number')).map(({ name }) => name));
  return Object.fromEntries(inputs.filter(({ name }) => open.has(name)).map(({ name, shape }) => [name, shape]));
}
