import * as z from 'zod/mini';
import type { HubOrigin } from '../snapshot/snapshot.ts';

/** Where a model of another hub was read from, in a form that can be written down. Holds no token. */
export type HubSource = Pick<HubOrigin, 'model' | 'revision' | 'selection'> & {
  /** What `HF_ENDPOINT` would hold. */
  readonly endpoint: string;
};

export const hubSource = z.object({
  endpoint: z.url({ protocol: /^https?$/ }),
  model: z.string(),
  revision: z.string(),
  selection: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('all') }),
    z.object({ kind: z.literal('safetensors') }),
    z.object({ kind: z.literal('gguf'), entry: z.string() }),
    z.object({ kind: z.literal('patterns'), patterns: z.readonly(z.array(z.string())) }),
  ]),
});

export function hubSourceOf({ endpoint, model, revision, selection }: HubOrigin): HubSource {
  return { endpoint: endpoint.href, model, revision, selection };
}
