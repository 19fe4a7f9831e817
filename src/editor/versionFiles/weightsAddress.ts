import * as z from 'zod/mini';
import { asCommitName } from '../../core/objectIds.ts';
import { textAs } from '../../core/schemas.ts';
import { visibleLine } from '../../core/visibleText.ts';
import type { UriParts, VersionAddress } from './fileAddress.ts';

/** The scheme of documents that tell what changed in weights. */
export const WEIGHTS_SCHEME = 'model-registries-weights';

/** What such a document tells of. */
export type WeightsAddress =
  /** Two versions, which never change: it can be told anew at any time. */
  | { readonly kind: 'versions'; readonly before: VersionAddress; readonly after: VersionAddress }
  /** What was compared once, and may be another thing by now. */
  | { readonly kind: 'once'; readonly id: string };

const version = z.strictObject({
  account: z.string().check(z.minLength(1)),
  organization: z.string().check(z.minLength(1)),
  registry: z.string().check(z.minLength(1)),
  model: z.string().check(z.minLength(1)),
  commit: textAs(asCommitName, 'no name of a commit'),
});

const query = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('versions'), before: version, after: version }),
  z.strictObject({ kind: z.literal('once'), id: z.string().check(z.minLength(1)) }),
]);

/** @param title What the tab is called. VS Code colours lines that begin with `+` and `-` by the ending of the name. */
export function weightsUriParts(address: WeightsAddress, title: string): UriParts {
  const name = visibleLine(title).replaceAll('/', '∕');
  return { authority: '', path: `/${name}.diff`, query: JSON.stringify(address) };
}

/** The address that `parts` spell; undefined for anything else. */
export function weightsAddressOf({ query: text }: Pick<UriParts, 'query'>): WeightsAddress | undefined {
  try {
    return query.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
