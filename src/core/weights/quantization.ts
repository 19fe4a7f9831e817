import * as z from 'zod/mini';

const text = z.catch(z.optional(z.string()), undefined);
const texts = z.catch(z.optional(z.array(z.string())), undefined);

const group = z.object({
  format: text,
  targets: texts,
  weights: z.catch(z.optional(z.object({ num_bits: z.catch(z.optional(z.number()), undefined) })), undefined),
});

/** How a model's weights are quantized. What is not of its type counts as missing. */
const quantization = z.looseObject({
  quant_method: z.optional(z.unknown()),
  bits: z.optional(z.unknown()),
  load_in_4bit: z.optional(z.unknown()),
  modules_to_not_convert: texts,
  /** What compressed-tensors calls the same. */
  ignore: texts,
  /** Of compressed-tensors. */
  format: text,
  config_groups: z.catch(z.optional(z.record(z.string(), group)), undefined),
  /** How routed experts are stored, where other than the rest. */
  expert_dtype: text,
  store_dtype: text,
  /** Of MLX, which names no method. */
  group_size: z.optional(z.unknown()),
  mode: z.optional(z.unknown()),
});
export type Quantization = z.infer<typeof quantization>;

const part = z.object({
  quantization: z.catch(z.optional(quantization), undefined),
  quantization_config: z.catch(z.optional(quantization), undefined),
  expert_dtype: text,
});
const config = z.extend(part, { text_config: z.catch(z.optional(part), undefined) });

/** What the configuration of a model tells of how its weights are stored. */
export interface StoredAs {
  /** In lower case; empty where there is none. */
  readonly method: string;
  readonly quantization: Quantization;
  /** How routed experts are stored. */
  readonly expertDtype: string | undefined;
}

/** More modules are not looked at: each is held against every tensor. */
const MOST_PATTERNS = 1000;

/**
 * @param content Of `config.json` (https://huggingface.co/docs/transformers/main_classes/quantization).
 * @returns undefined where the weights are stored as they are, or nothing can be made of it.
 */
export function storedAs(content: unknown): StoredAs | undefined {
  const { data } = config.safeParse(content);
  const found = data && (ofPart(data) ?? (data.text_config && ofPart(data.text_config)));
  if (!found) return undefined;
  const { ignore, modules_to_not_convert: excluded, config_groups: groups = {} } = found.quantization;
  const targets = Object.values(groups).flatMap((one) => one.targets ?? []);
  if ((ignore?.length ?? 0) + (excluded?.length ?? 0) + targets.length > MOST_PATTERNS) return undefined;
  const { expert_dtype: own, store_dtype: stored } = found.quantization;
  return { ...found, expertDtype: own ?? data.expert_dtype ?? data.text_config?.expert_dtype ?? stored };
}

const MLX = 'mlx';

function ofPart({
  quantization: mlx,
  quantization_config: other,
}: z.infer<typeof part>): Pick<StoredAs, 'method' | 'quantization'> | undefined {
  for (const one of [mlx, other]) {
    if (one && isMlx(one)) return { method: MLX, quantization: { ...one, mode: one.mode ?? AFFINE } };
  }
  return other && { method: methodOf(other) ?? '', quantization: other };
}

function methodOf({ quant_method: method }: Quantization): string | undefined {
  return typeof method === 'string' ? method.toLowerCase() : undefined;
}

/** mlx-lm writes no method: that it is its own is seen by the bits of all modules, or of one. */
function isMlx(one: Quantization): boolean {
  if (one.quant_method !== undefined && methodOf(one) !== MLX) return false;
  return [one, ...Object.values(one)].some(
    (settings) =>
      isRecord(settings) &&
      ['bits', 'group_size', 'mode'].some((key) => settings[key] !== undefined) &&
      mlxSettings(settings) !== undefined,
  );
}

const AFFINE = 'affine';
/** What mlx-lm can be told, by mode; what it takes by default comes first. */
const MLX_MODES: ReadonlyMap<
  string,
  { readonly bits: readonly number[]; readonly groups: readonly number[] }
> = new Map([
  [AFFINE, { bits: [4, 2, 3, 5, 6, 8], groups: [64, 32, 128] }],
  ['mxfp4', { bits: [4], groups: [32] }],
  ['nvfp4', { bits: [4], groups: [16] }],
  ['mxfp8', { bits: [8], groups: [32] }],
]);

interface MlxSettings {
  readonly bits: number;
  /** Whether zero points are stored, too. */
  readonly isAffine: boolean;
}

function mlxSettings(settings: Readonly<Record<string, unknown>>): MlxSettings | undefined {
  const { mode = AFFINE, bits, group_size: size } = settings;
  if (typeof mode !== 'string') return undefined;
  const known = MLX_MODES.get(mode.toLowerCase());
  const isKnown = known?.groups.some((one) => one === (size ?? known.groups[0]));
  const found = known?.bits.find((one) => one === (bits ?? known.bits[0]));
  return isKnown && found !== undefined
    ? { bits: found, isAffine: mode.toLowerCase() === AFFINE }
    : undefined;
}

/** How MLX stores a module; undefined where it leaves it as it is. Modules may have settings of their own. */
export function mlxModule(module: string, all: Quantization): MlxSettings | undefined {
  const own = Object.hasOwn(all, module) ? all[module] : undefined;
  if (own === false) return undefined;
  return mlxSettings(isRecord(own) ? own : all);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
