import * as vscode from 'vscode';
import type { Services } from '../services.ts';
import type { Downloads } from './download.ts';

/** The commands that download versions and files. What they do is loaded with the first of them. */
export function registerDownloads(services: Services): vscode.Disposable {
  const { commands } = services;
  let loading: Promise<Downloads> | undefined;
  const downloads = (): Promise<Downloads> => {
    loading ??= import('./download.ts').then(({ Downloads: Loaded }) => new Loaded(services));
    return loading;
  };
  return vscode.Disposable.from(
    commands.register('modelRegistries.downloadToFolder', async (argument) =>
      (await downloads()).toFolder(argument),
    ),
    commands.register('modelRegistries.downloadToCache', async (argument) =>
      (await downloads()).toCache(argument),
    ),
    commands.register('modelRegistries.downloadFile', async (argument) => (await downloads()).file(argument)),
  );
}
