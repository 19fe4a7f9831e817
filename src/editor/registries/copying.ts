import * as vscode from 'vscode';
import { snippet } from '../../core/instructions/snippets.ts';
import type { Registry } from '../../core/registryHost.ts';
import { installChoice } from '../instructions/chosenCommand.ts';
import { instructionTarget } from '../instructions/panelState.ts';
import type { Services } from '../services.ts';
import type { Row } from './rows.ts';
import { webPage } from './treeItem.ts';

/** What can be copied of a row besides its commit. */
export type Copied = 'modelId' | 'pageUrl' | 'hubUrl' | 'installCommand';

/** Copies it and says so: of several rows one a line, and nothing where no row has such a thing. */
export async function copyOf(services: Services, rows: readonly Row[], what: Copied): Promise<void> {
  const texts = new Set(rows.map((row) => textOf(services, row, what)).filter((text) => text !== undefined));
  if (texts.size === 0) return;
  const text = [...texts].join('\n');
  await services.prompts.copy(text);
  const said =
    what === 'installCommand'
      ? vscode.l10n.t('Install command copied')
      : vscode.l10n.t('Copied {0}', [...texts].join(', '));
  vscode.window.setStatusBarMessage(said, 3000);
}

function textOf(services: Services, row: Row, what: Copied): string | undefined {
  switch (what) {
    case 'modelId':
      return modelOf(row);
    case 'pageUrl':
      return webPage(row, services.settings.endpoints().webUrl)?.href;
    case 'hubUrl':
      return hubUrl(row);
    case 'installCommand':
      return installCommand(services, row);
  }
}

function modelOf(row: Row): string | undefined {
  return row.kind === 'model' ? row.model : row.kind === 'version' ? row.version.model : undefined;
}

function registryOf(row: Row): Registry | undefined {
  return row.kind === 'registry' || row.kind === 'model'
    ? row.registry
    : row.kind === 'version'
      ? row.version.registry
      : undefined;
}

/** What `HF_ENDPOINT` holds, for a registry; the model's address below it, as Hub clients make it, for a model or a version. */
function hubUrl(row: Row): string | undefined {
  const registry = registryOf(row);
  if (!registry || !('session' in row)) return undefined;
  const endpoint = row.session.host.hub(registry).endpoint.href.replace(/\/$/, '');
  const model = modelOf(row);
  return model === undefined ? endpoint : `${endpoint}/${model.split('/').map(encodeURIComponent).join('/')}`;
}

/** For the shell and client that the person looked at last, with a placeholder for the token. */
function installCommand({ globalMemory }: Services, row: Row): string | undefined {
  const model = modelOf(row);
  const registry = registryOf(row);
  if (model === undefined || !registry || !('session' in row)) return undefined;
  const { endpoint } = row.session.host.hub(registry);
  const commit = row.kind === 'version' ? row.version.commit : undefined;
  return snippet('install', instructionTarget({ endpoint, model, commit }), installChoice(globalMemory)).text;
}
