import { excludedName, moduleTarget, type NamePattern } from './modulePatterns.ts';
import { mlxModule, type Quantization, type StoredAs } from './quantization.ts';
import { elements } from './summary.ts';

/** What has to be known of a tensor to tell how many parameters are in it. */
interface Stored {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
}

/** Parameters in each number of a tensor, any ratio; undefined where it only tells how others are unpacked. */
type Packing = (tensor: Stored) => number | undefined;

/** Exponents of blocks of other tensors, and never parameters. */
const SCALE_DTYPES: ReadonlySet<string> = new Set(['F8_E8M0', 'E8M0', 'UE8']);

/** Ends of the names of what lies beside quantized weights. No `scale` among them: some models learn it. */
const AUXILIARY: ReadonlySet<string> = new Set([
  ...['weight_scale', 'weight_scale_inv', 'weight_scale_2', 'weight_global_scale', 'weight_zero_point'],
  ...['input_scale', 'input_global_scale', 'input_zero_point', 'zero_point', 'weight_shape', 'weight_g_idx'],
]);

/** Bits of the integers that narrower weights are packed into. */
const CONTAINERS: ReadonlyMap<string, number> = new Map([
  ['U8', 8],
  ['I8', 8],
  ['U16', 16],
  ['I16', 16],
  ['U32', 32],
  ['I32', 32],
]);

/** Bits of formats, by what their names hold; the first that fits counts. */
const FORMATS: readonly (readonly [part: string, bits: number])[] = [
  ['fp4', 4],
  ['int4', 4],
  ['nf4', 4],
  ['int2', 2],
];

/**
 * How many parameters each tensor holds, by the type of its numbers. Quantized weights are packed, several in a number,
 * and have tensors beside them that tell how to unpack them: counted as `@huggingface/hub` counts them, so that the
 * figures are those of the Hub. Tensors without a dimension are no parameters there.
 *
 * @param tensors Of all files of the weights.
 */
export function countParameters(
  tensors: readonly Stored[],
  stored: StoredAs | undefined,
): readonly (readonly [dtype: string, parameters: number])[] {
  const packing: Packing = stored ? packingOf(stored, tensors) : () => 1;
  return tensors.flatMap((tensor) => {
    const { dtype, shape } = tensor;
    const perNumber = SCALE_DTYPES.has(dtype) || shape.length === 0 ? undefined : packing(tensor);
    return perNumber === undefined ? [] : [[dtype, Math.round(elements(shape) * perNumber)] as const];
  });
}

function packingOf(stored: StoredAs, tensors: readonly Stored[]): Packing {
  const packing = packingOfMethod(stored, tensors);
  return (tensor) => (AUXILIARY.has(suffixOf(tensor.name)) ? undefined : packing(tensor));
}

function packingOfMethod(
  { method, quantization, expertDtype }: StoredAs,
  tensors: readonly Stored[],
): Packing {
  const isQuantized = quantizedNames(quantization);
  switch (method) {
    case 'mlx':
      return mlxPacking(quantization, tensors);
    case 'mxfp4':
      return ({ name, dtype }) => {
        if (dtype !== 'U8') return 1;
        if (suffixOf(name).endsWith('_scales')) return undefined;
        return name.includes('_blocks') && isQuantized(name) ? 2 : 1;
      };
    case 'gptq':
    case 'awq':
      return (tensor) => (isQuantized(tensor.name) ? gptqPacking(tensor, quantization) : 1);
    case 'compressed-tensors': {
      const packing = compressedPacking(quantization);
      return (tensor) => (isQuantized(tensor.name) ? packing(tensor) : 1);
    }
    case 'fp8': {
      // Experts may be narrower than the rest, and what tells so tells of nothing else.
      const bits = bitsOfFormat(expertDtype);
      return ({ name, dtype }) => (isRoutedExpert(name) && isQuantized(name) ? packed(dtype, bits) : 1);
    }
    case 'bitsandbytes':
      return ({ name, dtype }) => {
        if (isBitsandbytesState(suffixOf(name))) return undefined;
        return dtype === 'U8' && quantization.load_in_4bit && isQuantized(name) ? 2 : 1;
      };
    default: {
      const isPacked = Boolean(quantization.load_in_4bit) || quantization.bits === 4;
      return ({ name, dtype }) => (dtype === 'U8' && isPacked && isQuantized(name) ? 2 : 1);
    }
  }
}

