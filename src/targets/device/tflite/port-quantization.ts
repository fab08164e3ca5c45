import type { PortQuantization } from '../../../runtime/litert-float-ports.ts';
import type { TfGraph } from './tf-graph.ts';

/** What the integers at the borders of a graph stand for, by the names of its inputs and outputs. */
export function portQuantization(graph: TfGraph): ReadonlyMap<string, PortQuantization> {
  const found = new Map<string, PortQuantization>();
  for (const { name, tensor } of [...graph.inputs, ...graph.outputs]) {
    const [scale] = tensor.quantization?.scales ?? [];
    const [zeroPoint = 0] = tensor.quantization?.zeroPoints ?? [];
    if (scale !== undefined) found.set(name, { scale, zeroPoint });
  }
  return found;
}
