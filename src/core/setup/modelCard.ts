import { stringify } from 'yaml';
import * as z from 'zod/mini';
import { parsePythonJson } from '../pythonJson.ts';
import { parseModelId } from '../snapshot/modelId.ts';

/** What the files of a model say of it, each as text; undefined where there is no such file. */
export interface ModelTexts {
  /** `config.json` of transformers. */
  readonly config: string | undefined;
  /** `tokenizer_config.json`. */
  readonly tokenizer: string | undefined;
  /** `adapter_config.json` of PEFT. */
  readonly adapter: string | undefined;
  /** `model_index.json` of Diffusers. */
  readonly pipeline: string | undefined;
  /** `modules.json` of Sentence Transformers. */
  readonly modules: string | undefined;
}

/** Where each of {@link ModelTexts} is read. */
export const TEXT_FILES: Readonly<Record<keyof ModelTexts, string>> = {
  config: 'config.json',
  tokenizer: 'tokenizer_config.json',
  adapter: 'adapter_config.json',
  pipeline: 'model_index.json',
  modules: 'modules.json',
};

/** Metadata of a model card (https://github.com/huggingface/hub-docs/blob/main/modelcard.md), as far as it is certain. */
interface CardFacts {
  readonly library_name?: string;
  readonly pipeline_tag?: string;
  readonly base_model?: string;
  readonly license?: string;
  readonly tags?: readonly string[];
}

const modelConfig = z.object({
  architectures: z.catch(z.array(z.string()), []),
  model_type: z.catch(z.optional(z.string()), undefined),
  transformers_version: z.catch(z.optional(z.string()), undefined),
  _name_or_path: z.catch(z.optional(z.string()), undefined),
});
const adapterConfig = z.object({
  peft_type: z.string(),
  base_model_name_or_path: z.catch(z.nullish(z.string()), undefined),
  task_type: z.catch(z.nullish(z.string()), undefined),
});
const pipelineIndex = z.object({
  _class_name: z.string(),
  _diffusers_version: z.string(),
  _name_or_path: z.catch(z.optional(z.string()), undefined),
});
const tokenizerConfig = z.object({ chat_template: z.unknown() });
const modulesList = z
  .array(z.object({ type: z.string().check(z.startsWith('sentence_transformers.')) }))
  .check(z.minLength(1));

/** The task of an architecture, by the end of its name in transformers. What serves several tasks is not in it. */
const TASKS: readonly (readonly [ending: RegExp, task: string])[] = [
  [/ForCausalLM$/, 'text-generation'],
  [/ForMaskedLM$/, 'fill-mask'],
  [/ForSequenceClassification$/, 'text-classification'],
  [/ForTokenClassification$/, 'token-classification'],
  [/ForQuestionAnswering$/, 'question-answering'],
  [/ForImageClassification$/, 'image-classification'],
  [/ForObjectDetection$/, 'object-detection'],
  [/ForSemanticSegmentation$/, 'image-segmentation'],
  [/ForDepthEstimation$/, 'depth-estimation'],
  [/ForAudioClassification$/, 'audio-classification'],
  [/ForCTC$|^Whisper\w*ForConditionalGeneration$|ForSpeechSeq2Seq$/, 'automatic-speech-recognition'],
];
const PIPELINE_TASKS: readonly (readonly [name: RegExp, task: string])[] = [
  [/Inpaint/, 'image-to-image'],
  [/Img2Img|ImageToImage/, 'image-to-image'],
  [/Video/, 'text-to-video'],
  [/^(?:Stable|Flux|PixArt|Kandinsky|Sana|AuraFlow|HunyuanDiT)\w*Pipeline$/, 'text-to-image'],
];
/** PEFT's `task_type` (https://huggingface.co/docs/peft/package_reference/peft_types). */
const ADAPTER_TASKS: ReadonlyMap<string, string> = new Map([
  ['CAUSAL_LM', 'text-generation'],
  ['SEQ_CLS', 'text-classification'],
  ['TOKEN_CLS', 'token-classification'],
  ['QUESTION_ANS', 'question-answering'],
]);

