import * as vscode from 'vscode';
import { addressesOf } from '../../core/hub/addresses.ts';
import { visibleLine } from '../../core/visibleText.ts';
import { endpointText } from '../endpointText.ts';
import type { Services } from '../services.ts';
import { sayInStatusBar } from '../statusBar.ts';
import { subjectOf, type FileRow, type Row } from '../rows.ts';
import { webPage } from './webPage.ts';

/** How long the status bar says that something was copied, in milliseconds. */
const SHOWN_MS = 3000;

/** What can be copied of rows. */
export type Copied = 'commit' | 'modelId' | 'pageUrl' | 'hubUrl' | 'path' | 'sha256' | 'fileUrl';

/** Copies it and says so: of several rows one a line, and nothing where no row has such a thing. */
export function copyOf(
  services: Pick<Services, 'prompts'>,
  rows: readonly Row[],
  what: Copied,
): Promise<void> {
  return copyLines(
    services,
    rows.flatMap((row) => textOf(row, what) ?? []),
  );
}

/** Copies each of `texts` once, one a line, and says so; nothing where there is none. */
export async function copyLines(
  { prompts }: Pick<Services, 'prompts'>,
  texts: readonly string[],
): Promise<void> {
  const copied = [...new Set(texts.map(visibleLine))];
  const [first] = copied;
  if (first === undefined) return;
  await prompts.copy(copied.join('\n'));
  sayInStatusBar(
    copied.length === 1
      ? vscode.l10n.t('Copied {0}', first)
      : vscode.l10n.t('Copied {0} lines', copied.length),
    SHOWN_MS,
  );
}

function textOf(row: Row, what: Copied): string | undefined {
  switch (what) {
    case 'commit':
      return subjectOf(row)?.commit;
    case 'modelId':
      return subjectOf(row)?.model;
    case 'pageUrl':
      return webPage(row)?.href;
    case 'hubUrl':
      return hubUrl(row);
    case 'path':
      return row.kind === 'file' || row.kind === 'folder' ? row.path : undefined;
    case 'sha256':
      return row.kind === 'file' ? row.sha256 : undefined;
    case 'fileUrl':
      return row.kind === 'file' ? fileUrl(row) : undefined;
  }
}

/** Of a registry what `HF_ENDPOINT` holds; of a model or version its address below that, as Hub clients make it. */
function hubUrl(row: Row): string | undefined {
  const subject = subjectOf(row);
  if (!subject) return undefined;
  const { session, registry, model } = subject;
  const endpoint = endpointText(session.host.hub(registry).endpoint);
  return model === undefined ? endpoint : `${endpoint}/${model.split('/').map(encodeURIComponent).join('/')}`;
}

/** Where Hub clients fetch the file's content. No token is in it: whoever opens it needs their own. */
function fileUrl({ session, version, path }: FileRow): string | undefined {
  const { registry, model, commit } = version;
  if (commit === undefined) return undefined;
  return addressesOf(session.host.hub(registry).endpoint, model).file(commit, path).href;
}
