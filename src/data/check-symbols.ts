import { fail } from '../diagnostics/modelpress-error.ts';
import type { Port } from '../runtime/session.ts';
import { isSymbol } from './fit-shape.ts';

/**
 * Checks that a symbol which several inputs share has one size within a sample.
 *
 * @throws ModelpressError `data-shape-mismatch`.
 */
export function checkSymbols(
  inputs: Iterable<{ readonly port: Port; readonly dims: readonly number[] }>,
  at: string,
): void {
  const sizes = new Map<string, { readonly size: number; readonly input: string }>();
  for (const { port, dims } of inputs) {
    for (const [axis, symbol] of port.dims.entries()) {
      const size = dims[axis];
      if (!isSymbol(symbol) || size === undefined) continue;
      const known = sizes.get(symbol);
      if (known !== undefined && known.size !== size) {
        fail({
          code: 'data-shape-mismatch',
          at,
          message: `inputs ${known.input} and ${port.name} share the axis ${symbol}, the data makes it ${known.size} and ${size}`,
          hint: 'Give both inputs the same size along that axis.',
        });
      }
      sizes.set(symbol, { size, input: port.name });
    }
  }
}
