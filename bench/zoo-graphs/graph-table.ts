import { type Column, markdownTable } from '../markdown-table.ts';
import { type GraphRow, type JudgedRow, SIMPLIFIERS, type SimplifierName } from './graph-row.ts';

/** How one tool did over all models. */
interface ToolTotal {
  readonly tool: SimplifierName;
  readonly nodes: number;
  readonly bytes: number;
  readonly seconds: number;
  readonly warmSeconds: number | undefined;
  readonly faults: number;
  /** Models on which modelpress leaves fewer, as many and more nodes. */
  readonly fewer: number;
  readonly equal: number;
  readonly more: number;
}

/** Every model with the nodes that each tool leaves, the totals, and what went wrong. */
export function renderGraphs(rows: readonly GraphRow[]): string {
  const tools = SIMPLIFIERS.filter((tool) => rows.some((row) => row.tools[tool] !== undefined));
  const faults = rows.flatMap((row) => [
    ...row.faults.map((fault) => `- ${row.name}, modelpress: ${fault}`),
    ...tools.flatMap((tool) => {
      const fault = row.tools[tool]?.fault ?? null;
      return fault === null ? [] : [`- ${row.name}, ${tool}: ${fault}`];
    }),
  ]);
  return [
    markdownTable(
      TOTAL_COLUMNS,
      tools.map((tool) => totalOf(tool, rows)),
    ),
    `${rows.length} models of ${sumOf(rows, (row) => row.nodesBefore)} nodes and ${sumOf(rows, (row) => row.bytesBefore)} bytes. Where a tool fails, its nodes and bytes are those of the source.`,
    '## Nodes',
    markdownTable(rowColumns(tools), rows),
    "## ONNX Runtime's fused operators",
    markdownTable(FUSION_COLUMNS, fusionTotals(rows)),
    '## Faults',
    faults.length === 0 ? `None on ${rows.length} models.` : faults.join('\n'),
  ].join('\n\n');
}

const TOTAL_COLUMNS: readonly Column<ToolTotal>[] = [
  { heading: 'tool', align: 'left', text: ({ tool }) => tool },
  { heading: 'nodes', text: ({ nodes }) => String(nodes) },
  { heading: 'bytes', text: ({ bytes }) => String(bytes) },
  { heading: 'seconds', text: ({ seconds }) => seconds.toFixed(2) },
  { heading: 'once more', text: ({ warmSeconds }) => warmSeconds?.toFixed(2) ?? '' },
  { heading: 'failures', text: ({ faults }) => String(faults) },
  { heading: 'modelpress leaves fewer on', text: (total) => againstOthers(total, total.fewer) },
  { heading: 'as many', text: (total) => againstOthers(total, total.equal) },
  { heading: 'more', text: (total) => againstOthers(total, total.more) },
];

/** One fused operator over all models. */
interface FusionTotal {
  readonly op: string;
  readonly before: number;
  readonly after: number;
}

const FUSION_COLUMNS: readonly Column<FusionTotal>[] = [
  { heading: 'operator', align: 'left', text: ({ op }) => op },
  { heading: 'in the sources', text: ({ before }) => String(before) },
  { heading: 'in our graphs', text: ({ after }) => String(after) },
];

function fusionTotals(rows: readonly GraphRow[]): readonly FusionTotal[] {
  const operators = [...new Set(rows.flatMap(({ fusions }) => Object.keys(fusions)))].sort();
  return operators.map((op) => ({
    op,
    before: sumOf(rows, ({ fusions }) => fusions[op]?.before ?? 0),
    after: sumOf(rows, ({ fusions }) => fusions[op]?.after ?? 0),
  }));
}

function againstOthers({ tool }: ToolTotal, count: number): string {
  return tool === 'modelpress' ? '' : String(count);
}

function rowColumns(tools: readonly SimplifierName[]): readonly Column<GraphRow>[] {
  return [
    { heading: 'model', align: 'left', text: ({ name }) => name },
    { heading: 'source', text: ({ nodesBefore }) => String(nodesBefore) },
    ...tools.map((tool): Column<GraphRow> => ({ heading: tool, text: (row) => nodesText(row, tool) })),
    { heading: 'bytes', text: ({ bytesBefore }) => String(bytesBefore) },
    { heading: 'modelpress', text: ({ tools: { modelpress } }) => String(modelpress?.bytes ?? '') },
    { heading: 'ms', text: ({ tools: { modelpress } }) => (1000 * (modelpress?.warmSeconds ?? 0)).toFixed(0) },
    { heading: 'ms, basic', text: (row) => (1000 * (row.tools['onnxruntime-basic']?.warmSeconds ?? 0)).toFixed(0) },
  ];
}

function nodesText({ tools }: GraphRow, tool: SimplifierName): string {
  const result = tools[tool];
  if (result?.nodes === undefined) return 'fails';
  return result.fault === null ? String(result.nodes) : `${result.nodes}, wrong`;
}

function totalOf(tool: SimplifierName, rows: readonly JudgedRow[]): ToolTotal {
  const differences = rows.map((row) => nodesLeft(row, 'modelpress') - nodesLeft(row, tool));
  return {
    tool,
    nodes: sumOf(rows, (row) => nodesLeft(row, tool)),
    bytes: sumOf(rows, (row) => (isRight(row, tool) ? row.tools[tool]?.bytes : undefined) ?? row.bytesBefore),
    seconds: sumOf(rows, (row) => row.tools[tool]?.seconds ?? 0),
    warmSeconds: rows.some((row) => row.tools[tool]?.warmSeconds !== undefined)
      ? sumOf(rows, (row) => row.tools[tool]?.warmSeconds ?? 0)
      : undefined,
    faults: rows.filter((row) => !isRight(row, tool)).length,
    fewer: differences.filter((difference) => difference < 0).length,
    equal: differences.filter((difference) => difference === 0).length,
    more: differences.filter((difference) => difference > 0).length,
  };
}

function isRight({ tools }: JudgedRow, tool: SimplifierName): boolean {
  return tools[tool]?.fault === null;
}

/** A user throws away what is wrong and stays with the source. */
function nodesLeft(row: JudgedRow, tool: SimplifierName): number {
  return (isRight(row, tool) ? row.tools[tool]?.nodes : undefined) ?? row.nodesBefore;
}

function sumOf<Row>(rows: readonly Row[], of: (row: Row) => number): number {
  return rows.reduce((total, row) => total + of(row), 0);
}

/** The totals in a sentence for the project's README. */
export function graphSentence(rows: readonly JudgedRow[]): string {
  const [own, ...others] = SIMPLIFIERS.filter((tool) => rows.some((row) => row.tools[tool] !== undefined)).map((tool) =>
    totalOf(tool, rows),
  );
  if (own === undefined) throw new Error('the results have no tools');
  const against = others.map(
    ({ tool, nodes, faults, fewer, more }) =>
      `${tool} leaves ${nodes}, fails on ${faults}, and has fewer than modelpress on ${more} and more on ${fewer}`,
  );
  return (
    `Graph optimization alone, in standard ONNX: on ${rows.length} real models ${sumOf(rows, (row) => row.nodesBefore)} nodes become ` +
    `${own.nodes}, with ${own.faults} failures${against.length === 0 ? '' : ` (${against.join('; ')})`}. ` +
    'A failure is an exception, a result that does not run or answers otherwise, or a changed interface; its model counts as it was. ' +
    'Made by `npm run bench -- zoo-graphs`.'
  );
}
