import { HUGGING_FACE_HUB } from '../../core/endpoint.ts';
import { parseReference } from '../../core/imports/reference.ts';
import type { HubSource } from '../../core/instructions/snippets.ts';

type NamedModel =
  | { readonly kind: 'none' }
  | { readonly kind: 'model'; readonly source: HubSource }
  /** `problem` is a localised sentence. */
  | { readonly kind: 'invalid'; readonly problem: string };

/** The model of the Hugging Face Hub that was typed or pasted, where anything was. */
export function namedModel(text: string): NamedModel {
  if (text.trim() === '') return { kind: 'none' };
  const named = parseReference(text, new URL(HUGGING_FACE_HUB));
  if (named.kind === 'invalid') return named;
  const { model, revision } = named;
  return { kind: 'model', source: { endpoint: HUGGING_FACE_HUB, model, revision } };
}
