import type { RemoteFile } from '../hub/remoteFile.ts';
import type { DtypeShare } from './summary.ts';
import type { WeightSet } from './weightSets.ts';

/** A tensor, and where it lies. Texts are a stranger's, and as long as they like. */
export interface StoredTensor {
  readonly name: string;
  /** As the format names it: `BF16`, `Q4_K`. */
  readonly dtype: string;
  /** As people write it: the fastest-changing dimension last. */
  readonly shape: readonly number[];
  /** Path of the file that holds it. */
  readonly file: string;
  /** Bytes of that file before its data, and before what follows them. */
  readonly begin: number;
  readonly end: number;
}

/** What a header notes besides tensors. */
export type MetadataValue = string | number | bigint | boolean | MetadataList;

/** A list, such as a vocabulary: what tells it apart from another one. */
interface MetadataList {
  readonly length: number;
  /** SHA-256 of its values as they lie in the file, with their type. */
  readonly digest: string;
}

/** All that the headers of a set of weights tell. */
export interface WeightTable {
  readonly set: WeightSet;
  /** The files that were read: of an index, those that it names. */
  readonly files: readonly RemoteFile[];
  /** In the order of the files, and of their headers. */
  readonly tensors: readonly StoredTensor[];
  /** Of safetensors files what is under `__metadata__`; of a GGUF in several files that of the first. */
  readonly metadata: ReadonlyMap<string, MetadataValue>;
  readonly parameters: number;
  /** How many parameters are stored as what, most first. */
  readonly dtypes: readonly DtypeShare[];
}
