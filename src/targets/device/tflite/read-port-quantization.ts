import type { PortQuantization } from '../../../runtime/litert-float-ports.ts';
import { TableReader } from './read-table.ts';

/**
 * What the integers at the borders of a .tflite file stand for, by the names that its first signature gives to inputs and
 * outputs, or where there is none by the names of the tensors; those of other numbers are left out.
 *
 * @throws ModelpressError `tflite-malformed`.
 */
export function readPortQuantization(bytes: Uint8Array): ReadonlyMap<string, PortQuantization> {
  const model = TableReader.root(bytes);
  const [main] = model.tables('subgraphs');
  const tensors = main?.tables('tensors') ?? [];
  const found = new Map<string, PortQuantization>();
  for (const { name, tensor } of portsOf(model, main)) {
    const quantization = tensors[tensor]?.table('quantization');
    const [scale] = quantization?.floats('scale') ?? [];
    if (scale === undefined) continue;
    const [zeroPoint = 0n] = quantization?.longs('zero_point') ?? [];
    found.set(name ?? tensors[tensor]?.string('name') ?? '', { scale, zeroPoint: Number(zeroPoint) });
  }
  return found;
}

function portsOf(
  model: TableReader,
  main: TableReader | undefined,
): readonly { readonly name?: string | undefined; readonly tensor: number }[] {
  const [signature] = model.tables('signature_defs');
  if (signature === undefined) {
    return [...(main?.integers('inputs') ?? []), ...(main?.integers('outputs') ?? [])].map((tensor) => ({ tensor }));
  }
  return [...signature.tables('inputs'), ...signature.tables('outputs')].map((port) => ({
    name: port.string('name'),
    tensor: port.integer('tensor_index') ?? 0,
  }));
}
