/** The start of a file format that people mistake for ONNX: bytes (as Latin-1) at an offset. */
interface Signature {
  readonly bytes: string;
  readonly offset?: number;
  readonly name: string;
}

const SIGNATURES: readonly Signature[] = [
  { bytes: 'TFL3', offset: 4, name: 'a TensorFlow Lite model' },
  { bytes: 'ORTM', offset: 4, name: 'an ONNX Runtime model in the ORT format' },
  { bytes: 'PK\x03\x04', name: 'a zip archive, as PyTorch, Keras and NumPy (.npz) write' },
  { bytes: '\x89HDF', name: 'an HDF5 file, as Keras writes' },
  { bytes: '\x93NUMPY', name: 'a NumPy array' },
  { bytes: 'GGUF', name: 'a GGUF model' },
  { bytes: '\x89PNG', name: 'a PNG image' },
  { bytes: '\xff\xd8\xff', name: 'a JPEG image' },
  { bytes: '\x1f\x8b', name: 'a gzip archive' },
  { bytes: '\x28\xb5\x2f\xfd', name: 'a zstd archive' },
  { bytes: '%PDF', name: 'a PDF document' },
  { bytes: '\x7fELF', name: 'a program' },
  { bytes: 'version https://git-lfs', name: 'a Git LFS pointer instead of the file itself' },
  { bytes: '<?xml', name: 'an XML document, as OpenVINO writes' },
];

/** How many bytes of a file are looked at to see whether it is text. */
const TEXT_SAMPLE_BYTES = 512;

/** What a file seems to be, from its first bytes; `undefined` where nothing speaks against a protobuf message. */
export function identifyFile(bytes: Uint8Array): string | undefined {
  const head = String.fromCharCode(...bytes.subarray(0, TEXT_SAMPLE_BYTES));
  const known = SIGNATURES.find((signature) => head.startsWith(signature.bytes, signature.offset ?? 0));
  if (known !== undefined) return known.name;
  // A pickle opens with its protocol version; safetensors with the length of a JSON header.
  const [first, second] = bytes;
  if (first === 0x80 && second !== undefined && second >= 2 && second <= 5) return 'a Python pickle, as PyTorch writes';
  if (/^[\s\S]{8}\{"/.test(head)) return 'a safetensors file';
  if (/^\s*[[{]/.test(head) && isText(head)) return 'JSON';
  if (/^\s*</.test(head) && isText(head)) return 'an HTML or XML page';
  return head.length > 0 && isText(head) ? 'text' : undefined;
}

/** Protobuf messages hold control characters from their first byte on; text holds none but white space. */
function isText(head: string): boolean {
  return /^[^\p{Cc}]*$/u.test(head.replace(/[\t\n\r]/g, ''));
}
