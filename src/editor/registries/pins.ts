import * as vscode from 'vscode';
import type { Pinning } from '../../core/hosts/service.ts';
import type { OrganizationRow, RegistryRow } from '../rows.ts';
import type { Services } from '../services.ts';

type PinServices = Pick<Services, 'prompts' | 'settings'>;

/** Asks for a registry of others, and has the view show it beside one's own from now on. */
export async function pinRegistry(
  { prompts, settings }: PinServices,
  { session, organization }: OrganizationRow,
): Promise<void> {
  const { pinning } = session.service;
  if (!pinning) return;
  const typed = await prompts.input({
    id: 'pin',
    title: vscode.l10n.t('Show a Namespace of {0}', organization.name),
    prompt: vscode.l10n.t('A user or an organization, whose models are shown beside your own'),
    check: (value) => pinning.problemOf(value.trim()),
  });
  const slug = typed?.trim();
  if (slug !== undefined && !isPinned(pinning, slug)) {
    await settings.change(pinning.setting, pinning.valueWith([...pinning.pinned, slug]));
  }
}

/** Has the view show it no more, unless it is one's own. */
export async function unpinRegistry(
  { settings }: Pick<PinServices, 'settings'>,
  { session, registry }: RegistryRow,
): Promise<void> {
  const { pinning } = session.service;
  const kept = pinning?.pinned.filter((slug) => !isSame(slug, registry.slug));
  if (pinning && kept) await settings.change(pinning.setting, pinning.valueWith(kept));
}

/** Whether a setting names it. */
export function isPinned(pinning: Pinning | undefined, slug: string): boolean {
  return pinning?.pinned.some((pinned) => isSame(pinned, slug)) === true;
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
