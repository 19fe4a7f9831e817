import * as l10n from '@vscode/l10n';
import type { HubSource } from '../../core/instructions/snippets.ts';
import { parseModelId } from '../../core/snapshot/modelId.ts';

/** The Hub that people take models from. */
const HUB = new URL('https://huggingface.co');

type NamedModel =
  | { readonly kind: 'none' }
  | { readonly kind: 'model'; readonly source: HubSource }
  /** `problem` is a localised sentence. */
  | { readonly kind: 'invalid'; readonly problem: string };

/** What was typed or pasted: `namespace/name`, `namespace/name@revision`, or the address of a model's page. */
export function namedModel(text: string): NamedModel {
  const typed = text.trim();
  if (typed === '') return { kind: 'none' };
  const [id, revision] = /^https?:/i.test(typed) ? ofPage(typed) : ofName(typed);
  const parsed = parseModelId(id, 'any');
  if (parsed.kind === 'invalid') return parsed;
  if (revision === '' || /\s/.test(revision ?? '')) {
    return { kind: 'invalid', problem: l10n.t('After “@” stands a branch, a tag or a commit.') };
  }
  return { kind: 'model', source: { endpoint: HUB.origin, model: parsed.id, revision } };
}

function ofName(text: string): readonly [id: string, revision?: string] {
  const at = text.indexOf('@');
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

/** `https://huggingface.co/namespace/name`, also with `/tree/revision` and the like; anything else is no model's id. */
function ofPage(text: string): readonly [id: string, revision?: string] {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.host !== HUB.host) return [text];
  const [namespace = '', name = '', view, revision] = url.pathname.split('/').slice(1);
  const id = name === '' ? namespace : `${namespace}/${name}`;
  const isView = view === 'tree' || view === 'blob' || view === 'commit' || view === 'resolve';
  return isView && revision ? [id, decoded(revision)] : [id];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
}
