import Table from 'cli-table3';
import { comparisonTable, type TextTable } from './comparison-table.ts';
import type { Report } from './report-schema.ts';

/** The comparison of a report as a plain table for a terminal. */
export function renderTable(report: Report): string {
  return renderTextTable(comparisonTable(report));
}

/** Any table as plain text. */
export function renderTextTable({ head, rows }: TextTable): string {
  const titles = head.every((title) => title === '') ? [] : [...head];
  const table = new Table({ head: titles, style: { head: [], border: [], compact: true } });
  for (const row of rows) table.push([...row]);
  return table.toString();
}
