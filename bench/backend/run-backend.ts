import { backendCases } from '../../test/zoo.ts';
import { CASE_VARIANTS } from './case-variant.ts';
import { checkCase, type Verdict } from './check-case.ts';

/** Verdicts in the order of the table's columns. */
const KINDS: readonly Verdict['kind'][] = ['agrees', 'loads', 'not-run', 'exception', 'unrunnable', 'wrong'];

/** Runs the whole ONNX backend suite through the optimizer and prints what became of each case. */
const cases = backendCases();
if (cases.length === 0) throw new Error('the ONNX backend suite is not there; set MODELPRESS_ZOO');
const only = process.argv[2];
const details: string[] = [];
const table: Record<string, Record<string, number>> = {};
for (const [name, variant] of Object.entries(CASE_VARIANTS)) {
  const row: Record<string, number> = Object.fromEntries(KINDS.map((kind) => [kind, 0]));
  let before = 0;
  let after = 0;
  for (const one of cases) {
    if (only !== undefined && !one.name.includes(only)) continue;
    const verdict = await checkCase(one, variant);
    row[verdict.kind]!++;
    if (verdict.kind === 'agrees') {
      before += verdict.nodesBefore;
      after += verdict.nodesAfter;
    } else details.push(`${verdict.kind}\t${name}\t${one.name}\t${verdict.reason}`);
  }
  table[name] = { ...row, 'nodes before': before, 'nodes after': after };
}
for (const line of details.sort()) console.log(line);
console.table(table);
