import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import * as vscode from 'vscode';
import { weightLines } from '../../core/weights/changesText.ts';
import { compareLocalWeights } from '../../core/weights/localWeights.ts';
import { weightSets } from '../../core/weights/weightSets.ts';
import { Failure } from '../../core/failure.ts';
import { pathOnly } from '../../core/hub/remoteFile.ts';
import { percentBeyond } from '../../core/progress/transferRate.ts';
import type { Services } from '../services.ts';
import { sizeText } from '../wording.ts';
import { documentText, type WeightsDocuments } from './weightsDocuments.ts';

/** Weights of the workspace that are offered to compare with. */
const MOST_OFFERED = 500;

/**
 * Shows how two files of weights of this machine differ, byte by byte: `chosen` and the one other of `selected`; where
 * that is not one, one that the person picks. The one that was changed first is the earlier one.
 */
export async function compareWeightFiles(
  services: Services,
  documents: WeightsDocuments,
  chosen: vscode.Uri,
  selected: readonly vscode.Uri[],
): Promise<void> {
  if (!vscode.workspace.isTrusted) {
    throw new Failure(
      'refused',
      vscode.l10n.t('This workspace is not trusted, so no weights in it are compared.'),
    );
  }
  const others = selected.filter((uri) => uri.toString() !== chosen.toString());
  const other = others.length === 1 ? others[0] : await askOther(services, chosen);
  if (!other) return;
  const [before, after] = await inOrder(chosen.fsPath, other.fsPath);
  const names = namesOf(before, after);
  const text = await services.prompts.progress(
    {
      id: 'compareWeights.progress',
      title: vscode.l10n.t('Comparing {0} with {1}', names.before, names.after),
      cancellable: true,
    },
    async (report, signal) => {
      let reported = 0;
      const comparison = await compareLocalWeights(before, after, {
        signal,
        onProgress: ({ done, total }) => {
          const increment = percentBeyond(reported, done, total);
          if (increment < 1) return;
          reported += increment;
          report({ increment, message: vscode.l10n.t('{0} of {1}', sizeText(done), sizeText(total)) });
        },
      });
      return documentText(names.before, names.after, weightLines([comparison]));
    },
  );
  const document = await vscode.workspace.openTextDocument(documents.ofText(names, text));
  await vscode.window.showTextDocument(document, { preview: true });
}

/** Weights in several files are offered once. */
async function askOther({ prompts }: Services, chosen: vscode.Uri): Promise<vscode.Uri | undefined> {
  return prompts.pick<vscode.Uri>({
    id: 'compareWeights.other',
    title: vscode.l10n.t('Compare Weights'),
    placeholder: vscode.l10n.t('The weights to compare {0} with', basename(chosen.fsPath)),
    choices: async () => {
      const found = await vscode.workspace.findFiles(
        '**/*.{safetensors,gguf,safetensors.index.json}',
        undefined,
        MOST_OFFERED,
      );
      const others = found.filter((uri) => uri.scheme === 'file' && uri.toString() !== chosen.toString());
      const byPath = new Map(others.map((uri) => [uri.path, uri]));
      const entries = weightSets([...byPath.keys()].map(pathOnly)).flatMap(
        ({ entry }) => byPath.get(entry) ?? [],
      );
      if (entries.length === 0) {
        throw new Failure(
          'notFound',
          vscode.l10n.t(
            'This workspace holds no other weights. Select two files in the Explorer, of folders that are open.',
          ),
        );
      }
      return entries.map((uri) => ({
        label: basename(uri.fsPath),
        description: vscode.workspace.asRelativePath(vscode.Uri.file(dirname(uri.fsPath))),
        icon: 'file-binary',
        value: uri,
      }));
    },
  });
}

/** The one that was changed first, first. */
async function inOrder(one: string, two: string): Promise<readonly [string, string]> {
  const changed = async (file: string): Promise<number> => {
    try {
      return (await stat(file)).mtimeMs;
    } catch {
      // Reading it says what is wrong.
      return 0;
    }
  };
  const [first, second] = await Promise.all([changed(one), changed(two)]);
  return second < first ? [two, one] : [one, two];
}

/** With their folders where they are called the same. */
function namesOf(before: string, after: string): { readonly before: string; readonly after: string } {
  const [one, two] = [basename(before), basename(after)];
  if (one !== two) return { before: one, after: two };
  const withFolder = (file: string): string => `${basename(dirname(file))}/${basename(file)}`;
  return { before: withFolder(before), after: withFolder(after) };
}
