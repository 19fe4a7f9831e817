import * as vscode from 'vscode';
import { visibleLine } from '../../core/visibleText.ts';
import { endpointText } from '../endpointText.ts';
import type { Services } from '../services.ts';
import { sayInStatusBar } from '../statusBar.ts';
import { subjectOf, type Row } from '../rows.ts';
import { webPage } from './webPage.ts';

/** How long the status bar says that something was copied, in milliseconds. */
const SHOWN_MS = 3000;

/** What can be copied of a row besides its commit. */
export type Copied = 'modelId' | 'pageUrl' | 'hubUrl';

/** Copies it and says so: of several rows one a line, and nothing where no row has such a thing. */
export async function copyOf(services: Services, rows: readonly Row[], what: Copied): Promise<void> {
  const texts = new Set(rows.flatMap((row) => textOf(row, what) ?? []).map(visibleLine));
  if (texts.size === 0) return;
  await services.prompts.copy([...texts].join('\n'));
  sayInStatusBar(vscode.l10n.t('Copied {0}', [...texts].join(', ')), SHOWN_MS);
}

function textOf(row: Row, what: Copied): string | undefined {
  switch (what) {
    case 'modelId':
      return subjectOf(row)?.model;
    case 'pageUrl':
      return webPage(row)?.href;
    case 'hubUrl':
      return hubUrl(row);
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
