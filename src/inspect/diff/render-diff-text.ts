import type { TextTable } from '../../report/comparison-table.ts';
import { formatBytes, formatCount } from '../../report/format-figures.ts';
import { renderTextTable } from '../../report/render-terminal.ts';
import type { ModelDiff, ModelFacts } from './model-diff.ts';

/** Rows of a list that people are shown; `--json` has them all. */
const SHOWN = 20;

/** What differs between two models as plain text for a terminal. */
export function renderDiffText(diff: ModelDiff): string {
  const { a, b, operators, nodes, weights } = diff;
  const sections: readonly (readonly [string, TextTable])[] = [
    ['Models', facts(a, b)],
    ['Interface', { head: ['', 'a', 'b'], rows: diff.interface.map((row) => [row.port, row.a ?? '-', row.b ?? '-']) }],
    [
      'Operators',
      {
        head: ['operator', 'a', 'b', 'change'],
        rows: operators.map((row) => [row.operator, String(row.a), String(row.b), signed(row.b - row.a)]),
      },
    ],
    [
      `Nodes that changed (${nodes.changed.length}; ${nodes.same} are the same)`,
      { head: ['value', 'a', 'b'], rows: nodes.changed.map((row) => [row.value, row.a, row.b]) },
    ],
    [`Nodes only in a (${nodes.onlyA.length})`, { head: ['node'], rows: nodes.onlyA.map((node) => [node]) }],
    [`Nodes only in b (${nodes.onlyB.length})`, { head: ['node'], rows: nodes.onlyB.map((node) => [node]) }],
  ];
  const blocks = sections.filter(([, { rows }]) => rows.length > 0).map(([title, table]) => section(title, table));
  blocks.push(
    `Weights: ${weights.shared} tensors in both, ${weights.onlyA} only in a (${formatBytes(weights.bytesOnlyA)}), ` +
      `${weights.onlyB} only in b (${formatBytes(weights.bytesOnlyB)}).`,
    ...answers(diff),
    diff.same ? 'The models are the same.' : 'The models differ.',
  );
  return blocks.join('\n\n');
}

function section(title: string, { head, rows }: TextTable): string {
  const hidden = rows.length - SHOWN;
  const lines = [title, renderTextTable({ head, rows: rows.slice(0, SHOWN) })];
  return (hidden > 0 ? [...lines, `${hidden} more; --json has them all.`] : lines).join('\n');
}

function facts(a: ModelFacts, b: ModelFacts): TextTable {
  const opset = (model: ModelFacts): string =>
    Object.entries(model.opset)
      .map(([domain, version]) => `${domain} ${version}`)
      .join(', ');
  const rows: readonly (readonly [string, (model: ModelFacts) => string])[] = [
    ['file', ({ file }) => file],
    ['size', ({ bytes }) => formatBytes(bytes)],
    ['opset', opset],
    ['nodes', ({ nodes }) => String(nodes)],
    ['parameters', ({ parameters, weightBytes }) => `${formatCount(parameters)} in ${formatBytes(weightBytes)}`],
    ['multiply-accumulates', ({ macs }) => formatCount(macs)],
  ];
  return { head: ['', 'a', 'b'], rows: rows.map(([title, text]) => [title, text(a), text(b)]) };
}

function answers({ answers: found }: ModelDiff): readonly string[] {
  if (found === null) return [];
  if (found.reason !== null) return [`Answers were not compared: ${found.reason}`];
  const rows = found.outputs.map(({ output, maxRelativeError, reason }) => [
    output,
    reason ?? (maxRelativeError === 0 ? 'the same' : (maxRelativeError ?? Number.NaN).toPrecision(3)),
  ]);
  const table = renderTextTable({ head: ['output', 'largest difference, relative to the largest value'], rows });
  return [`Answers on ${found.samples} samples of ${found.data}\n${table}`];
}

function signed(change: number): string {
  return change > 0 ? `+${change}` : String(change);
}
