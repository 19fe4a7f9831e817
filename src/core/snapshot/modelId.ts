import * as l10n from '@vscode/l10n';

/** Longest part of a model id, in characters. */
const LONGEST_PART = 96;

export type ParsedModelId =
  | { readonly kind: 'modelId'; readonly id: string; readonly namespace: string; readonly name: string }
  /** `problem` is a localised sentence that can stand under an input box. */
  | { readonly kind: 'invalid'; readonly problem: string };

/**
 * `text` as `namespace/name`, by the rules of the Hugging Face Hub
 * (https://github.com/huggingface/huggingface_hub/blob/main/src/huggingface_hub/utils/_validators.py), of which both parts are
 * mandatory here.
 */
export function parseModelId(text: string): ParsedModelId {
  const id = text.trim();
  const [namespace, name, ...rest] = id.split('/');
  if (!namespace || !name || rest.length > 0) {
    return invalid(l10n.t('A model is named “namespace/name”, with exactly one slash.'));
  }
  const problem = partProblem(namespace) ?? partProblem(name);
  if (problem !== undefined) {
    return invalid(problem);
  }
  return { kind: 'modelId', id, namespace, name };
}

function invalid(problem: string): ParsedModelId {
  return { kind: 'invalid', problem };
}

function partProblem(part: string): string | undefined {
  if (!/^[A-Za-z0-9._-]+$/.test(part)) {
    return l10n.t('“{0}” may hold only letters A to Z, digits, “.”, “_” and “-”.', part);
  }
  if (/^[-.]|[-.]$/.test(part)) {
    return l10n.t('“{0}” may not begin or end with “-” or “.”.', part);
  }
  if (/--|\.\./.test(part)) {
    return l10n.t('“{0}” may not hold “--” or “..”.', part);
  }
  if (/\.git$/i.test(part)) {
    return l10n.t('“{0}” may not end with “.git”.', part);
  }
  if (part.length > LONGEST_PART) {
    return l10n.t('“{0}” is longer than {1} characters.', part, LONGEST_PART);
  }
  return undefined;
}

/** The nearest valid part of a model id to free text such as "Modèle de langue (v2)"; undefined where nothing usable is in it. */
export function modelIdPart(text: string): string | undefined {
  const ascii = text.normalize('NFKD').replace(/\p{M}+/gu, '');
  let part = ascii
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/-{2,}/g, '-')
    .replace(/\.{2,}/g, '.');
  for (;;) {
    const shorter = part
      .slice(0, LONGEST_PART)
      .replace(/^[-.]+|[-.]+$/g, '')
      .replace(/\.git$/i, '');
    if (shorter === part) {
      break;
    }
    part = shorter;
  }
  return part !== '' && partProblem(part) === undefined ? part : undefined;
}
