import { renderDiagnostic } from '../diagnostics/render-diagnostic.ts';
import { renderTextTable } from '../report/render-terminal.ts';
import type { Inspection } from './inspection.ts';
import { inspectionSections } from './inspection-sections.ts';

/** An inspection as plain text for a terminal. */
export function renderInspectionText(inspection: Inspection): string {
  const blocks = inspectionSections(inspection).map(({ title, table, remark }) =>
    [
      title,
      ...(table.rows.length === 0 ? [] : [renderTextTable(table)]),
      ...(remark === undefined ? [] : [remark]),
    ].join('\n'),
  );
  const { findings } = inspection;
  blocks.push(
    findings.length === 0
      ? 'Nothing suspicious was found.'
      : ['Suspicious', ...findings.map((found) => renderDiagnostic(found))].join('\n'),
  );
  return blocks.join('\n\n');
}
