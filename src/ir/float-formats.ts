import type { DataType } from './dtype.ts';

/** A binary floating-point format narrower than 32 bits, by the widths of its fields. */
interface FloatFormat {
  readonly exponentBits: number;
  readonly mantissaBits: number;
  readonly bias: number;
  /** `ieee`: infinities and NaN in the top exponent. `fn`: no infinities, NaN is all ones. `fnuz`: NaN is the negative zero. */
  readonly special: 'ieee' | 'fn' | 'fnuz' | 'none';
}

/**
 * IEEE 754 binary16, bfloat16, the OCP 8-bit formats (Micikevicius et al. 2022, arXiv:2209.05433), their FNUZ variants
 * (Noune et al. 2022, arXiv:2206.02915) and OCP MX FP4. FLOAT8E8M0 has no mantissa and is handled apart.
 */
const FORMATS: Partial<Record<DataType, FloatFormat>> = {
  float16: { exponentBits: 5, mantissaBits: 10, bias: 15, special: 'ieee' },
  bfloat16: { exponentBits: 8, mantissaBits: 7, bias: 127, special: 'ieee' },
  float8e4m3fn: { exponentBits: 4, mantissaBits: 3, bias: 7, special: 'fn' },
  float8e4m3fnuz: { exponentBits: 4, mantissaBits: 3, bias: 8, special: 'fnuz' },
  float8e5m2: { exponentBits: 5, mantissaBits: 2, bias: 15, special: 'ieee' },
  float8e5m2fnuz: { exponentBits: 5, mantissaBits: 2, bias: 16, special: 'fnuz' },
  float4e2m1: { exponentBits: 2, mantissaBits: 1, bias: 1, special: 'none' },
};

/** Whether `dtype` is stored as a bit pattern narrower than 32 bits that JavaScript has no typed array for. */
export function isNarrowFloat(dtype: DataType): boolean {
  return dtype in FORMATS || dtype === 'float8e8m0';
}

/** The number that `bits` stands for in `dtype`. Exact. */
export function decodeNarrowFloat(dtype: DataType, bits: number): number {
  if (dtype === 'float8e8m0') return bits === 0xff ? Number.NaN : 2 ** (bits - 127);
  const format = formatOf(dtype);
  const { exponentBits, mantissaBits, bias, special } = format;
  const exponentMax = 2 ** exponentBits - 1;
  const sign = bits >> (exponentBits + mantissaBits) ? -1 : 1;
  const exponent = (bits >> mantissaBits) & exponentMax;
  const mantissa = bits & (2 ** mantissaBits - 1);
  if (special === 'fnuz' && sign < 0 && exponent === 0 && mantissa === 0) return Number.NaN;
  if (special === 'ieee' && exponent === exponentMax)
    return mantissa === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (special === 'fn' && exponent === exponentMax && mantissa === 2 ** mantissaBits - 1) return Number.NaN;
  if (exponent === 0) return sign * mantissa * 2 ** (1 - bias - mantissaBits);
  return sign * (2 ** mantissaBits + mantissa) * 2 ** (exponent - bias - mantissaBits);
}

/**
 * The bit pattern nearest to `value` in `dtype`, ties to even. Values past the largest finite one become infinity where
 * the format has it (IEEE 754), and the largest finite value otherwise (saturation, the default of ONNX Cast).
 */
export function encodeNarrowFloat(dtype: DataType, value: number): number {
  if (dtype === 'float8e8m0') return encodeE8M0(value);
  const { exponentBits, mantissaBits, bias, special } = formatOf(dtype);
  const signBit = Object.is(value, -0) || value < 0 ? 2 ** (exponentBits + mantissaBits) : 0;
  const exponentMax = 2 ** exponentBits - 1;
  const infinity = exponentMax * 2 ** mantissaBits;
  if (Number.isNaN(value)) {
    if (special === 'fnuz') return 2 ** (exponentBits + mantissaBits);
    // FP4 has no NaN; ONNX's reference implementation of Cast gives zero.
    if (special === 'none') return 0;
    return special === 'fn' ? infinity + 2 ** mantissaBits - 1 : infinity + Math.floor(2 ** (mantissaBits - 1));
  }
  const largest =
    special === 'ieee'
      ? infinity - 1
      : special === 'fn'
        ? infinity + 2 ** mantissaBits - 2
        : infinity + 2 ** mantissaBits - 1;
  const magnitude = Math.abs(value);
  if (magnitude === Number.POSITIVE_INFINITY)
    return signBit + (special === 'ieee' && dtype !== 'float8e5m2' ? infinity : largest);
  const exponent = Math.max(magnitude === 0 ? 1 - bias : Math.floor(Math.log2(magnitude)), 1 - bias);
  const scaled = roundHalfToEven(magnitude / 2 ** (exponent - mantissaBits));
  // A carry out of the mantissa runs into the exponent by itself: the patterns are ordered like the numbers.
  const pattern = scaled < 2 ** mantissaBits ? scaled : (exponent + bias - 1) * 2 ** mantissaBits + scaled;
  if (pattern > largest) return signBit + (special === 'ieee' && dtype !== 'float8e5m2' ? infinity : largest);
  return special === 'fnuz' && pattern === 0 ? 0 : signBit + pattern;
}

/** The integer nearest to `value`, ties to even (IEEE 754 roundTiesToEven), as quantization rounds. */
export function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  const fraction = value - floor;
  if (fraction < 0.5) return floor;
  if (fraction > 0.5) return floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

function encodeE8M0(value: number): number {
  if (!(value > 0)) return value === 0 ? 0 : 0xff;
  return Math.min(254, Math.max(0, Math.round(Math.log2(value)) + 127));
}

function formatOf(dtype: DataType): FloatFormat {
  const format = FORMATS[dtype];
  if (format === undefined) throw new TypeError(`${dtype} is not a floating-point format narrower than 32 bits`);
  return format;
}
