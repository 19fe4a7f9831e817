import * as z from 'zod/mini';
import { parseEndpoint } from '../../core/endpoint.ts';
import { asCommitName } from '../../core/objectIds.ts';
import { fieldValue, FIELD_IDS, TAB_IDS, type TabId } from './messages.ts';
import { firstInputs, type PanelInputs, type PanelSubject } from './content.ts';

/** A panel as it is after a reload of the window. */
export interface SavedPanel {
  readonly subject: PanelSubject;
  readonly inputs: PanelInputs;
  readonly tab: TabId;
}

const saved = z.object({
  accountId: z.string(),
  organization: z.string(),
  slug: z.string(),
  name: z.string(),
  endpoint: z.string(),
  model: z.optional(z.string()),
  commit: z.optional(z.string()),
  // A field of today may not have been there when it was kept.
  inputs: z.partialRecord(z.enum(FIELD_IDS), fieldValue),
  tab: z.enum(TAB_IDS),
});

/** What VS Code keeps of a panel: no token, and nothing that a token would be sent to. */
export function savePanel({ subject, inputs, tab }: SavedPanel): unknown {
  const { accountId, registry, endpoint, model, commit } = subject;
  const { organization, slug, name } = registry;
  return {
    accountId,
    organization,
    slug,
    name,
    endpoint: endpoint.href,
    model,
    commit,
    inputs,
    tab,
  } satisfies z.infer<typeof saved>;
}

/** What {@link savePanel} made, or undefined where it is something else. */
export function restorePanel(state: unknown): SavedPanel | undefined {
  const { data } = saved.safeParse(state);
  const endpoint = data && parseEndpoint(data.endpoint);
  if (!data || !endpoint) return undefined;
  const { accountId, organization, slug, name, model, commit, inputs, tab } = data;
  const subject: PanelSubject = {
    accountId,
    registry: { organization, slug, name },
    endpoint,
    model,
    commit: commit === undefined ? undefined : asCommitName(commit),
  };
  return { subject, inputs: { ...firstInputs(subject), ...inputs }, tab };
}
