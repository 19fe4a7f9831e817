import type { RemoteFile } from '../hub/remoteFile.ts';
import { isWeightsFile } from '../localModels/fileNames.ts';
import { pathFilter } from '../snapshot/files/pathFilter.ts';
import type { Selection } from '../snapshot/snapshot.ts';
import { folderOf, weightSets, type WeightSet } from '../weights/weightSets.ts';

/** Some files of a version that make a whole model. */
interface FileSet {
  readonly selection: Exclude<Selection, { kind: 'patterns' }>;
  /** What tells it apart from the others: `Q4_K_M`, or the name of a file; undefined for all and for safetensors. */
  readonly name: string | undefined;
  readonly files: number;
  /** Bytes, as far as they are told. */
  readonly bytes: number;
}

/**
 * What of a version may be wanted by itself: all of it; its safetensors without the same weights in other formats; each
 * of its GGUF weights. What comes to the same as all of it is left out. Takes time in proportion to the files, however
 * many of them are GGUFs.
 */
export function fileSets(files: readonly RemoteFile[]): readonly FileSet[] {
  if (files.length === 0) return [];
  const safetensors = withoutTwins(files);
  const common = files.filter(({ path }) => isBesideGguf(path));
  const commonBytes = bytesOf(common);
  const parts: readonly FileSet[] = [
    {
      ...{ selection: { kind: 'safetensors' }, name: undefined },
      ...{ files: safetensors.length, bytes: bytesOf(safetensors) },
    },
    ...ggufSets(files).flatMap(({ entry, files: set }) => {
      const own = set.filter(({ path }) => !isBesideGguf(path));
      if (own.length === 0) return [];
      const amount = { files: common.length + own.length, bytes: commonBytes + bytesOf(own) };
      return [{ selection: { kind: 'gguf', entry } as const, name: quantizationOf(entry), ...amount }];
    }),
  ];
  return [
    { selection: { kind: 'all' }, name: undefined, files: files.length, bytes: bytesOf(files) },
    // No two of them are the same: each has weights that the others lack.
    ...parts.filter((part) => part.files > 0 && part.files < files.length),
  ];
}

/** The files that a selection means, in their order; none where it means nothing of this version. */
export function selectedFiles<F extends RemoteFile>(files: readonly F[], selection: Selection): readonly F[] {
  switch (selection.kind) {
    case 'all':
      return files;
    case 'patterns': {
      const isWanted = pathFilter(selection.patterns);
      return files.filter(({ path }) => isWanted(path));
    }
    case 'safetensors':
      return withoutTwins(files);
    case 'gguf': {
      const set = ggufSets(files).find(({ entry }) => entry === selection.entry);
      if (set === undefined) return [];
      const own = new Set(set.files.map(({ path }) => path));
      return files.filter(({ path }) => own.has(path) || isBesideGguf(path));
    }
  }
}

export function bytesOf(files: readonly RemoteFile[]): number {
  return files.reduce((sum, { size = 0 }) => sum + size, 0);
}

/** A projector for images goes along with any of them; the matrix that they were made by is none of them. */
function ggufSets(files: readonly RemoteFile[]): readonly WeightSet[] {
  return weightSets(files).filter(
    ({ format, entry }) => format === 'gguf' && !isProjector(entry) && !/imatrix/i.test(nameOf(entry)),
  );
}

/** Whether a file goes along with any GGUF weights. */
function isBesideGguf(path: string): boolean {
  return isNoWeights(path) || isProjector(path);
}

function isProjector(path: string): boolean {
  return path.endsWith('.gguf') && /mmproj/i.test(nameOf(path));
}

/** What weights in other formats are kept in, besides what ends as weights do: ONNX's tensors, and lists of shards. */
const BESIDE_WEIGHTS = /\.onnx[._]data(?:[._-]\d+)?$|\.(?:bin|h5|msgpack|pth?)\.index(?:\.[^./]+)?\.json$/i;
/** What trainers leave beside weights is none. */
const TRAINERS = /^(?:training_args|optimizer|scheduler|scaler|random_states|rng_state)/i;

function isNoWeights(path: string): boolean {
  if (isSafetensorsIndex(path) || BESIDE_WEIGHTS.test(path)) return false;
  return !isWeightsFile(path) || TRAINERS.test(nameOf(path));
}

function isSafetensorsIndex(path: string): boolean {
  return /\.safetensors\.index(?:\.[^./]+)?\.json$/.test(path);
}

/**
 * All but what holds in another format what safetensors hold: of a folder with safetensors, in the same folder; ONNX
 * and GGUF, which are made of the whole model, anywhere.
 */
function withoutTwins<F extends RemoteFile>(files: readonly F[]): readonly F[] {
  const folders = new Set(
    files.flatMap(({ path }) => (path.endsWith('.safetensors') ? [folderOf(path)] : [])),
  );
  if (folders.size === 0) return [];
  return files.filter(({ path }) => {
    if (path.endsWith('.safetensors') || isSafetensorsIndex(path) || isNoWeights(path)) return true;
    const isOfAll = /\.(?:gguf|onnx|onnx[._]data(?:[._-]\d+)?)$/i.test(path);
    return !(isOfAll || folders.has(folderOf(path)));
  });
}

/** As llama.cpp and those who quantize for it name their files (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md). */
const QUANTIZATION =
  /(?:^|[._/-])((?:UD-)?(?:IQ\d+(?:_[A-Z0-9]+)*|Q\d+(?:_[A-Z0-9]+)*|TQ\d+_\d+|MXFP4(?:_MOE)?|BF16|F16|F32|FP16|FP32))(?=[._/-]|$)/i;

/** What a GGUF file was quantized to, by its name; else the name itself. */
function quantizationOf(entry: string): string {
  const name = nameOf(entry);
  const stem = name.replace(/(?:-\d{5}-of-\d{5})?\.gguf$/, '');
  return QUANTIZATION.exec(stem)?.[1]?.toUpperCase() ?? name;
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
