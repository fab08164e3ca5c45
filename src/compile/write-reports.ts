import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fail } from '../diagnostics/modelpress-error.ts';
import { renderHtml } from '../report/render-html.ts';
import { renderJunit } from '../report/render-junit.ts';
import { renderMarkdown } from '../report/render-markdown.ts';
import { type Report, reportSchema } from '../report/report-schema.ts';

/**
 * Writes report.json, report.md, report.html and report.junit.xml into a folder and returns the report with the files of
 * the folder listed. What is written has been checked against the schema.
 */
export function writeReports(folder: string, draft: Report): Report {
  const report = checked({ ...draft, files: listFiles(folder) });
  writeFileSync(join(folder, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
  writeFileSync(join(folder, 'report.md'), renderMarkdown(report));
  writeFileSync(join(folder, 'report.html'), renderHtml(report));
  writeFileSync(join(folder, 'report.junit.xml'), renderJunit(report));
  return report;
}

/** Every file below a folder with its size, by path with forward slashes, sorted. */
export function listFiles(folder: string): { path: string; bytes: number }[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => ({ path: relative(folder, file).split(sep).join('/'), bytes: statSync(file).size }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

function checked(report: Report): Report {
  const result = reportSchema.safeParse(report);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  return fail({
    code: 'report-invalid',
    message: `the report does not fit its schema at ${issue?.path.join('.')}: ${issue?.message}`,
    at: issue?.path.join('.') ?? '',
    hint: 'This is a fault in modelpress. Report it with the model.',
  });
}
