/** Types of tensors by their number; what is missing was never in a file (`ggml_type` of ggml's `ggml.h`). */
const TENSOR_TYPES: readonly (string | undefined)[] = [
  ...['F32', 'F16', 'Q4_0', 'Q4_1', undefined, undefined, 'Q5_0', 'Q5_1', 'Q8_0', 'Q8_1'],
  ...['Q2_K', 'Q3_K', 'Q4_K', 'Q5_K', 'Q6_K', 'Q8_K', 'IQ2_XXS', 'IQ2_XS', 'IQ3_XXS', 'IQ1_S'],
  ...['IQ4_NL', 'IQ3_S', 'IQ2_S', 'IQ4_XS', 'I8', 'I16', 'I32', 'I64', 'F64', 'IQ1_M'],
  ...['BF16', undefined, undefined, undefined, 'TQ1_0', 'TQ2_0', undefined, undefined, undefined, 'MXFP4'],
  ...['NVFP4', 'Q1_0', 'Q2_0'],
];

/** What most tensors of a file are, by `general.file_type` (`llama_ftype` of llama.cpp's `llama.h`). */
const FILE_TYPES: readonly string[] = [
  ...['F32', 'F16', 'Q4_0', 'Q4_1', 'Q4_1_SOME_F16', 'Q4_2', 'Q4_3', 'Q8_0', 'Q5_0', 'Q5_1'],
  ...['Q2_K', 'Q3_K_S', 'Q3_K_M', 'Q3_K_L', 'Q4_K_S', 'Q4_K_M', 'Q5_K_S', 'Q5_K_M', 'Q6_K', 'IQ2_XXS'],
  ...['IQ2_XS', 'Q2_K_S', 'IQ3_XS', 'IQ3_XXS', 'IQ1_S', 'IQ4_NL', 'IQ3_S', 'IQ3_M', 'IQ2_S', 'IQ2_M'],
  ...['IQ4_XS', 'IQ1_M', 'BF16', 'Q4_0_4_4', 'Q4_0_4_8', 'Q4_0_8_8', 'TQ1_0', 'TQ2_0', 'MXFP4_MOE', 'NVFP4'],
  ...['Q1_0', 'Q2_0'],
];

/** The name of a tensor's type, or its number where it is a new one. */
export function tensorTypeName(type: number): string {
  return TENSOR_TYPES[type] ?? String(type);
}

/** The name of a file's type; undefined for a new one. */
export function fileTypeName(type: number): string | undefined {
  return FILE_TYPES[type];
}

/**
 * How numbers are packed: so many in a block of so many bytes (`GGML_QUANT_SIZES` of the reference reader,
 * https://github.com/ggml-org/llama.cpp/blob/master/gguf-py/gguf/constants.py).
 */
const BLOCKS: Readonly<Record<string, readonly [numbers: number, bytes: number]>> = {
  ...{ F32: [1, 4], F16: [1, 2], BF16: [1, 2], F64: [1, 8] },
  ...{ I8: [1, 1], I16: [1, 2], I32: [1, 4], I64: [1, 8] },
  ...{ Q4_0: [32, 18], Q4_1: [32, 20], Q5_0: [32, 22], Q5_1: [32, 24], Q8_0: [32, 34], Q8_1: [32, 40] },
  ...{ Q2_K: [256, 84], Q3_K: [256, 110], Q4_K: [256, 144], Q5_K: [256, 176], Q6_K: [256, 210] },
  ...{ Q8_K: [256, 292], IQ2_XXS: [256, 66], IQ2_XS: [256, 74], IQ3_XXS: [256, 98], IQ1_S: [256, 50] },
  ...{ IQ4_NL: [32, 18], IQ3_S: [256, 110], IQ2_S: [256, 82], IQ4_XS: [256, 136], IQ1_M: [256, 56] },
  ...{ TQ1_0: [256, 54], TQ2_0: [256, 66], MXFP4: [32, 17], NVFP4: [64, 36], Q1_0: [128, 18] },
};

/**
 * Bytes of so many numbers of a type.
 *
 * @param type Its number.
 * @returns undefined where the type is a new one, or they fill no whole blocks.
 */
export function tensorBytes(type: number, numbers: number): number | undefined {
  const [perBlock, bytes] = BLOCKS[tensorTypeName(type)] ?? [];
  if (perBlock === undefined || bytes === undefined || numbers % perBlock !== 0) return undefined;
  return (numbers / perBlock) * bytes;
}
