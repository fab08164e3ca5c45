import type { BuiltinOptionsName } from './builtin-operators.ts';

/** How one field of a table is stored. */
export type FieldKind =
  | 'i8'
  | 'i32'
  | 'u32'
  | 'i64'
  | 'f32'
  | 'bool'
  | 'string'
  /** A vector of bytes that begins at a multiple of 16. */
  | 'bytes16'
  /** A vector of bytes. */
  | 'bytes'
  | '[i32]'
  | '[i64]'
  | '[f32]'
  /** A builtin operator's options: two slots, the number of the table and the table. */
  | 'options'
  /** A field that is kept free: it takes its slots and is never written. */
  | 'none'
  | { readonly table: TableName }
  | { readonly tables: TableName };

export interface Field {
  readonly name: string;
  /** The field's place in the table's vtable. */
  readonly slot: number;
  readonly kind: FieldKind;
  /** The number that an absent field stands for. */
  readonly fallback: number;
}

const STRUCTURE = {
  Model:
    'version:u32 operator_codes:[OperatorCode] subgraphs:[SubGraph] description:string buffers:[Buffer] ' +
    'metadata_buffer:[i32] metadata:[Metadata] signature_defs:[SignatureDef]',
  OperatorCode: 'deprecated_builtin_code:i8 custom_code:string version:i32=1 builtin_code:i32',
  SubGraph: 'tensors:[Tensor] inputs:[i32] outputs:[i32] operators:[Operator] name:string',
  Tensor:
    'shape:[i32] type:i8 buffer:u32 name:string quantization:Quantization is_variable:bool sparsity:none ' +
    'shape_signature:[i32] has_rank:bool',
  // `details` is a union and takes two slots.
  Quantization: 'min:[f32] max:[f32] scale:[f32] zero_point:[i64] details:none details2:none quantized_dimension:i32',
  Operator: 'opcode_index:u32 inputs:[i32] outputs:[i32] builtin_options:options custom_options:bytes',
  Buffer: 'data:bytes16',
  Metadata: 'name:string buffer:u32',
  TensorMap: 'name:string tensor_index:u32',
  SignatureDef: 'inputs:[TensorMap] outputs:[TensorMap] signature_key:string deprecated_tag:none subgraph_index:u32',
} as const;

const ACTIVATED = 'fused_activation_function:i8';
const EMPTY = '';

