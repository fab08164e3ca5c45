import type { Node } from '../ir/node.ts';

/**
 * Whether a node is meant by one of `patterns`: its name, its operator, or the name of one of its results or constants.
 * `*` stands for any characters and `?` for one.
 */
export function matchesNode(node: Node, patterns: readonly string[]): boolean {
  if (patterns.length === 0) return false;
  const names = [node.name, node.op];
  for (const value of node.outputs) if (value !== undefined) names.push(value.name);
  for (const value of node.inputs) if (value?.constant !== undefined) names.push(value.name);
  return patterns.some((pattern) => names.some((name) => matchesGlob(name, pattern)));
}

/** Matches in time proportional to the product of the lengths, whatever the pattern. */
function matchesGlob(text: string, pattern: string): boolean {
  let at = 0;
  let star = -1;
  let resume = 0;
  for (let i = 0; i < text.length; ) {
    if (pattern[at] === '*') {
      star = at++;
      resume = i;
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === text[i])) {
      at++;
      i++;
    } else if (star >= 0) {
      at = star + 1;
      i = ++resume;
    } else {
      return false;
    }
  }
  while (pattern[at] === '*') at++;
  return at === pattern.length;
}
