import * as vscode from 'vscode';
import type { Pinning } from '../../core/hosts/service.ts';
import type { Session } from '../accounts/sessions.ts';
import type { OrganizationRow, RegistryRow } from '../rows.ts';
import type { Services } from '../services.ts';

type PinServices = Pick<Services, 'prompts' | 'settings' | 'registryServices'>;

/** Asks for a registry of others, and has the view show it beside one's own from now on. */
export async function pinRegistry(
  services: PinServices,
  { session, organization }: OrganizationRow,
): Promise<void> {
  const before = session.service.pinning;
  if (!before) return;
  const typed = await services.prompts.input({
    id: 'pin',
    title: vscode.l10n.t('Show a Namespace of {0}', organization.name),
    prompt: vscode.l10n.t('A user or an organization, whose models are shown beside your own'),
    check: (value) => before.problemOf(value.trim()),
  });
  const slug = typed?.trim();
  if (slug === undefined) return;
  await changePins(services, session, (pinned) =>
    pinned.some((one) => isSame(one, slug)) ? pinned : [...pinned, slug],
  );
}

/** Has the view show it no more, unless it is one's own. */
export async function unpinRegistry(
  services: Omit<PinServices, 'prompts'>,
  { session, registry }: RegistryRow,
): Promise<void> {
  await changePins(services, session, (pinned) => pinned.filter((slug) => !isSame(slug, registry.slug)));
}

/**
 * Changes what the setting names now, which may be more than when the row was made: it stays open to other windows and to the person
 * while a box asks. Throws the failure of a setting that holds no good value by now.
 */
async function changePins(
  { settings, registryServices }: Omit<PinServices, 'prompts'>,
  { service: { id } }: Session,
  change: (pinned: readonly string[]) => readonly string[],
): Promise<void> {
  const { all, failures } = registryServices;
  const service = all.find((one) => one.id === id);
  if (!service && failures[0]) throw failures[0];
  const pinning = service?.pinning;
  const changed = pinning && change(pinning.pinned);
  if (pinning && changed && changed !== pinning.pinned) {
    await settings.change(pinning.setting, pinning.valueWith(changed));
  }
}

/** Whether a setting names it. */
export function isPinned(pinning: Pinning | undefined, slug: string): boolean {
  return pinning?.pinned.some((pinned) => isSame(pinned, slug)) === true;
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
