import type { Extra } from '../ir/extra.ts';
import type { Proto } from './schema.ts';

interface ExtraFields {
  readonly docString?: string | undefined;
  readonly metadataProps?: readonly Proto<'StringStringEntryProto'>[] | undefined;
  readonly unknown?: Uint8Array | undefined;
}

/** What a message carries beside its meaning, if it carries anything. */
export function extraFrom(message: ExtraFields): Extra | undefined {
  const { docString, metadataProps, unknown } = message;
  if (docString === undefined && metadataProps === undefined && unknown === undefined) return undefined;
  return {
    ...(docString === undefined ? {} : { doc: docString }),
    ...(metadataProps === undefined
      ? {}
      : { metadata: new Map(metadataProps.map(({ key, value }) => [key ?? '', value ?? ''])) }),
    ...(unknown === undefined ? {} : { unknown }),
  };
}

/** The fields that `extraFrom` reads; without `debugInfo` only what this version of the format does not know. */
export function extraFields(extra: Extra | undefined, debugInfo = true): ExtraFields {
  if (extra === undefined) return {};
  if (!debugInfo) return { unknown: extra.unknown };
  return {
    docString: extra.doc,
    metadataProps: extra.metadata === undefined ? undefined : stringEntries(extra.metadata),
    unknown: extra.unknown,
  };
}

export function stringEntries(entries: Iterable<readonly [string, string]>): Proto<'StringStringEntryProto'>[] {
  return Array.from(entries, ([key, value]) => ({ key, value }));
}
