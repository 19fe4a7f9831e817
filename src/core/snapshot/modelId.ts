import * as l10n from '@vscode/l10n';

/** Longest part of a model id, in characters. */
const LONGEST_PART = 96;

type ParsedModelId =
  | {
      readonly kind: 'modelId';
      readonly id: string;
      /** Undefined where the id is a name alone. */
      readonly namespace: string | undefined;
      readonly name: string;
    }
  /** `problem` is a localised sentence that can stand under an input box. */
  | { readonly kind: 'invalid'; readonly problem: string };

/** Of how many parts the ids of a host are: `namespace/name`, a name alone, or either. */
export type ModelIdSegments = 1 | 2 | 'any';

/**
 * `text` as a model id, by the rules of the Hugging Face Hub
 * (https://github.com/huggingface/huggingface_hub/blob/main/src/huggingface_hub/utils/_validators.py).
 */
export function parseModelId(text: string, segments: ModelIdSegments = 2): ParsedModelId {
  const id = text.trim();
  const parts = id.split('/');
  const isFit = segments === 'any' ? parts.length <= 2 : parts.length === segments;
  const [name, namespace] = [...parts].reverse();
  if (!isFit || !name || namespace === '') return invalid(shapeProblem(segments));
  const problem = parts.map(partProblem).find((one) => one !== undefined);
  return problem === undefined ? { kind: 'modelId', id, namespace, name } : invalid(problem);
}

function shapeProblem(segments: ModelIdSegments): string {
  switch (segments) {
    case 1:
      return l10n.t('A model is named without a slash here.');
    case 2:
      return l10n.t('A model is named “namespace/name”, with exactly one slash.');
    case 'any':
      return l10n.t('A model is named “namespace/name”, or “name” where the hub has no namespaces.');
  }
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

/** The valid model id nearest to free text such as "Modèle de langue (v2)"; undefined where nothing is usable. */
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
