import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import type { PublishHistory, PublishedRecord } from '../publishService.ts';
import { readHistory, storedHistory, withRecord } from './storedHistory.ts';

const KEY = 'publishing.history';

/** Keeps the history in a workspace's memory. `forget` is called with the records that go. */
export function createPublishHistory(
  memory: vscode.Memento,
  forget: (gone: readonly PublishedRecord[]) => Promise<void>,
): PublishHistory & { dispose(): void } {
  const changed = new vscode.EventEmitter<void>();
  let records = readHistory(memory.get(KEY));
  const keep = async (
    kept: readonly PublishedRecord[],
    dropped: readonly PublishedRecord[],
  ): Promise<void> => {
    records = kept;
    changed.fire();
    await memory.update(KEY, kept.length > 0 ? storedHistory(kept) : undefined);
    if (dropped.length > 0) await forget(dropped);
  };
  return {
    onDidChange: changed.event,
    get records() {
      return records;
    },
    async add(record) {
      const { kept, dropped } = withRecord(records, { id: randomUUID(), ...record });
      await keep(kept, dropped);
    },
    async remove(id) {
      await keep(
        records.filter((one) => one.id !== id),
        records.filter((one) => one.id === id),
      );
    },
    async clear() {
      await keep([], records);
    },
    dispose: () => changed.dispose(),
  };
}
