#!/usr/bin/env node
import { runCli } from './run-cli.ts';
import { keepYoungGenerationSmall } from './young-generation.ts';

keepYoungGenerationSmall();

// A reader that has seen enough, as `head` does, is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});
process.exitCode = await runCli(process.argv.slice(2), process);
