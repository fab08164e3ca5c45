import { readFileSync } from 'node:fs';
import { z } from 'zod';

export const processUsageSchema = z.object({
  /** Most memory that was resident at any time, in bytes. */
  peakBytes: z.int(),
  /** Processor time of all threads, in seconds. */
  cpuSeconds: z.number(),
});

export type ProcessUsage = z.infer<typeof processUsageSchema>;

/** What this process has used so far. Not what its children have. */
export function processUsage(): ProcessUsage {
  const { user, system } = process.cpuUsage();
  return { peakBytes: peakMemory(), cpuSeconds: (user + system) / 1e6 };
}

/**
 * On Linux the kernel's figure for the program that runs now (`VmHWM`): `getrusage` also counts what the process that
 * started it held when it was forked.
 */
function peakMemory(): number {
  try {
    const line = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'));
    if (line !== null) return Number(line[1]) * 1024;
  } catch {
    // No Linux.
  }
  return process.resourceUsage().maxRSS * 1024;
}
