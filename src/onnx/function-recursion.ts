import { fail } from '../diagnostics/modelpress-error.ts';
import type { FunctionDef } from '../ir/model.ts';
import { nodesWithin } from '../ir/walk.ts';

/**
 * Refuses functions that call themselves, directly or through others: what expands them would not end.
 *
 * @throws ModelpressError `onnx-recursive-function`.
 */
export function refuseRecursion(functions: readonly FunctionDef[]): void {
  const byKey = new Map(functions.map((definition) => [keyOf(definition), definition]));
  const finished = new Set<FunctionDef>();
  const open = new Set<FunctionDef>();
  const stack = [...byKey.values()];
  for (let at = stack.at(-1); at !== undefined; at = stack.at(-1)) {
    if (open.has(at) || finished.has(at)) {
      open.delete(at);
      finished.add(at);
      stack.pop();
      continue;
    }
    open.add(at);
    for (const node of nodesWithin(at.graph)) {
      const called = byKey.get(keyOf({ domain: node.domain, name: node.op, overload: node.overload }));
      if (called === undefined || finished.has(called)) continue;
      if (open.has(called)) recursive(called);
      stack.push(called);
    }
  }
}

function keyOf({ domain, name, overload }: Pick<FunctionDef, 'domain' | 'name' | 'overload'>): string {
  return JSON.stringify([domain, name, overload]);
}

function recursive({ domain, name }: FunctionDef): never {
  fail({
    code: 'onnx-recursive-function',
    at: name,
    message: `function '${domain}.${name}' calls itself, directly or through others`,
    hint: 'No runtime can run such a model; export it again.',
  });
}
