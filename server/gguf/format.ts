/**
 * The words of the GGUF format: value types, tensor types and what a header holds. Reads and writes nothing.
 * Source: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
 */

/** Metadata value types in the order of their ids (`gguf_metadata_value_type`). */
export const valueTypes = [
  'uint8',
  'int8',
  'uint16',
  'int16',
  'uint32',
  'int32',
  'float32',
  'bool',
  'string',
  'array',
  'uint64',
  'int64',
  'float64',
] as const;

export type ValueType = (typeof valueTypes)[number];
export type ScalarType = Exclude<ValueType, 'array' | 'string'>;

/** Size in the file; a string takes 8 bytes for its length and then its bytes. */
export const scalarSizeBytes: Readonly<Record<ScalarType, number>> = {
  uint8: 1,
  int8: 1,
  uint16: 2,
  int16: 2,
  uint32: 4,
  int32: 4,
  float32: 4,
  bool: 1,
  uint64: 8,
  int64: 8,
  float64: 8,
};

/** 64-bit integers are numbers where a number holds them exactly, else bigint. */
export type Scalar = string | number | bigint | boolean;

/** A value and the type it has in the file, so that it can be written back as it was. */
export type MetadataValue =
  | { readonly type: Exclude<ValueType, 'array'>; readonly value: Scalar }
  | {
      readonly type: 'array';
      readonly elementType: Exclude<ValueType, 'array'>;
      readonly value: readonly Scalar[];
    };

export interface TensorTypeInfo {
  readonly id: number;
  /** Weights that share one block; a row holds a whole number of blocks. */
  readonly blockSize: number;
  readonly blockSizeBytes: number;
}

/**
 * Tensor types by name. Source: `enum ggml_type` and the block structs of
 * https://github.com/ggml-org/ggml/blob/master/include/ggml.h and src/ggml-common.h.
 */
export const tensorTypes = {
  F32: { id: 0, blockSize: 1, blockSizeBytes: 4 },
  F16: { id: 1, blockSize: 1, blockSizeBytes: 2 },
  Q4_0: { id: 2, blockSize: 32, blockSizeBytes: 18 },
  Q4_1: { id: 3, blockSize: 32, blockSizeBytes: 20 },
  Q5_0: { id: 6, blockSize: 32, blockSizeBytes: 22 },
  Q5_1: { id: 7, blockSize: 32, blockSizeBytes: 24 },
  Q8_0: { id: 8, blockSize: 32, blockSizeBytes: 34 },
  Q8_1: { id: 9, blockSize: 32, blockSizeBytes: 36 },
  Q2_K: { id: 10, blockSize: 256, blockSizeBytes: 84 },
  Q3_K: { id: 11, blockSize: 256, blockSizeBytes: 110 },
  Q4_K: { id: 12, blockSize: 256, blockSizeBytes: 144 },
  Q5_K: { id: 13, blockSize: 256, blockSizeBytes: 176 },
  Q6_K: { id: 14, blockSize: 256, blockSizeBytes: 210 },
  Q8_K: { id: 15, blockSize: 256, blockSizeBytes: 292 },
  IQ2_XXS: { id: 16, blockSize: 256, blockSizeBytes: 66 },
  IQ2_XS: { id: 17, blockSize: 256, blockSizeBytes: 74 },
  IQ3_XXS: { id: 18, blockSize: 256, blockSizeBytes: 98 },
  IQ1_S: { id: 19, blockSize: 256, blockSizeBytes: 50 },
  IQ4_NL: { id: 20, blockSize: 32, blockSizeBytes: 18 },
  IQ3_S: { id: 21, blockSize: 256, blockSizeBytes: 110 },
  IQ2_S: { id: 22, blockSize: 256, blockSizeBytes: 82 },
  IQ4_XS: { id: 23, blockSize: 256, blockSizeBytes: 136 },
  I8: { id: 24, blockSize: 1, blockSizeBytes: 1 },
  I16: { id: 25, blockSize: 1, blockSizeBytes: 2 },
  I32: { id: 26, blockSize: 1, blockSizeBytes: 4 },
  I64: { id: 27, blockSize: 1, blockSizeBytes: 8 },
  F64: { id: 28, blockSize: 1, blockSizeBytes: 8 },
  IQ1_M: { id: 29, blockSize: 256, blockSizeBytes: 56 },
  BF16: { id: 30, blockSize: 1, blockSizeBytes: 2 },
  TQ1_0: { id: 34, blockSize: 256, blockSizeBytes: 54 },
  TQ2_0: { id: 35, blockSize: 256, blockSizeBytes: 66 },
  MXFP4: { id: 39, blockSize: 32, blockSizeBytes: 17 },
} as const satisfies Readonly<Record<string, TensorTypeInfo>>;

export type TensorType = keyof typeof tensorTypes;

export interface GgufTensor {
  readonly name: string;
  /** As in the file: the fastest-moving dimension first, so a linear layer is [inputs, outputs]. */
  readonly shape: readonly number[];
  readonly type: TensorType;
  /** From the start of the file. */
  readonly offsetBytes: number;
  readonly sizeBytes: number;
}

/** Where the bytes of a metadata record lie in the file, key and type included. */
export interface FileRange {
  readonly offsetBytes: number;
  readonly sizeBytes: number;
}

export interface GgufHeader {
  readonly path: string;
  readonly version: number;
  readonly fileSizeBytes: number;
  /** Tensor data starts at multiples of this. */
  readonly alignment: number;
  readonly metadata: ReadonlyMap<string, MetadataValue>;
  readonly metadataRanges: ReadonlyMap<string, FileRange>;
  readonly tensors: readonly GgufTensor[];
}

export const ggufMagic = 0x46554747;
export const defaultAlignment = 32;

/** Bytes of `nWeights` weights, whose rows are whole blocks. */
export function tensorSizeBytes(type: TensorType, nWeights: number): number {
  const { blockSize, blockSizeBytes } = tensorTypes[type];
  return (nWeights / blockSize) * blockSizeBytes;
}

/** The next multiple of `alignment`. */
export function alignUp(offsetBytes: number, alignment: number): number {
  return Math.ceil(offsetBytes / alignment) * alignment;
}

export function stringOf(header: GgufHeader, key: string): string | undefined {
  const value = header.metadata.get(key)?.value;
  return typeof value === 'string' ? value : undefined;
}

export function numberOf(header: GgufHeader, key: string): number | undefined {
  const value = header.metadata.get(key)?.value;
  return typeof value === 'number' ? value : undefined;
}
