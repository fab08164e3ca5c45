import type { TextTable } from './comparison-table.ts';
import type { Report } from './report-schema.ts';

/** The operators that ONNX Runtime's own fusions make of the source and of the optimized graph; undefined where there are none. */
export function fusionTable({ fusions }: Report): TextTable | undefined {
  if (fusions === null) return undefined;
  const { before, after, lost } = fusions;
  const operators = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  if (operators.length === 0) return undefined;
  const rows = operators.map((op) => [op, ...[before, after, lost].map((counts) => String(counts[op] ?? 0))]);
  return { head: ['operator', 'in the source', 'in the optimized graph', 'lost'], rows };
}

/** The same in a line for the terminal: `fused by ONNX Runtime: 4 FusedConv, 2 -> 3 Gelu`. */
export function fusionLine(report: Report): string | undefined {
  const table = fusionTable(report);
  if (table === undefined) return undefined;
  const counts = table.rows.map(([op, before, after]) => `${before === after ? after : `${before} -> ${after}`} ${op}`);
  return `fused by ONNX Runtime: ${counts.join(', ')}`;
}
