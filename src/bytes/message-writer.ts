import { type Chunk, chunkLength } from './byte-source.ts';

/**
 * Byte fields from this length on are handed through as chunks of their own instead of being copied. One page: below
 * it the bookkeeping of a chunk costs more than the copy.
 */
const OWN_CHUNK_BYTES = 4096;

const FIRST_BYTES = 1024;

const UTF8 = new TextEncoder();

/** Bytes of a varint that hold 7 bits each, for numbers below 2^53. */
function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) length++;
  return length;
}

/**
 * Writes the parts of a protobuf message in order. What is delimited is opened, written and closed, and its length is put
 * before it then; large byte fields stay chunks of their own beside the bytes gathered here.
 */
export class MessageWriter {
  #bytes = new Uint8Array(FIRST_BYTES);
  #view = new DataView(this.#bytes.buffer);
  #at = 0;
  /** The chunks that are not copied, each with the place in `#bytes` that it stands before. */
  readonly #chunks: { at: number; readonly chunk: Chunk }[] = [];
  #chunkBytes = 0;

  /** A whole number from 0 to 2^53 - 1. */
  varint(value: number): void {
    this.#reserve(8);
    this.#putVarint(value);
  }

  /** A 64-bit integer; a negative one as its two's complement. */
  varint64(value: bigint): void {
    if (value >= 0n && value <= MAX_SAFE) {
      this.varint(Number(value));
      return;
    }
    this.#reserve(10);
    let rest = BigInt.asUintN(64, value);
    for (; rest >= 0x80n; rest >>= 7n) this.#bytes[this.#at++] = Number(rest & 0x7fn) | 0x80;
    this.#bytes[this.#at++] = Number(rest);
  }

  float(value: number): void {
    this.#reserve(4);
    this.#view.setFloat32(this.#at, value, true);
    this.#at += 4;
  }

  /** A text as UTF-8 with its length before it. */
  string(value: string): void {
    this.#reserve(8 + 3 * value.length);
    const start = this.open();
    if (!this.#ascii(value)) this.#at += UTF8.encodeInto(value, this.#bytes.subarray(this.#at)).written;
    this.close(start);
  }

  /** Writes a text of ASCII alone, as nearly all names are; answers whether it was one. */
  #ascii(value: string): boolean {
    for (let index = 0; index < value.length; index++) {
      const unit = value.charCodeAt(index);
      if (unit >= 0x80) return false;
      this.#bytes[this.#at + index] = unit;
    }
    this.#at += value.length;
    return true;
  }

  /** Bytes as they are, without a length. */
  chunk(chunk: Chunk): void {
    if (chunk instanceof Uint8Array && chunk.byteLength < OWN_CHUNK_BYTES) {
      this.#reserve(chunk.byteLength);
      this.#bytes.set(chunk, this.#at);
      this.#at += chunk.byteLength;
      return;
    }
    this.#chunks.push({ at: this.#at, chunk });
    this.#chunkBytes += chunkLength(chunk);
  }

  /** Begins what is delimited; `close` takes what this returns. */
  open(): Opened {
    this.#reserve(1);
    // Most lengths take one byte; what stands behind a longer one is moved when it is known.
    const opened = { at: this.#at, chunks: this.#chunks.length, chunkBytes: this.#chunkBytes };
    this.#at++;
    return opened;
  }

  close({ at, chunks, chunkBytes }: Opened): void {
    const gathered = this.#at - at - 1;
    const length = gathered + this.#chunkBytes - chunkBytes;
    const more = varintLength(length) - 1;
    if (more > 0) {
      this.#reserve(more);
      this.#bytes.copyWithin(at + 1 + more, at + 1, this.#at);
      for (let index = chunks; index < this.#chunks.length; index++) this.#chunks[index]!.at += more;
    }
    this.#at = at;
    this.#putVarint(length);
    this.#at += gathered;
  }

  /** Everything that was written, as the pieces of a file. */
  finish(): { readonly chunks: readonly Chunk[]; readonly byteLength: number } {
    const pieces: Chunk[] = [];
    let from = 0;
    const upTo = (to: number): void => {
      if (to > from) pieces.push(this.#bytes.subarray(from, to));
      from = to;
    };
    for (const { at, chunk } of this.#chunks) {
      upTo(at);
      pieces.push(chunk);
    }
    upTo(this.#at);
    return { chunks: pieces, byteLength: this.#at + this.#chunkBytes };
  }

  #putVarint(value: number): void {
    let rest = value;
    for (; rest > 0x7fffffff; rest = Math.floor(rest / 0x80)) this.#bytes[this.#at++] = (rest % 0x80) | 0x80;
    for (; rest >= 0x80; rest >>>= 7) this.#bytes[this.#at++] = (rest & 0x7f) | 0x80;
    this.#bytes[this.#at++] = rest;
  }

  #reserve(count: number): void {
    if (this.#at + count <= this.#bytes.byteLength) return;
    const larger = new Uint8Array(Math.max(2 * this.#bytes.byteLength, this.#at + count));
    larger.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}

const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);

/** Where something delimited begins. */
interface Opened {
  readonly at: number;
  readonly chunks: number;
  readonly chunkBytes: number;
}
