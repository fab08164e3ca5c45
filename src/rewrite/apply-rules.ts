import { warning } from '../diagnostics/diagnostic.ts';
import type { Graph } from '../ir/graph.ts';
import type { Node } from '../ir/node.ts';
import { isUnused, type Value } from '../ir/value.ts';
import { operatorKey } from '../ops/operator-key.ts';
import type { PassContext } from '../pass/define-pass.ts';
import { createBuild } from './build.ts';
import { type Match, matches, mayFit } from './match.ts';
import { nodesOfOperators } from './nodes-of-operators.ts';
import { opsetAt } from './opset-at.ts';
import { originOf } from './origin.ts';
import { depthOf } from './pattern.ts';
import { rewire } from './rewire.ts';
import type { AnyRule, Site } from './rule.ts';
import { type Worklist, worklistOf } from './worklist.ts';

/** What the driver needs of a pass's context. */
export type RewriteContext = Pick<PassContext, 'model' | 'count' | 'report'>;

/**
 * Rewrites that one run may do per node of the graph, and at least `STEPS_AT_LEAST`. A rule list that ends needs fewer
 * than about 3 per node on any real model; one that undoes its own work would not end.
 */
const STEPS_PER_NODE = 16;
const STEPS_AT_LEAST = 256;

/**
 * Applies rules to the nodes of one graph until none fires: starts from all nodes in order, and looks again at what
 * stands near a change. Rules are tried in the order of the list; the first match that is not rejected is rewritten.
 *
 * Counts each rule by its name where it fired, and `NAME rejected: REASON` for each node that stands at the end where
 * its pattern fits and it did not fire. Stops with the warning `rewrite-step-limit` when rules undo each other.
 */
export function applyRules(graph: Graph, rules: readonly AnyRule[], context: RewriteContext): void {
  const { byOperator, reach } = indexOf(rules);
  const roots = nodesOfOperators(graph, byOperator.keys());
  if (roots.length === 0) return;
  const opset = opsetAt(context.model, graph);
  const pending = worklistOf(roots);
  const refusals = new Map<Node, ReadonlySet<string>>();
  let steps = Math.max(STEPS_AT_LEAST, STEPS_PER_NODE * graph.nodeCount);
  for (let root = pending.take(); root !== undefined; root = pending.take()) {
    if (root.graph !== graph) continue;
    const candidates = byOperator.get(operatorKey(root.domain, root.op));
    if (candidates === undefined) continue;
    const site: Site = { model: context.model, graph, opset, root };
    const found = firstAccepted(candidates, site);
    if (found.refused.length > 0) refusals.set(root, new Set(found.refused));
    else refusals.delete(root);
    if (found.accepted === undefined) continue;
    const { rule } = found.accepted;
    if (steps-- === 0) {
      context.report(
        warning({
          code: 'rewrite-step-limit',
          message: `rewriting graph '${graph.name}' did not come to an end; the last rule to fire was '${rule.name}'`,
          at: rule.name,
          hint: 'The graph is right but may not be as small as it could be. Report it with the model.',
        }),
      );
      break;
    }
    rewriteMatch({ ...found.accepted, site }, pending, reach);
    context.count(rule.name);
  }
  for (const [node, refused] of refusals) {
    if (node.graph === graph) for (const what of refused) context.count(what);
  }
}

/** The rules that would fire somewhere in a graph if it were of another opset; changes nothing. */
export function rulesThatFit(
  graph: Graph,
  rules: readonly AnyRule[],
  { model, opset }: Pick<Site, 'model' | 'opset'>,
): ReadonlySet<AnyRule> {
  const { byOperator } = indexOf(rules);
  const fitting = new Set<AnyRule>();
  for (const root of nodesOfOperators(graph, byOperator.keys())) {
    const candidates = byOperator.get(operatorKey(root.domain, root.op));
    const found = candidates && firstAccepted(candidates, { model, graph, opset, root }).accepted;
    if (found !== undefined) fitting.add(found.rule);
  }
  return fitting;
}

interface Accepted {
  readonly rule: AnyRule;
  readonly match: Match;
  readonly captures: object;
  readonly plan: object;
}

interface Outcome {
  readonly accepted?: Accepted;
  readonly refused: readonly string[];
}

const NO_PLAN = {};
const NOTHING_FITS: Outcome = { refused: [] };

