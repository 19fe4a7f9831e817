import * as vscode from 'vscode';
import type { PublishedRecord } from '../publishService.ts';
import type { SearchItem } from '../prompts.ts';
import type { Services } from '../services.ts';
import { recordDescription, recordIcon, recordLines } from './publishesItem.ts';

/** A record that the person picks: what they type is looked for in everything that a record tells. */
export async function searchHistory(
  { prompts, history }: Pick<Services, 'prompts' | 'history'>,
  openLog: (id: string) => Promise<void>,
): Promise<PublishedRecord | undefined> {
  const locale = vscode.env.language;
  const now = new Date();
  const texts = new Map(
    history.records.map((record) => [record.id, recordLines(record, locale).join('\n').toLowerCase()]),
  );
  const find = (text: string): readonly SearchItem<PublishedRecord>[] => {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    const found = history.records.filter(({ id }) =>
      words.every((word) => texts.get(id)?.includes(word) === true),
    );
    if (found.length === 0) {
      const label =
        history.records.length === 0
          ? vscode.l10n.t('Nothing was published from this workspace yet')
          : vscode.l10n.t('No publish with “{0}”', text);
      return [{ kind: 'remark', label, icon: 'info' }];
    }
    return found.map((record) => ({
      kind: 'match',
      label: record.destination.model,
      description: recordDescription(record, now, locale),
      detail:
        record.outcome.kind === 'failed'
          ? record.outcome.message
          : `${record.commit} · ${record.destination.endpoint}`,
      icon: recordIcon(record),
      value: record,
      buttons: [{ icon: 'output', tooltip: vscode.l10n.t('Open Log'), run: () => openLog(record.id) }],
    }));
  };
  return prompts.search<PublishedRecord>({
    id: 'publishes.search',
    title: vscode.l10n.t('Search Publish History'),
    placeholder: vscode.l10n.t('A model, registry, commit, version or folder'),
    find: async function* (text) {
      yield await Promise.resolve(find(text));
    },
  });
}
