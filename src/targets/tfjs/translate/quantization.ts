import { HELD_TYPES } from '../tfjs-types.ts';
import type { Translation, TranslationTable } from './translation.ts';

/** clip(round(x / scale) + zero point), in floating point as it is exact there. */
const quantize: Translation = (call) => {
  const result = call.result();
  const { scales, zeroPoints } = result.quantization ?? { scales: [], zeroPoints: [] };
  const limits = { int8: [-128, 127], uint8: [0, 255] }[result.type as string];
  if (limits === undefined || scales.length !== 1) {
    return call.refuse({
      code: 'tfjs-quantization-form',
      message: `numbers quantized to ${result.type} in another form`,
    });
  }
  const steps = call.node('Round', [call.node('RealDiv', [call.input(0), call.scalar(scales[0]!)])]);
  const moved = zeroPoints[0] === 0 ? steps : call.node('AddV2', [steps, call.scalar(zeroPoints[0]!)]);
  const within = call.node('ClipByValue', [moved, call.scalar(limits[0]!), call.scalar(limits[1]!)]);
  return call.node('Cast', [within], { DstT: { type: HELD_TYPES.int32 } });
};

const dequantize: Translation = (call) => {
  const { scales, zeroPoints } = call.tensor(0).quantization ?? { scales: [], zeroPoints: [] };
  if (scales.length !== 1) {
    return call.refuse({ code: 'tfjs-quantization-form', message: 'quantized numbers with several scales' });
  }
  const x = call.node('Cast', [call.input(0)], { DstT: { type: HELD_TYPES.float32 } });
  const shifted = zeroPoints[0] === 0 ? x : call.node('Sub', [x, call.scalar(zeroPoints[0]!)]);
  return call.node('Mul', [shifted, call.scalar(scales[0]!)]);
};

export const QUANTIZATION: TranslationTable = { QUANTIZE: quantize, DEQUANTIZE: dequantize };
