// Writes the table of the zoo's results into the project's README.md: `npm run bench:readme`.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from './project-root.ts';
import { readmeSection } from './readme-section.ts';
import { replaceSection } from './replace-section.ts';
import { readResults } from './results-file.ts';
import { zooRowSchema } from './zoo-quantization/quantization-row.ts';

const results = readResults('zoo-quantization', zooRowSchema);
if (results === undefined) throw new Error('there are no results: run `npm run bench -- zoo-quantization` first');
const path = join(PROJECT_ROOT, 'README.md');
writeFileSync(path, replaceSection(readFileSync(path, 'utf8'), 'zoo', readmeSection(results)));
console.log(`wrote the table into ${path}`);
