import { note } from '../src/diagnostics/diagnostic.ts';
import { int } from '../src/ir/attribute.ts';
import type { Graph } from '../src/ir/graph.ts';
import { elementCount } from '../src/ir/tensor.ts';
import { isUnused, type Value } from '../src/ir/value.ts';
import { tensorType } from '../src/ir/value-type.ts';
import { definePass } from '../src/pass/define-pass.ts';
import { float16Tensor } from '../src/quantize/float16-tensor.ts';
import { opsetAt } from '../src/rewrite/opset-at.ts';

/** ONNX's number of float32, as Cast takes it. */
const FLOAT32 = 1;

/** The first opset where Cast names the type by its number. */
const OPSET_CAST = 6;

/**
 * Stores weights in IEEE binary16 and casts them back to float32 where they are used: half the download. Runtimes that fold
 * constants do the cast once, when they load the model, and then compute exactly as fast as before. A weight with a number
 * beyond 65504 stays in float32.
 */
export const convertWeightsFloat16 = definePass({
  name: 'convert-weights-float16',
  summary: 'Store float32 weights as float16 and cast them back when used; all arithmetic stays float32',
  effect: 'lossy',
  options: {
    minElements: {
      kind: 'number',
      default: 256,
      min: 1,
      integer: true,
      help: 'Leave weights with fewer elements, whose Cast would outweigh the gain',
    },
  },
  run(graph, { model, options, count, report }) {
    const opset = opsetAt(model, graph);
    if (opset < OPSET_CAST) {
      report(
        note({
          code: 'float16-opset',
          message: `opset ${opset} has no Cast to a type by its number; weights stay in float32`,
          at: graph.name,
          hint: 'Run convert-opset before it.',
        }),
      );
      return;
    }
    for (const value of [...graph.constants()]) {
      const tensor = value.constant;
      if (tensor?.dtype !== 'float32' || elementCount(tensor.dims) < options.minElements || isUnused(value)) continue;
      const half = float16Tensor(tensor);
      if (half.clamped > 0) {
        count('weights beyond float16, left');
        continue;
      }
      storeHalf(graph, value, half.tensor);
      count('weights stored in float16');
    }
  },
});

function storeHalf(graph: Graph, value: Value, half: Parameters<Graph['addConstant']>[0]): void {
  const [first] = graph.nodes();
  if (first === undefined) return;
  const cast = graph.insertBefore(first, {
    op: 'Cast',
    inputs: [graph.addConstant(half, value.name)],
    attributes: { to: int(FLOAT32) },
    outputs: [{ type: tensorType('float32', half.dims) }],
  });
  graph.replaceAllUses(value, cast.outputs[0]!, { outputs: true });
  graph.eraseValue(value);
}
