import { subgraphsOf } from '../../ir/graph.ts';
import { isOp } from '../../ir/node.ts';
import { isStatic } from '../../ir/shape.ts';
import { elementCount } from '../../ir/tensor.ts';
import type { Value } from '../../ir/value.ts';
import { shapeOf } from '../../ir/value-type.ts';
import { staticShape } from './layout/static-shape.ts';

/** Inputs with more elements than this are data, which nobody makes a constant. */
const MAX_PARAMETER_ELEMENTS = 8;

/**
 * The options that make values known before the model runs: sizes for open shapes of the graph inputs that they depend
 * on, or numbers for small inputs whose elements they depend on, such as a sampling rate. `undefined` where they depend
 * on data.
 */
export function bindingHint(values: readonly Value[]): string | undefined {
  const { shapes, elements } = inputsBehind(values);
  const open = [...new Set([...shapes, ...elements])].filter((input) => !isStatic(shapeOf(input.type)));
  if (open.length > 0) return `Fix the sizes of the inputs: ${[...new Set(open.flatMap(sizeOptions))].join(' ')}.`;
  if (elements.size === 0 || ![...elements].every(isParameter)) return undefined;
  const names = Array.from(elements, ({ name }) => `'${name}'`).join(', ');
  const options = Array.from(elements, ({ name }) => `--fix-value ${name}=<number>`).join(' ');
  return `If ${names} always holds the same, make it a constant: ${options}.`;
}

interface InputsBehind {
  /** Inputs of the main graph of which the shape is read. */
  readonly shapes: ReadonlySet<Value>;
  /** Those of which the elements are. */
  readonly elements: ReadonlySet<Value>;
}

function inputsBehind(values: readonly Value[]): InputsBehind {
  const seen = { shapes: new Set<Value>(), elements: new Set<Value>() };
  const pending = values.map((value) => ({ value, part: seen.elements }));
  for (const { value, part } of pending) {
    if (part.has(value) || value.constant !== undefined) continue;
    part.add(value);
    const maker = value.producer ?? value.graph.owner;
    if (maker === undefined) continue;
    const read = isOp(maker, 'Shape', 'Size') ? seen.shapes : part;
    const inner = value.isInput ? [] : subgraphsOf(maker).flatMap((graph) => graph.outputs.map((each) => each.value));
    for (const each of [...maker.inputs, ...inner]) if (each !== undefined) pending.push({ value: each, part: read });
  }
  const ofModel = (part: ReadonlySet<Value>): ReadonlySet<Value> =>
    new Set([...part].filter((value) => value.isInput && value.graph.owner === undefined));
  return { shapes: ofModel(seen.shapes), elements: ofModel(seen.elements) };
}

function sizeOptions(input: Value): readonly string[] {
  const shape = shapeOf(input.type) ?? [];
  const symbols = shape.filter((dim) => typeof dim === 'string');
  const named = shape.length > 0 && shape.every((dim) => dim !== undefined);
  return named ? symbols.map((symbol) => `--bind ${symbol}=<size>`) : [`--fix-shape ${input.name}=<sizes>`];
}

function isParameter(input: Value): boolean {
  const shape = staticShape(input);
  return shape !== undefined && elementCount(shape) <= MAX_PARAMETER_ELEMENTS;
}
