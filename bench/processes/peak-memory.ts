import { readFileSync } from 'node:fs';

/**
 * The most memory that this process has had resident, in bytes. On Linux the kernel's figure for the program that runs
 * now (`VmHWM`): `getrusage` also counts what the process that started it held when it was forked.
 */
export function peakMemory(): number {
  try {
    const line = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'));
    if (line !== null) return Number(line[1]) * 1024;
  } catch {
    // No Linux.
  }
  return process.resourceUsage().maxRSS * 1024;
}
