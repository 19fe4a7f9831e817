import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import { changesBetween } from '../../core/publish/fileChanges.ts';
import type { WeightsSide } from '../../core/weights/compareWeights.ts';
import { visibleLine } from '../../core/visibleText.ts';
import { isWeightsPath } from '../../core/weights/weightSets.ts';
import type { VersionAddress } from './fileAddress.ts';
import type { FileContents } from './fileContents.ts';
import { Recent } from './recent.ts';
import { versionName } from './sides.ts';
import { WEIGHTS_SCHEME, weightsAddressOf, weightsUriParts, type WeightsAddress } from './weightsAddress.ts';

/** Characters that are kept of the texts that were shown last. */
const KEPT = 8_000_000;

/** What is compared, as its document names it. */
interface Side {
  readonly name: string;
  readonly side: WeightsSide;
}

/** The documents that tell what changed in weights. Nothing can be written in them. */
export class WeightsDocuments implements vscode.TextDocumentContentProvider {
  readonly #contents: FileContents;
  readonly #texts = new Recent<string>(KEPT, (text) => text.length);

  constructor(contents: FileContents) {
    this.#contents = contents;
  }

  /** For as long as it is not disposed, VS Code can open them. */
  register(): vscode.Disposable {
    return vscode.workspace.registerTextDocumentContentProvider(WEIGHTS_SCHEME, this);
  }

  /**
   * Of two versions: what changed in the weights; undefined where nothing did.
   *
   * @param changed Paths of the files that differ.
   */
  async ofVersions(
    before: VersionAddress,
    after: VersionAddress,
    changed: ReadonlySet<string>,
    names: { readonly before: string; readonly after: string },
    signal: AbortSignal,
  ): Promise<vscode.Uri | undefined> {
    const text = await this.#versionsText(before, after, changed, names, signal);
    return text === undefined ? undefined : this.#kept({ kind: 'versions', before, after }, names, text);
  }

  /** The same of a version and what lies on this machine, which may be another thing later. */
  async once(
    before: Side,
    after: Side,
    changed: ReadonlySet<string>,
    signal: AbortSignal,
  ): Promise<vscode.Uri | undefined> {
    const text = await differences(before, after, changed, signal);
    return text === undefined ? undefined : this.ofText({ before: before.name, after: after.name }, text);
  }

  /** A document of that text. */
  ofText(names: { readonly before: string; readonly after: string }, text: string): vscode.Uri {
    return this.#kept({ kind: 'once', id: randomUUID() }, names, text);
  }

  async provideTextDocumentContent(uri: vscode.Uri, token: vscode.CancellationToken): Promise<string> {
    const text = this.#texts.get(uri.toString());
    if (text !== undefined) return text;
    const address = weightsAddressOf(uri);
    if (address?.kind !== 'versions') {
      return vscode.l10n.t('What was compared here may be another thing by now. Compare again.');
    }
    const controller = new AbortController();
    const subscription = token.onCancellationRequested(() => controller.abort());
    try {
      return await this.#textOrFailure(address, controller.signal);
    } finally {
      subscription.dispose();
    }
  }

  /** Whatever fails is said in place of it: this is asked by editors that are restored. */
  async #textOrFailure(
    { before, after }: Extract<WeightsAddress, { kind: 'versions' }>,
    signal: AbortSignal,
  ): Promise<string> {
    const names = { before: versionName(before), after: versionName(after) };
    try {
      const [earlier, later] = await Promise.all([
        this.#contents.list(before, signal),
        this.#contents.list(after, signal),
      ]);
      const changes = changesBetween([...earlier.values()], [...later.values()]);
      const changed = new Set(changes.map(({ path }) => path));
      return (await this.#versionsText(before, after, changed, names, signal)) ?? '';
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  async #versionsText(
    before: VersionAddress,
    after: VersionAddress,
    changed: ReadonlySet<string>,
    names: { readonly before: string; readonly after: string },
    signal: AbortSignal,
  ): Promise<string | undefined> {
    if (![...changed].some(isWeightsPath)) return undefined;
    const [earlier, later] = await Promise.all([
      this.#contents.weightsSide(before, signal),
      this.#contents.weightsSide(after, signal),
    ]);
    return differences(
      { name: names.before, side: earlier },
      { name: names.after, side: later },
      changed,
      signal,
    );
  }

  #kept(
    address: WeightsAddress,
    { before, after }: { readonly before: string; readonly after: string },
    text: string,
  ): vscode.Uri {
    const title = vscode.l10n.t('Weights: {0} → {1}', before, after);
    const uri = vscode.Uri.from({ scheme: WEIGHTS_SCHEME, ...weightsUriParts(address, title) });
    this.#texts.set(uri.toString(), text);
    return uri;
  }
}

/** What changed in the weights; undefined where nothing did. */
async function differences(
  before: Side,
  after: Side,
  changed: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (![...changed].some(isWeightsPath)) return undefined;
  const { compareWeights } = await import('../../core/weights/compareWeights.ts');
  const { weightLines } = await import('../../core/weights/changesText.ts');
  const comparisons = await compareWeights(before.side, after.side, changed, signal);
  return comparisons.length === 0
    ? undefined
    : documentText(before.name, after.name, weightLines(comparisons));
}

/** @param lines As `weightLines` gives them. */
export function documentText(before: string, after: string, lines: readonly string[]): string {
  return [visibleLine(`${before} → ${after}`), '', ...lines, ''].join('\n');
}
