/** A count with its noun, as a sentence has it: `1 node`, `12 nodes`. @param plural where it is not the noun with an s. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}
