/** Bytes per line of the array: lines of at most 120 columns. */
const BYTES_PER_LINE = 18;

/** A model as C source for microcontrollers: a header and an array, aligned as TensorFlow Lite Micro wants it. */
export interface CArray {
  readonly header: string;
  readonly source: string;
}

/**
 * A .tflite file as `model_data.h` and `model_data.cc`. The array is `const`, so that it stays in flash, and aligned to
 * 16 bytes, which the flatbuffer's own buffers assume.
 */
export function cArray(bytes: Uint8Array): CArray {
  const header = `#ifndef MODEL_DATA_H_
#define MODEL_DATA_H_

// ${bytes.byteLength} bytes of a TensorFlow Lite model.
extern const unsigned char g_model_data[];
extern const unsigned int g_model_data_size;

#endif  // MODEL_DATA_H_
`;
  const lines: string[] = [];
  for (let start = 0; start < bytes.byteLength; start += BYTES_PER_LINE) {
    const line = Array.from(
      bytes.subarray(start, start + BYTES_PER_LINE),
      (byte) => `0x${byte.toString(16).padStart(2, '0')},`,
    );
    lines.push(`    ${line.join(' ')}`);
  }
  const source = `#include "model_data.h"

alignas(16) const unsigned char g_model_data[] = {
${lines.join('\n')}
};
const unsigned int g_model_data_size = ${bytes.byteLength};
`;
  return { header, source };
}
