import Table from 'cli-table3';
import { browserTable, comparisonTable, type TextTable } from './comparison-table.ts';
import type { Report } from './report-schema.ts';

/** The comparison of a report as plain tables for a terminal. */
export function renderTable(report: Report): string {
  const browser = browserTable(report);
  return [comparisonTable(report), ...(browser === undefined ? [] : [browser])].map(renderTextTable).join('\n\n');
}

/** Any table as plain text. */
export function renderTextTable({ head, rows }: TextTable): string {
  const titles = head.every((title) => title === '') ? [] : [...head];
  const table = new Table({ head: titles, style: { head: [], border: [], compact: true } });
  for (const row of rows) table.push([...row]);
  return table.toString();
}
