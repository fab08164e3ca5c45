// Writes the results of the zoo into the project's README.md: `npm run bench:readme`.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from './project-root.ts';
import { readmeSection } from './readme-section.ts';
import { replaceSection } from './replace-section.ts';
import { readResults } from './results-file.ts';
import { judgedSchema } from './zoo-graphs/graph-row.ts';
import { graphSentence } from './zoo-graphs/graph-table.ts';
import { zooRowSchema } from './zoo-quantization/quantization-row.ts';

const results = readResults('zoo-quantization', zooRowSchema);
if (results === undefined) throw new Error('there are no results: run `npm run bench -- zoo-quantization` first');
const graphs = readResults('zoo-graphs', judgedSchema);
if (graphs === undefined) throw new Error('there are no results: run `npm run bench -- zoo-graphs` first');
const path = join(PROJECT_ROOT, 'README.md');
const table = replaceSection(readFileSync(path, 'utf8'), 'zoo', readmeSection(results));
writeFileSync(path, replaceSection(table, 'graphs', graphSentence(graphs.rows)));
console.log(`wrote the table into ${path}`);
