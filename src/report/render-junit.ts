import { comparedVariants, comparisonTable } from './comparison-table.ts';
import { escapeHtml } from './html-page.ts';
import type { Report } from './report-schema.ts';

interface TestCase {
  readonly name: string;
  readonly verdict: Report['gates'][number]['verdict'];
  readonly detail: string;
}

/**
 * A report as JUnit XML, which CI servers show beside the tests: a case for each artifact, with its figures, and one for
 * each budget. A broken budget is a failure; one that the measurement cannot decide is skipped.
 */
export function renderJunit(report: Report): string {
  const cases = [...artifactCases(report), ...report.gates];
  const seconds = report.stages.reduce((sum, { milliseconds }) => sum + milliseconds, 0) / 1000;
  const count = (verdict: TestCase['verdict']): number => cases.filter((it) => it.verdict === verdict).length;
  const counts = `tests="${cases.length}" failures="${count('fail')}" errors="0" skipped="${count('inconclusive')}" time="${seconds.toFixed(3)}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="modelpress" ${counts}>`,
    `<testsuite name="${escapeXml(report.source.name)}" ${counts}>`,
    ...cases.map((it) => testCase(report.source.name, it)),
    '</testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function artifactCases(report: Report): readonly TestCase[] {
  const { head, rows } = comparisonTable(report);
  return comparedVariants(report).flatMap((variant, column) => {
    if (variant.target === 'source') return [];
    const figures = rows.map((row) => `${row[0]?.trim()}: ${row[column + 1]}`);
    return [{ name: head[column + 1] ?? variant.name, verdict: 'pass', detail: figures.join('\n') }];
  });
}

function testCase(model: string, { name, verdict, detail }: TestCase): string {
  return `<testcase classname="modelpress.${escapeXml(model)}" name="${escapeXml(name)}">${outcome(verdict, escapeXml(detail))}</testcase>`;
}

function outcome(verdict: TestCase['verdict'], detail: string): string {
  switch (verdict) {
    case 'fail':
      return `<failure message="${detail}"/>`;
    case 'inconclusive':
      return `<skipped message="${detail}"/>`;
    case 'pass':
      return `<system-out>${detail}</system-out>`;
  }
}

/** XML 1.0 has no way to write most control characters, nor halves of a surrogate pair. */
function escapeXml(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to replace
  return escapeHtml(text.replaceAll(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\p{Surrogate}]/gu, '\ufffd'));
}
