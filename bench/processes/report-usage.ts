// Loaded before any program by `node --import`: leaves in a file what the process has used when it ends.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import { processUsage } from './process-usage.ts';
import { USAGE_FOLDER } from './usage-folder.ts';

const folder = process.env[USAGE_FOLDER];
if (folder !== undefined && isMainThread) {
  process.on('exit', () => writeFileSync(join(folder, String(process.pid)), JSON.stringify(processUsage())));
}