/** What the files say for certain; nothing is guessed. They are anybody's: what is no JSON of the kind says nothing. */
export function cardFacts(texts: ModelTexts, license: string | undefined): CardFacts {
  const config = parsed(modelConfig, texts.config);
  const adapter = parsed(adapterConfig, texts.adapter);
  const pipeline = parsed(pipelineIndex, texts.pipeline);
  const isSentences = parsed(modulesList, texts.modules) !== undefined;
  const task = taskOf(config, adapter, pipeline, isSentences);
  const base = hubId(adapter?.base_model_name_or_path ?? pipeline?._name_or_path ?? config?._name_or_path);
  const library = libraryOf(config, { adapter, pipeline, isSentences });
  const isChat =
    task === 'text-generation' && parsed(tokenizerConfig, texts.tokenizer)?.chat_template !== undefined;
  return {
    ...(license !== undefined && { license }),
    ...(library !== undefined && { library_name: library }),
    ...(task !== undefined && { pipeline_tag: task }),
    ...(base !== undefined && { base_model: base }),
    ...(isChat && { tags: ['conversational'] }),
  };
}

function libraryOf(
  config: z.infer<typeof modelConfig> | undefined,
  other: { readonly adapter: unknown; readonly pipeline: unknown; readonly isSentences: boolean },
): string | undefined {
  if (other.adapter !== undefined) return 'peft';
  if (other.pipeline !== undefined) return 'diffusers';
  if (other.isSentences) return 'sentence-transformers';
  return config?.transformers_version === undefined ? undefined : 'transformers';
}

function taskOf(
  config: z.infer<typeof modelConfig> | undefined,
  adapter: z.infer<typeof adapterConfig> | undefined,
  pipeline: z.infer<typeof pipelineIndex> | undefined,
  isSentences: boolean,
): string | undefined {
  if (adapter !== undefined) return ADAPTER_TASKS.get(adapter.task_type ?? '');
  if (pipeline !== undefined) return PIPELINE_TASKS.find(([name]) => name.test(pipeline._class_name))?.[1];
  if (isSentences) return 'sentence-similarity';
  const [architecture = '', ...others] = config?.architectures ?? [];
  return others.length > 0 ? undefined : TASKS.find(([ending]) => ending.test(architecture))?.[1];
}

/** A model of a hub. A path of the machine that trained it says nothing to anybody else. */
function hubId(text: string | null | undefined): string | undefined {
  return typeof text === 'string' && parseModelId(text, 2).kind === 'modelId' && !/^\.|\\/.test(text)
    ? text
    : undefined;
}

function parsed<T>(schema: z.ZodMiniType<T>, text: string | undefined): T | undefined {
  if (text === undefined) return undefined;
  try {
    return schema.safeParse(parsePythonJson(text)).data;
  } catch {
    return undefined;
  }
}

/** Written in place of a license that nobody knows yet, for the person to answer. */
const LICENSE_QUESTION =
  '# license: which one? The names are listed at https://huggingface.co/docs/hub/repositories-licenses';

/**
 * A model card for a model that has none yet.
 *
 * @param name of the folder, which may hold anything.
 */
export function modelCardText(name: string, facts: CardFacts): string {
  const yaml = Object.keys(facts).length === 0 ? '' : stringify(facts);
  const title = name
    .replace(/\p{C}+|\s+/gu, ' ')
    .trim()
    .replace(/[\\`*_{}[\]()#+!|<>&~]/g, '\\$&');
  const question = facts.license === undefined ? `${LICENSE_QUESTION}\n` : '';
  const origin = facts.base_model === undefined ? [] : [`It comes from \`${facts.base_model}\`.`, ''];
  return [
    `---\n${yaml}${question}---`,
    '',
    `# ${title}`,
    '',
    ...origin,
    '<!-- What is this model for, how was it trained, how good is it, and where does it fail? -->',
    '',
  ].join('\n');
}
