import * as z from 'zod/mini';
import { parsePythonJson } from '../pythonJson.ts';
import { readBeginningOfFrontMatter } from '../snapshot/frontMatter.ts';

const modelConfig = z.union([
  z.object({ model_type: z.string().check(z.minLength(1)) }),
  z.object({ architectures: z.array(z.string()).check(z.minLength(1)) }),
]);

/** Whether `config.json` is a model's (https://huggingface.co/docs/transformers/main_classes/configuration). */
export function isModelConfig(text: string): boolean {
  try {
    return modelConfig.safeParse(parsePythonJson(text)).success;
  } catch {
    return false;
  }
}

/** Keys that only model cards have (https://github.com/huggingface/hub-docs/blob/main/modelcard.md). */
const OF_MODELS = ['pipeline_tag', 'library_name', 'base_model', 'model-index', 'model_name'];
/** Keys of the cards of data sets and Spaces, which have a license, too. */
const OF_OTHERS = ['dataset_info', 'task_categories', 'size_categories', 'configs', 'sdk', 'app_file'];

/** Whether a README begins with a model's metadata. Its beginning is enough: what tells is among the first keys. */
export function isModelCard(beginning: string): boolean {
  const metadata = readBeginningOfFrontMatter(beginning);
  if (OF_MODELS.some((key) => metadata.has(key))) return true;
  return metadata.has('license') && !OF_OTHERS.some((key) => metadata.has(key));
}
