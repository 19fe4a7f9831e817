import * as l10n from '@vscode/l10n';
import prettyBytes from 'pretty-bytes';
import { Failure } from '../failure.ts';

/** What the headers of a set of weights tell. Every text is a stranger's, bounded, and without what is invisible. */
export interface WeightsSummary {
  readonly parameters: number;
  /** How many parameters are stored as what, most first. */
  readonly dtypes: readonly DtypeShare[];
  readonly tensorCount: number;
  /** The first {@link MOST_TENSORS} of them, in the order of the files. */
  readonly tensors: readonly Tensor[];
  /** What a GGUF file says of its model. */
  readonly architecture: string | undefined;
  readonly quantization: string | undefined;
  /** Tokens. */
  readonly contextLength: number | undefined;
}

export interface DtypeShare {
  readonly dtype: string;
  readonly parameters: number;
}

interface Tensor {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
}

export const MOST_TENSORS = 500;
const LONGEST_TEXT = 200;

/** What the tensors of all files come to. */
export function shares(
  tensors: Iterable<readonly [dtype: string, parameters: number]>,
): readonly DtypeShare[] {
  const sums = new Map<string, number>();
  for (const [dtype, parameters] of tensors) sums.set(dtype, (sums.get(dtype) ?? 0) + parameters);
  return [...sums]
    .map(([dtype, parameters]) => ({ dtype: shown(dtype), parameters: Math.round(parameters) }))
    .sort((a, b) => b.parameters - a.parameters);
}

/**
 * The parameters of the tensors of `files`, together and by type.
 *
 * @param entry Names the weights.
 * @throws Failure `corrupt` where the files have no room for so many.
 */
export function summedUp(
  entry: string,
  files: readonly { readonly size: number | undefined }[],
  tensors: Iterable<readonly [dtype: string, parameters: number]>,
): Pick<WeightsSummary, 'parameters' | 'dtypes'> {
  const dtypes = shares(tensors);
  const parameters = dtypes.reduce((sum, share) => sum + share.parameters, 0);
  const sizes = files.map(({ size }) => size);
  if (!fits(parameters, sizes)) throw malformed(entry);
  return { parameters, dtypes };
}

export function shown(text: string): string {
  return text.slice(0, LONGEST_TEXT).replace(/\p{C}/gu, '');
}

/** How many numbers a tensor of that shape holds: one where it has no dimension. */
export function elements(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** Whether files of those sizes can hold so many parameters of a bit or more. Where a size is unknown, they can. */
export function fits(parameters: number, sizes: readonly (number | undefined)[]): boolean {
  const bytes = sizes.reduce((sum: number, size) => sum + (size ?? Infinity), 0);
  return Number.isSafeInteger(parameters) && parameters <= bytes * 8;
}

export function malformed(path: string, cause?: unknown): Failure {
  return new Failure(
    'corrupt',
    l10n.t(
      'The header of “{0}” is damaged or not what its name says, so its weights are not summed up.',
      path,
    ),
    { paths: [path], cause },
  );
}

/** @param most Bytes that are read of a header. */
export function longHeader(path: string, length: number, most: number): Failure {
  return new Failure(
    'refused',
    l10n.t(
      'The header of “{0}” has {1}. The format allows that, but Model Registries reads {2} of a header at most, so its weights are not summed up.',
      path,
      prettyBytes(length),
      prettyBytes(most),
    ),
    { paths: [path] },
  );
}
