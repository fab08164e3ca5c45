import { int } from '../../../src/ir/attribute.ts';
import { Graph } from '../../../src/ir/graph.ts';
import { scalarTensor, type Tensor } from '../../../src/ir/tensor.ts';
import { tensorType } from '../../../src/ir/value-type.ts';
import { pieceAt } from '../evaluate/axis-pieces.ts';
import type { GraphMaker, Made } from './graph-maker.ts';
import { growGraph } from './grow-graph.ts';
import type { Step } from './step.ts';

/** Graphs within graphs at most. */
const MAX_NESTING = 2;

/** Steps of a Scan at most; scans in scans are computed many times over. */
const MAX_STEPS = 5;

/** Steps that hold graphs: branches and loops, whose bodies read what is around them. */
export const CONTROL_STEPS: readonly Step[] = [
  { weight: 3, run: (maker) => (maker.depth < MAX_NESTING ? branch(maker) : undefined) },
  { weight: 2, run: (maker) => (maker.depth < MAX_NESTING ? loop(maker) : undefined) },
  { weight: 1, run: (maker) => (maker.depth < MAX_NESTING ? scan(maker) : undefined) },
];

function branch(maker: GraphMaker): void {
  const condition = maker.oneIn(3)
    ? maker.constant(scalarTensor('bool', maker.int(2)))
    : maker.choose(({ dtype, dims }) => dtype === 'bool' && dims.length === 0)?.value;
  const x = maker.choose();
  if (condition === undefined || x === undefined) return;
  const side = (name: string): Graph => {
    const inner = maker.nested(new Graph(name));
    if (!maker.oneIn(4)) growGraph(inner, maker.int(4));
    const result = like(inner, x.tensor);
    inner.graph.addOutput(result.value, `${name}_${maker.graph.nodeCount}_${maker.depth}`);
    return inner.graph;
  };
  maker.op('If', [condition], {
    then_branch: { kind: 'graph', value: side('then') },
    else_branch: { kind: 'graph', value: side('else') },
  });
}

function loop(maker: GraphMaker): void {
  const state = maker.choose();
  if (state === undefined) return;
  const inner = maker.nested(new Graph('body'));
  const { graph } = inner;
  const tag = `${maker.graph.nodeCount}_${maker.depth}`;
  inner.adopt(graph.addInput(`i_${tag}`, tensorType('int64', [])), scalarTensor('int64', 0));
  const going = inner.adopt(graph.addInput(`c_${tag}`, tensorType('bool', [])), scalarTensor('bool', 1));
  inner.adopt(
    graph.addInput(
      `s_${tag}`,
      tensorType(state.tensor.dtype, maker.oneIn(2) ? undefined : state.tensor.dims.map(() => undefined)),
    ),
    state.tensor,
  );
  growGraph(inner, 1 + maker.int(4));
  const next = like(inner, state.tensor);
  const scanned = maker.oneIn(2) ? inner.choose() : undefined;
  const kept = inner.op('Identity', [going.value]) ?? going;
  graph.addOutput(kept.value, `co_${tag}`);
  graph.addOutput(next.value, `so_${tag}`);
  if (scanned !== undefined) graph.addOutput(scanned.value, `po_${tag}`);
  const trips = maker.constant(scalarTensor('int64', maker.pick([1, 2, 3, 1, 0])));
  const condition = maker.pick([
    undefined,
    maker.constant(scalarTensor('bool', 1)),
    maker.choose(({ dtype, dims }) => dtype === 'bool' && dims.length === 0)?.value,
  ]);
  maker.ops(
    'Loop',
    [trips, condition, state.value],
    { body: { kind: 'graph', value: graph } },
    scanned === undefined ? 1 : 2,
  );
}

function scan(maker: GraphMaker): void {
  const sequence = maker.choose(({ dims }) => dims.length > 0 && dims[0]! > 0 && dims[0]! <= MAX_STEPS);
  if (sequence === undefined) return;
  const state = maker.choose();
  if (state === undefined) return;
  const inner = maker.nested(new Graph('body'));
  const { graph } = inner;
  const tag = `${maker.graph.nodeCount}_${maker.depth}`;
  inner.adopt(graph.addInput(`s_${tag}`, tensorType(state.tensor.dtype)), state.tensor);
  const piece = pieceAt(sequence.tensor, 0);
  inner.adopt(graph.addInput(`p_${tag}`, tensorType(piece.dtype)), piece);
  growGraph(inner, 1 + maker.int(4));
  graph.addOutput(like(inner, state.tensor).value, `so_${tag}`);
  graph.addOutput(inner.choose()!.value, `po_${tag}`);
  maker.ops(
    'Scan',
    [state.value, sequence.value],
    { body: { kind: 'graph', value: graph }, num_scan_inputs: int(1) },
    2,
  );
}

/** A value of the given form: the newest that there is. */
function like(maker: GraphMaker, { dtype, dims }: Tensor): Made {
  return maker.pool.findLast(({ tensor }) => tensor.dtype === dtype && tensor.dims.join() === dims.join())!;
}