/** The first match that nothing speaks against, and what spoke against those before it. */
function firstAccepted(rules: readonly AnyRule[], site: Site): Outcome {
  let refused: string[] | undefined;
  for (const rule of rules) {
    if (!mayFit(rule.match.spec, site.root)) continue;
    for (const match of matches(rule.match.spec, site.root)) {
      const captures = Object.fromEntries(match.captures);
      const reason = usedBesides(match, rule.results ?? 1) ?? tooOld(rule, site) ?? rule.reject?.(captures, site);
      const plan: object | string = reason ?? rule.plan?.(captures, site) ?? NO_PLAN;
      if (typeof plan === 'object') return { accepted: { rule, match, captures, plan }, refused: refused ?? [] };
      refused ??= [];
      refused.push(`${rule.name} rejected: ${plan}`);
    }
  }
  return refused === undefined ? NOTHING_FITS : { refused };
}

function tooOld({ since }: AnyRule, { opset }: Site): string | undefined {
  return since !== undefined && opset < since ? `it needs opset ${since}` : undefined;
}

/** Why a match cannot be taken out of the graph: something outside it reads what would be gone. */
function usedBesides(match: Match, results: number): string | undefined {
  const { root, interior } = match;
  const further = root.outputs.findIndex((value, index) => index >= results && value !== undefined && !isUnused(value));
  if (further >= 0) return `result ${further} of the ${root.op} is used`;
  for (const [node, { shared }] of interior) {
    if (shared) continue;
    for (const value of node.outputs) {
      if (value === undefined) continue;
      if (value.outputCount > 0) return `the ${node.op} is a graph output`;
      for (const use of value.uses) {
        if (use.node !== root && !interior.has(use.node)) return `the ${node.op} is used elsewhere`;
      }
    }
  }
  return undefined;
}

function rewriteMatch(accepted: Accepted & { readonly site: Site }, pending: Worklist, reach: number): void {
  const { rule, match, captures, plan, site } = accepted;
  const nodes = [match.root, ...match.interior.keys()];
  const touched = nodes.flatMap((node) => [...node.inputs, ...node.outputs]);
  const built: Node[] = [];
  const build = createBuild(site, originOf(nodes, rule.name), built);
  const result = rule.rewrite(captures, build, plan);
  const replacements = Array.isArray(result) ? (result as readonly (Value | undefined)[]) : [result as Value];
  rewire(site.graph, nodes, replacements, built);
  for (const node of built) pending.add(node);
  enqueueNear([...touched, ...replacements, ...built.flatMap((node) => node.outputs)], pending, reach);
}

/** Adds the producers of values, and what reads them up to `reach` nodes further: whatever a pattern may see them from. */
function enqueueNear(values: readonly (Value | undefined)[], pending: Worklist, reach: number): void {
  let front = new Set<Value>();
  for (const value of values) {
    if (value === undefined) continue;
    front.add(value);
    if (value.producer !== undefined) pending.add(value.producer);
  }
  for (let step = 0; step < reach && front.size > 0; step++) {
    const next = new Set<Value>();
    for (const value of front) {
      for (const { node } of value.uses) {
        pending.add(node);
        for (const output of node.outputs) if (output !== undefined) next.add(output);
      }
    }
    front = next;
  }
}

/** A list of rules by the operators that they start from, and how many nodes away from a change they may begin to fit. */
interface RuleIndex {
  readonly byOperator: ReadonlyMap<string, readonly AnyRule[]>;
  readonly reach: number;
}

/** A pass has one list of rules for all graphs that it is called for. */
const indexes = new WeakMap<readonly AnyRule[], RuleIndex>();

function indexOf(rules: readonly AnyRule[]): RuleIndex {
  const known = indexes.get(rules);
  if (known !== undefined) return known;
  const reach = Math.max(1, ...rules.map((rule) => depthOf(rule.match.spec)));
  const index = { byOperator: indexRules(rules), reach };
  indexes.set(rules, index);
  return index;
}

function indexRules(rules: readonly AnyRule[]): ReadonlyMap<string, readonly AnyRule[]> {
  const index = new Map<string, AnyRule[]>();
  for (const rule of rules) {
    const { domain, ops } = rule.match.spec;
    for (const op of ops) {
      const key = operatorKey(domain, op);
      const listed = index.get(key);
      if (listed === undefined) index.set(key, [rule]);
      else listed.push(rule);
    }
  }
  return index;
}
