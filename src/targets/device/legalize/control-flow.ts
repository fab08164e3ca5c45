import { capturedValues } from '../captured-values.ts';
import { reshape } from './broadcast-rank.ts';
import type { Legalization, LegalizationTable } from './legalization.ts';
import { loop } from './loop.ts';
import { graphOf, inputsLike, ownOutputs, standIns } from './nested-graph.ts';
import { scan } from './scan.ts';

/** Both branches are graphs of their own, which take all that either reads from outside. */
const conditional: Legalization = (call) => {
  const branches = ['then', 'else'].map((name) => graphOf(call, `${name}_branch`));
  const captured = capturedValues(branches);
  const operands = captured.map((value) => call.outer(value));
  const wanted = call.node.outputs.flatMap((value, k) => (value === undefined ? [] : [k]));
  const [then, otherwise] = branches.map((branch, k) =>
    call.subgraph(k === 0 ? 'then' : 'else', (inner) => {
      const inputs = inputsLike(inner, operands, 'outer');
      const results = inner.nested(branch, standIns(captured, inputs));
      const outputs = wanted.map((index) => results[index]!);
      return { inputs, outputs: ownOutputs(inner, outputs, inputs) };
    }),
  );
  const specs = wanted.map((k) => ({ shape: call.resultShape(k), type: call.resultType(k), label: `if${k}` }));
  const results = call.emitAll('IF', [reshape(call, call.input(0), []), ...operands], specs, {
    then_subgraph_index: then!,
    else_subgraph_index: otherwise!,
  });
  for (const [at, k] of wanted.entries()) call.bind(results[at]!, k);
};

export const CONTROL_FLOW: LegalizationTable = { If: conditional, Loop: loop, Scan: scan };
