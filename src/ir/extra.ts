/**
 * What a file carries beside the meaning of an object, kept so that nothing is lost between reading and writing.
 */
export interface Extra {
  readonly doc?: string;
  readonly metadata?: ReadonlyMap<string, string>;
  /** Fields of the file that this version of the format does not know, encoded as they stood. */
  readonly unknown?: Uint8Array;
}
