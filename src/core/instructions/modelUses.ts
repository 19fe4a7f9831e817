import * as z from 'zod/mini';
import { parsePythonJson } from '../pythonJson.ts';

/** What loads a model, as far as its files tell. */
export type ModelUse =
  | {
      readonly kind: 'transformers';
      /** An `Auto` class of transformers. */
      readonly modelClass: string;
      /** What turns input into numbers; undefined where the model brings nothing for it. */
      readonly preprocessor: 'AutoTokenizer' | 'AutoProcessor' | undefined;
      /** Whether the model brings Python of its own, which runs only where a person allows it. */
      readonly ownCode: boolean;
    }
  | { readonly kind: 'diffusers' }
  /** `others` are the repository's other models, such as other quantisations. */
  | { readonly kind: 'llama.cpp'; readonly file: GgufFile; readonly others: readonly GgufFile[] };

/** A model in GGUF; large ones are split, and the first part stands for all. */
export interface GgufFile {
  readonly path: string;
  /** A pattern of all its parts, or the path itself. */
  readonly parts: string;
}

const configFile = z.object({
  architectures: z.catch(z.nullish(z.array(z.string())), undefined),
  model_type: z.catch(z.nullish(z.string()), undefined),
  auto_map: z.catch(z.nullish(z.record(z.string(), z.unknown())), undefined),
  vision_config: z.optional(z.unknown()),
});

/**
 * How a model can be used: by transformers where `config.json` names an architecture or a model type, by diffusers
 * where there is a `model_index.json`, by llama.cpp where there are GGUF files.
 *
 * @param paths Of its files, forward slashes.
 * @param config Text of `config.json`; undefined where there is none.
 */
export function modelUses(paths: readonly string[], config: string | undefined): readonly ModelUse[] {
  const known = new Set(paths);
  const transformers = config === undefined ? undefined : usedByTransformers(known, config);
  const [file, ...others] = ggufFiles(paths);
  return [
    ...(known.has('model_index.json') ? [{ kind: 'diffusers' } as const] : []),
    ...(transformers ? [transformers] : []),
    ...(file ? [{ kind: 'llama.cpp', file, others } as const] : []),
  ];
}

function usedByTransformers(paths: ReadonlySet<string>, text: string): ModelUse | undefined {
  const config = parseConfig(text);
  if (!config) return undefined;
  const { architectures, model_type: modelType, auto_map: autoMap } = config;
  const architecture = architectures?.[0];
  if (architecture === undefined && !modelType) return undefined;
  return {
    kind: 'transformers',
    modelClass: autoClass(architecture ?? '', modelType ?? '', config.vision_config !== undefined),
    preprocessor: preprocessor(paths),
    ownCode: autoMap !== undefined && autoMap !== null,
  };
}

function parseConfig(text: string): z.infer<typeof configFile> | undefined {
  try {
    return configFile.safeParse(parsePythonJson(text)).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** By the end of an architecture's name: https://huggingface.co/docs/transformers/model_doc/auto */
const AUTO_CLASSES: readonly (readonly [end: string, autoClass: string])[] = [
  ['ForCausalLM', 'AutoModelForCausalLM'],
  ['LMHeadModel', 'AutoModelForCausalLM'],
  ['ForMaskedLM', 'AutoModelForMaskedLM'],
  ['ForSequenceClassification', 'AutoModelForSequenceClassification'],
  ['ForTokenClassification', 'AutoModelForTokenClassification'],
  ['ForQuestionAnswering', 'AutoModelForQuestionAnswering'],
  ['ForMultipleChoice', 'AutoModelForMultipleChoice'],
  ['ForImageClassification', 'AutoModelForImageClassification'],
  ['ForObjectDetection', 'AutoModelForObjectDetection'],
  ['ForSemanticSegmentation', 'AutoModelForSemanticSegmentation'],
  ['ForDepthEstimation', 'AutoModelForDepthEstimation'],
  ['ForAudioClassification', 'AutoModelForAudioClassification'],
  ['ForCTC', 'AutoModelForCTC'],
  ['ForSpeechSeq2Seq', 'AutoModelForSpeechSeq2Seq'],
];

function autoClass(architecture: string, modelType: string, seesImages: boolean): string {
  if (architecture.endsWith('ForConditionalGeneration')) {
    if (modelType === 'whisper') return 'AutoModelForSpeechSeq2Seq';
    return seesImages ? 'AutoModelForImageTextToText' : 'AutoModelForSeq2SeqLM';
  }
  return AUTO_CLASSES.find(([end]) => architecture.endsWith(end))?.[1] ?? 'AutoModel';
}

const TOKENIZER_FILES: readonly string[] = [
  'tokenizer.json',
  'tokenizer_config.json',
  'tokenizer.model',
  'spiece.model',
  'vocab.txt',
  'vocab.json',
];

function preprocessor(paths: ReadonlySet<string>): 'AutoTokenizer' | 'AutoProcessor' | undefined {
  if (paths.has('preprocessor_config.json') || paths.has('processor_config.json')) return 'AutoProcessor';
  return TOKENIZER_FILES.some((file) => paths.has(file)) ? 'AutoTokenizer' : undefined;
}

/** `-00001-of-00003.gguf`: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md#gguf-naming-convention */
const PART = /-(\d{5})-of-(\d{5})\.gguf$/i;

function ggufFiles(paths: readonly string[]): readonly GgufFile[] {
  return paths
    .filter((path) => /\.gguf$/i.test(path) && !/(?:^|\/)mmproj[^/]*$/i.test(path))
    .filter((path) => (PART.exec(path)?.[1] ?? '00001') === '00001')
    .sort()
    .map((path) => ({ path, parts: path.replace(PART, '-*-of-$2.gguf') }));
}
