import { existsSync, readFileSync } from 'node:fs';
import { arch, cpus, platform } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as ort from 'onnxruntime-node';
import type { Report } from '../report/report-schema.ts';

/** modelpress's own version, from its package.json, which stands above both the sources and the build. */
export function toolVersion(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }).version;
}

/** Versions of the runtimes that artifacts were run in. */
export function runtimeVersions(): Record<string, string> {
  return { 'onnxruntime-node': ort.env.versions.node ?? ort.env.versions.common };
}

/** The machine that the figures of a report were measured on. */
export function describeEnvironment(): Report['environment'] {
  const processors = cpus();
  return {
    platform: platform(),
    arch: arch(),
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    node: process.versions.node,
    runtimes: runtimeVersions(),
  };
}
