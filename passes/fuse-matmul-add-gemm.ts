import { isStatic } from '../src/ir/shape.ts';
import { dtypeOf, shapeOf } from '../src/ir/value-type.ts';
import { broadcastsInto } from '../src/rewrite/broadcast.ts';
import { op, v } from '../src/rewrite/pattern.ts';
import { defineRule } from '../src/rewrite/rule.ts';
import { rulePass } from '../src/rewrite/rule-pass.ts';

/** The element types that runtimes have Gemm kernels for; MatMul alone also takes integers. */
const GEMM_TYPES: readonly (string | undefined)[] = ['float32', 'float16', 'float64'];

const matmulAddToGemm = defineRule({
  name: 'matmul-add-to-gemm',
  match: op('Add', op('MatMul', v('a'), v('b')), v('c')),
  reject: ({ a, b, c }, { opset }) => {
    if (opset < 7) return 'Gemm before opset 7 broadcasts by other rules';
    if (!GEMM_TYPES.includes(dtypeOf(a.type) ?? dtypeOf(b.type))) return 'the element type is not one that Gemm is for';
    const rows = shapeOf(a.type);
    const columns = shapeOf(b.type);
    if (rows?.length !== 2 || columns?.length !== 2) return 'the operands are not proven to be matrices';
    // A matrix that is computed is no bias but a second branch, which quantization wants added by itself.
    const bias = shapeOf(c.type);
    if (c.constant === undefined && (c.producer === undefined || bias?.length !== 1))
      return 'what is added is neither constant nor a vector that is computed';
    const fits = isStatic(bias) && bias.length <= 2 && broadcastsInto(bias, [rows[0], columns[1]]);
    return fits ? undefined : 'what is added is not proven to broadcast to the product';
  },
  rewrite: ({ a, b, c }, build) => build.op('Gemm', [a, b, c]),
});

/**
 * Turns MatMul and Add of a bias into Gemm where both operands are proven to be matrices and the bias
 * broadcasts to the product without widening it. The operands keep their places.
 */
export const fuseMatmulAddGemm = rulePass({
  name: 'fuse-matmul-add-gemm',
  summary: 'Turn the MatMul of two matrices and the Add of a bias into a Gemm',
  effect: 'reassociates',
  rules: [matmulAddToGemm],
});
