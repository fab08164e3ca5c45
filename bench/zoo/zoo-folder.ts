import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { PROJECT_ROOT } from '../project-root.ts';

/** The folder of real models and data, which is no part of the project. */
export const ZOO = resolve(PROJECT_ROOT, process.env.MODELPRESS_ZOO ?? '../shared/zoo');

/** Why nothing can be measured on the zoo; undefined where it is there. */
export function zooMissing(): string | undefined {
  return existsSync(join(ZOO, 'models')) ? undefined : `there is no zoo at ${ZOO}; set MODELPRESS_ZOO`;
}

/** Names of all models, sorted. */
export function zooModels(): readonly string[] {
  return readdirSync(join(ZOO, 'models')).sort();
}

export function zooModelFile(name: string): string {
  return join(ZOO, 'models', name, 'model.onnx');
}

/** The folder that holds a model's `test_data_set_*`. */
export function zooTestData(name: string): string {
  return join(ZOO, 'models', name);
}

/**
 * The names to measure: those asked for, in the order of `all`, or all.
 *
 * @throws Error that names what is not there.
 */
export function chosenNames(all: readonly string[], asked: readonly string[]): readonly string[] {
  const strangers = asked.filter((name) => !all.includes(name));
  if (strangers.length > 0) throw new Error(`not in this suite: ${strangers.join(', ')}; it has ${all.join(', ')}`);
  return asked.length === 0 ? all : all.filter((name) => asked.includes(name));
}
