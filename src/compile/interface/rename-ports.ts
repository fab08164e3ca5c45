import { fail } from '../../diagnostics/modelpress-error.ts';
import type { Graph } from '../../ir/graph.ts';

/**
 * Gives inputs and outputs other names.
 *
 * @param names new names by the old ones.
 * @throws ModelpressError `interface-unknown-name` for a name that is neither an input nor an output's,
 * `interface-name-taken` where two inputs or two outputs would have one name.
 */
export function renamePorts(graph: Graph, names: Readonly<Record<string, string>>): void {
  const ports = [...graph.inputs, ...graph.outputs].map(({ name }) => name);
  const stranger = Object.keys(names).find((name) => !ports.includes(name));
  if (stranger !== undefined) {
    fail({
      code: 'interface-unknown-name',
      at: stranger,
      message: `the model has no input or output '${stranger}'; it has ${ports.join(', ')}`,
      hint: 'See the names with `optimize inspect`.',
    });
  }
  const renamed = (name: string): string => (Object.hasOwn(names, name) ? names[name]! : name);
  for (const side of [graph.inputs, graph.outputs]) requireDistinct(side.map(({ name }) => renamed(name)));
  for (const input of graph.inputs) graph.rename(input, renamed(input.name));
  for (const [i, { name }] of graph.outputs.entries()) graph.describeOutput(i, { name: renamed(name) });
}

function requireDistinct(names: readonly string[]): void {
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined) return;
  fail({
    code: 'interface-name-taken',
    at: twice,
    message: `two inputs or two outputs would be named '${twice}'`,
    hint: 'Give each another name.',
  });
}