/** The options of operators; those without a field are written as empty tables, as readers expect. */
const OPTIONS: Readonly<Record<BuiltinOptionsName, string>> = {
  Conv2DOptions: `padding:i8 stride_w:i32 stride_h:i32 ${ACTIVATED} dilation_w_factor:i32=1 dilation_h_factor:i32=1`,
  DepthwiseConv2DOptions: `padding:i8 stride_w:i32 stride_h:i32 depth_multiplier:i32 ${ACTIVATED} dilation_w_factor:i32=1 dilation_h_factor:i32=1`,
  Conv3DOptions: `padding:i8 stride_d:i32 stride_w:i32 stride_h:i32 ${ACTIVATED} dilation_d_factor:i32=1 dilation_w_factor:i32=1 dilation_h_factor:i32=1`,
  TransposeConvOptions: `padding:i8 stride_w:i32 stride_h:i32 ${ACTIVATED}`,
  Pool2DOptions: `padding:i8 stride_w:i32 stride_h:i32 filter_width:i32 filter_height:i32 ${ACTIVATED}`,
  FullyConnectedOptions: `${ACTIVATED} weights_format:i8 keep_num_dims:bool asymmetric_quantize_inputs:bool`,
  BatchMatMulOptions: 'adj_x:bool adj_y:bool asymmetric_quantize_inputs:bool',
  SoftmaxOptions: 'beta:f32',
  LogSoftmaxOptions: EMPTY,
  ConcatenationOptions: `axis:i32 ${ACTIVATED}`,
  AddOptions: `${ACTIVATED} pot_scale_int16:bool=1`,
  SubOptions: `${ACTIVATED} pot_scale_int16:bool=1`,
  MulOptions: ACTIVATED,
  DivOptions: ACTIVATED,
  L2NormOptions: ACTIVATED,
  LocalResponseNormalizationOptions: 'radius:i32 bias:f32 alpha:f32 beta:f32',
  ResizeBilinearOptions: 'new_height:none new_width:none align_corners:bool half_pixel_centers:bool',
  ResizeNearestNeighborOptions: 'align_corners:bool half_pixel_centers:bool',
  ReshapeOptions: 'new_shape:[i32]',
  SqueezeOptions: 'squeeze_dims:[i32]',
  SpaceToDepthOptions: 'block_size:i32',
  DepthToSpaceOptions: 'block_size:i32',
  GatherOptions: 'axis:i32 batch_dims:i32',
  ReducerOptions: 'keep_dims:bool',
  SplitOptions: 'num_splits:i32',
  SplitVOptions: 'num_splits:i32',
  StridedSliceOptions:
    'begin_mask:i32 end_mask:i32 ellipsis_mask:i32 new_axis_mask:i32 shrink_axis_mask:i32 offset:bool',
  CastOptions: 'in_data_type:i8 out_data_type:i8',
  ArgMaxOptions: 'output_type:i8',
  ArgMinOptions: 'output_type:i8',
  ShapeOptions: 'out_type:i8',
  PackOptions: 'values_count:i32 axis:i32',
  UnpackOptions: 'num:i32 axis:i32',
  OneHotOptions: 'axis:i32',
  LeakyReluOptions: 'alpha:f32',
  MirrorPadOptions: 'mode:i8',
  CumsumOptions: 'exclusive:bool reverse:bool',
  GeluOptions: 'approximate:bool',
  IfOptions: 'then_subgraph_index:i32 else_subgraph_index:i32',
  WhileOptions: 'cond_subgraph_index:i32 body_subgraph_index:i32',
  PadOptions: EMPTY,
  PadV2Options: EMPTY,
  BatchToSpaceNDOptions: EMPTY,
  SpaceToBatchNDOptions: EMPTY,
  TransposeOptions: EMPTY,
  ExpOptions: EMPTY,
  CosOptions: EMPTY,
  TopKV2Options: EMPTY,
  DequantizeOptions: EMPTY,
  QuantizeOptions: EMPTY,
  MaximumMinimumOptions: EMPTY,
  LessOptions: EMPTY,
  LessEqualOptions: EMPTY,
  GreaterOptions: EMPTY,
  GreaterEqualOptions: EMPTY,
  EqualOptions: EMPTY,
  NotEqualOptions: EMPTY,
  NegOptions: EMPTY,
  SelectOptions: EMPTY,
  SelectV2Options: EMPTY,
  SliceOptions: EMPTY,
  TileOptions: EMPTY,
  ExpandDimsOptions: EMPTY,
  PowOptions: EMPTY,
  LogicalOrOptions: EMPTY,
  LogicalAndOptions: EMPTY,
  LogicalNotOptions: EMPTY,
  FloorDivOptions: EMPTY,
  FloorModOptions: EMPTY,
  SquareOptions: EMPTY,
  FillOptions: EMPTY,
  RangeOptions: EMPTY,
  SquaredDifferenceOptions: EMPTY,
  AbsOptions: EMPTY,
  ReverseV2Options: EMPTY,
  GatherNdOptions: EMPTY,
  HardSwishOptions: EMPTY,
  ScatterNdOptions: EMPTY,
  BroadcastToOptions: EMPTY,
  SignOptions: EMPTY,
  ATan2Options: EMPTY,
};

export type TableName = keyof typeof STRUCTURE | BuiltinOptionsName;

/** The fields of every table that is written or read, after schema.fbs of TensorFlow Lite (schema version 3c). */
export const TABLES: ReadonlyMap<TableName, readonly Field[]> = new Map(
  Object.entries({ ...STRUCTURE, ...OPTIONS }).map(([name, text]) => [name as TableName, parseFields(text)]),
);

function parseFields(text: string): Field[] {
  let slot = 0;
  return text
    .split(' ')
    .filter((item) => item !== '')
    .map((item) => {
      const [, name = '', kindText = '', fallback = '0'] = /^(\w+):([^=]+)(?:=(\d+))?$/.exec(item) ?? [];
      const kind = kindOf(kindText);
      // The table of a union follows the slot of its number.
      const field = { name, slot: kind === 'options' ? slot + 1 : slot, kind, fallback: Number(fallback) };
      slot += kind === 'options' ? 2 : 1;
      return field;
    });
}

function kindOf(text: string): FieldKind {
  const vector = /^\[([A-Z]\w*)\]$/.exec(text);
  if (vector !== null) return { tables: vector[1] as TableName };
  return /^[A-Z]/.test(text) ? { table: text as TableName } : (text as Exclude<FieldKind, object>);
}