/** Which tensors are quantized at all. */
function quantizedNames({ ignore = [], modules_to_not_convert: names = [] }: Quantization): NamePattern {
  const ignored = ignore.map(moduleTarget);
  const excluded = names.map(excludedName);
  return (name) =>
    !ignored.some((matches) => matches(compressedModule(name))) && !excluded.some((matches) => matches(name));
}

/** mlx-lm packs those modules whose scales, and zero points where there are any, are in a file, too. */
function mlxPacking(quantization: Quantization, tensors: readonly Stored[]): Packing {
  const names = new Set(tensors.map(({ name }) => name));
  const packedModules = new Map<string, { readonly bits: number; readonly isAffine: boolean }>();
  for (const { name, dtype } of tensors) {
    const module = moduleOf(name);
    const settings = mlxModule(module, quantization);
    if (dtype !== 'U32' || suffixOf(name) !== 'weight' || !settings) continue;
    const isWhole = names.has(`${module}.scales`) && (!settings.isAffine || names.has(`${module}.biases`));
    if (isWhole) packedModules.set(module, settings);
  }
  return ({ name, dtype }) => {
    const settings = packedModules.get(moduleOf(name));
    const suffix = suffixOf(name);
    if (!settings) return 1;
    if (suffix === 'scales' || (suffix === 'biases' && settings.isAffine)) return undefined;
    return dtype === 'U32' && suffix === 'weight' ? packed(dtype, settings.bits) : 1;
  };
}

function gptqPacking({ name, dtype }: Stored, { bits }: Quantization): number | undefined {
  const suffix = suffixOf(name);
  if (['qzeros', 'g_idx', 'scales'].includes(suffix)) return undefined;
  if (suffix === 'qweight') {
    return Math.max(1, Math.floor(32 / (typeof bits === 'number' && bits > 0 ? bits : 4)));
  }
  if (dtype !== 'U8') return 1;
  return bits === 4 ? 2 : bits === 2 ? 4 : 1;
}

/** Modules may be packed differently, a group of them each. */
function compressedPacking({ config_groups: all = {}, format: common }: Quantization): Packing {
  const groups = Object.values(all).map((one) => ({
    ...one,
    targets: (one.targets ?? []).map(moduleTarget),
  }));
  const anyBits = groups.find(({ weights }) => weights?.num_bits)?.weights?.num_bits;
  return ({ name, dtype }) => {
    const module = compressedModule(name);
    const group = groups.find(({ targets }) => targets.some((matches) => matches(module)));
    const format = (group?.format ?? common)?.toLowerCase();
    if (!format?.endsWith('pack-quantized')) return 1;
    return packed(dtype, group?.weights?.num_bits ?? anyBits ?? bitsOfFormat(format) ?? 4);
  };
}

/** Weights of `bits` in each number: not always a whole one, as rows are packed without gaps. */
function packed(dtype: string, bits: number | undefined): number {
  const container = CONTAINERS.get(dtype);
  return container && bits && bits > 0 && bits < container ? container / bits : 1;
}

function bitsOfFormat(format: string | undefined): number | undefined {
  const name = format?.toLowerCase();
  return FORMATS.find(([part]) => name?.includes(part))?.[1];
}

/** Experts that are always on are stored as the rest of a model is. */
function isRoutedExpert(name: string): boolean {
  return name.includes('.experts.') && !name.includes('shared_experts');
}

function isBitsandbytesState(suffix: string): boolean {
  return (
    ['absmax', 'quant_map', 'nested_absmax', 'nested_quant_map'].includes(suffix) ||
    suffix.startsWith('bitsandbytes__')
  );
}

function suffixOf(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

/** The name of the module that a tensor is of: all before the last dot. */
function moduleOf(name: string): string {
  const dot = name.lastIndexOf('.');
  return dot === -1 ? name : name.slice(0, dot);
}

/** compressed-tensors adds to `weight` what a tensor is for. */
function compressedModule(name: string): string {
  const at = name.lastIndexOf('.weight');
  return at === -1 ? name : name.slice(0, at);
}
