// Loaded before any program by `node --import`: leaves the peak memory of the process in a file when it ends.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import { PEAK_FOLDER } from './peak-folder.ts';
import { peakMemory } from './peak-memory.ts';

const folder = process.env[PEAK_FOLDER];
if (folder !== undefined && isMainThread) {
  process.on('exit', () => writeFileSync(join(folder, String(process.pid)), String(peakMemory())));
}
