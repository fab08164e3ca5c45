import { formatBytes, formatCount } from '../report/format-figures.ts';
import { barChart, escapeHtml, htmlDiagnostics, htmlPage, htmlTable } from '../report/html-page.ts';
import type { Inspection } from './inspection.ts';
import { inspectionSections } from './inspection-sections.ts';

/** Operators that the chart shows; the table has the rest. */
const CHARTED_OPERATORS = 12;

/** An inspection as one HTML page with charts, without scripts or outside resources. */
export function renderInspectionHtml(inspection: Inspection): string {
  const { name, operators, weights, compute, findings } = inspection;
  const sections = inspectionSections(inspection).flatMap(({ title, table, remark }) => [
    `<h2>${escapeHtml(title)}</h2>`,
    ...(remark === undefined ? [] : [`<p>${escapeHtml(remark)}</p>`]),
    ...(table.rows.length === 0 ? [] : [htmlTable(table)]),
  ]);
  return htmlPage(name, [
    `<h1>${escapeHtml(name)}</h1>`,
    ...htmlDiagnostics('Suspicious', findings),
    barChart(
      'Multiply-accumulates by layer',
      compute.largest.map(({ node, macs }) => [node, macs] as const),
      formatCount,
    ),
    barChart(
      'Nodes by operator',
      operators.slice(0, CHARTED_OPERATORS).map(({ op, count }) => [op, count] as const),
      String,
    ),
    barChart(
      'Weights by type',
      weights.byType.map(({ type, bytes }) => [type, bytes] as const),
      formatBytes,
    ),
    ...sections,
  ]);
}
