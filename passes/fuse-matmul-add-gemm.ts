import { dtypeOf, shapeOf } from '../src/ir/value-type.ts';
import { broadcastsInto } from '../src/rewrite/broadcast.ts';
import { constant, op, v } from '../src/rewrite/pattern.ts';
import { defineRule } from '../src/rewrite/rule.ts';
import { rulePass } from '../src/rewrite/rule-pass.ts';

/** The element types that runtimes have Gemm kernels for; MatMul alone also takes integers. */
const GEMM_TYPES: readonly (string | undefined)[] = ['float32', 'float16', 'float64'];

const matmulAddToGemm = defineRule({
  name: 'matmul-add-to-gemm',
  match: op('Add', op('MatMul', v('a'), v('b')), constant('c')),
  reject: ({ a, b, c }, { opset }) => {
    if (opset < 7) return 'Gemm before opset 7 broadcasts by other rules';
    if (!GEMM_TYPES.includes(dtypeOf(a.type) ?? dtypeOf(b.type))) return 'the element type is not one that Gemm is for';
    const rows = shapeOf(a.type);
    const columns = shapeOf(b.type);
    if (rows?.length !== 2 || columns?.length !== 2) return 'the operands are not proven to be matrices';
    const fits = c.constant.dims.length <= 2 && broadcastsInto(c.constant.dims, [rows[0], columns[1]]);
    return fits ? undefined : 'the constant is not proven to broadcast to the product';
  },
  rewrite: ({ a, b, c }, build) => build.op('Gemm', [a, b, c]),
});

/**
 * Turns MatMul and Add of a constant into Gemm where both operands are proven to be matrices and the constant
 * broadcasts to the product without widening it. The operands keep their places.
 */
export const fuseMatmulAddGemm = rulePass({
  name: 'fuse-matmul-add-gemm',
  summary: 'Turn the MatMul of two matrices and the Add of a constant into a Gemm',
  effect: 'reassociates',
  rules: [matmulAddToGemm],
});
