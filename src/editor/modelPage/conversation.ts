import * as vscode from 'vscode';
import { Failure } from '../../core/failure.ts';
import { connectionTo, type HubConnection } from '../../core/hub/connection.ts';
import type { GitObjectId } from '../../core/objectIds.ts';
import type { ModelVersion, Page, Registry } from '../../core/hosts/host.ts';
import { visibleLine } from '../../core/visibleText.ts';
import { readWeights, readWeightSets } from '../../core/weights/readWeights.ts';
import type { WeightsSummary } from '../../core/weights/summary.ts';
import type { WeightSet } from '../../core/weights/weightSets.ts';
import type { Session } from '../accounts/sessions.ts';
import { installCommand } from '../instructions/installCommand.ts';
import type { Row } from '../registries/rows.ts';
import type { Services } from '../services.ts';
import { accountKey, type VersionAddress } from '../versionFiles/fileAddress.ts';
import { sessionOf, type FileContents, type Listing } from '../versionFiles/fileContents.ts';
import { imageType, MOST_IMAGE_BYTES, MOST_IMAGES_BYTES } from './images.ts';
import {
  type Copied,
  type MessageToPage,
  messageFromPage,
  type PageAction,
  type PageHead,
  type PartContent,
  PART_NAMES,
  type PartName,
  type ShownState,
} from './messages.ts';
import { pageKey, type PageAddress } from './pageAddress.ts';
import { createPart, type Part, type PartState } from './part.ts';
import { parseReadme, readmeOf, type Readme } from './readme.ts';
import {
  failed,
  filesContent,
  loading,
  needsSignIn,
  publishedText,
  signedOut,
  signInFirst,
  summaryContent,
  texts,
  titles,
  weightsDetail,
} from './texts.ts';

/** What a page needs of the {@link Services}. */
export type PageServices = Pick<Services, 'globalMemory' | 'http' | 'log' | 'prompts' | 'sessions'>;

/** The host's side of a model page. */
export interface PageConversation {
  receive(message: unknown): Promise<void>;
  /** Loads what is missing while the page can be seen, and nothing while it cannot. */
  setVisible(visible: boolean): void;
  /** Shows another version of the same model. */
  show(address: PageAddress): void;
  dispose(): void;
}

/** What is loaded for one version. */
interface VersionParts {
  readonly commit: GitObjectId;
  readonly files: Part<Listing>;
  readonly readme: Part<Readme | undefined>;
  readonly weights: Part<readonly WeightsPart[]>;
  /** Bytes of the images that the page was given, by path. */
  readonly images: Map<string, number>;
}

interface WeightsPart {
  readonly set: WeightSet;
  readonly summary: Part<WeightsSummary>;
}

/** Pages of versions that are looked through for the newest commit. */
const MOST_PAGES = 3;

/**
 * A page hidden and shown again is made anew and says `ready` again, so it always gets everything.
 *
 * @param post Sends to the page; what it does not get because it is hidden, it asks for later.
 */
export function pageConversation(
  services: PageServices,
  contents: FileContents,
  start: PageAddress,
  post: (message: MessageToPage) => void,
): PageConversation {
  const { http, log, prompts, sessions } = services;
  let address = start;
  let visible = false;
  let registry: Registry | undefined;
  let shown: VersionParts | undefined;
  const listed: ModelVersion[] = [];
  let next: string | undefined;
  let more: Part<void> | undefined;
  const closed = new AbortController();

  const versions = createPart(async (signal) => {
    listed.length = 0;
    await loadVersions(undefined, signal);
    const newest = () => listed.find(({ commit }) => commit !== undefined)?.commit;
    for (let page = 1; address.commit === undefined && page < MOST_PAGES; page += 1) {
      if (newest() !== undefined || next === undefined) break;
      await loadVersions(next, signal);
    }
    if (address.commit === undefined) choose(newest());
  }, changed('versions'));

  async function loadVersions(cursor: string | undefined, signal: AbortSignal): Promise<void> {
    const session = await sessionOf(services, address.account);
    const { model } = address;
    const page: Page<ModelVersion> = await session.host.versions(
      await registryOf(session, signal),
      { model, cursor },
      signal,
    );
    signal.throwIfAborted();
    const known = new Set(listed.map(({ id }) => id));
    listed.push(...page.items.filter(({ id }) => !known.has(id)));
    next = page.next;
  }

  async function registryOf(session: Session, signal: AbortSignal): Promise<Registry> {
    registry ??= await session.host.registry(address.organization, address.registry, signal);
    return registry;
  }

  /** Shows that version; without one, that there is none. */
  function choose(commit: GitObjectId | undefined): void {
    address = { ...address, commit };
    if (shown?.commit !== commit) {
      pauseVersion();
      shown = commit && versionParts({ ...address, commit });
    }
    sendHead();
    for (const name of PART_NAMES) send(name);
    load();
  }

  async function hubOf({ account, organization, registry, model }: VersionAddress): Promise<HubConnection> {
    const { host } = await sessionOf(services, account);
    return connectionTo(host.hub({ organization, slug: registry }), model, http);
  }

  function versionParts(version: VersionAddress): VersionParts {
    const list = (signal: AbortSignal) => contents.list(version, signal);
    return {
      commit: version.commit,
      files: createPart(list, changed('files')),
      readme: createPart(async (signal) => {
        const file = readmeOf(await list(signal));
        return file && parseReadme((await contents.read(version, file, signal)).toString());
      }, changed('readme')),
      weights: createPart(async (signal) => {
        const files = [...(await list(signal)).values()];
        const sets = await readWeightSets(await hubOf(version), version.commit, files, signal);
        return sets.map((set) => ({
          set,
          summary: createPart(
            async (reading) => readWeights(await hubOf(version), version.commit, set, files, reading),
            changed('weights'),
          ),
        }));
      }, changed('weights')),
      images: new Map(),
    };
  }

  function changed(name: PartName): () => void {
    return () => {
      send(name);
      // The first weights are read without being asked for.
      if (name === 'weights') load();
      if (name !== 'versions') return;
      sendHead();
      // The list tells which version is shown, and so what there is to say of its parts.
      if (!shown) for (const other of PART_NAMES) send(other);
    };
  }

  function load(): void {
    if (!visible) return;
    versions.begin();
    shown?.files.begin();
    shown?.readme.begin();
    shown?.weights.begin();
    if (shown?.weights.state.status === 'ready') shown.weights.state.value[0]?.summary.begin();
  }

  function pauseVersion(): void {
    if (!shown) return;
    for (const part of [shown.files, shown.readme, shown.weights]) part.pause();
    if (shown.weights.state.status === 'ready') {
      for (const { summary } of shown.weights.state.value) summary.pause();
    }
  }

  function send(name: PartName): void {
    if (visible && !closed.signal.aborted) post({ kind: 'part', ...contentOf(name) });
  }

  function sendHead(): void {
    if (visible && !closed.signal.aborted) post({ kind: 'page', page: head() });
  }

  function contentOf(name: PartName): PartContent {
    switch (name) {
      case 'versions':
        return { name, state: ofState(versions.state, versionsContent) };
      case 'files':
        return {
          name,
          state: ofVersion(({ files }) =>
            ofState(files.state, (listing) => ({
              status: 'ready',
              content: filesContent(listing),
            })),
          ),
        };
      case 'readme':
        return { name, state: ofVersion(({ readme }) => ofState(readme.state, readmeContent)) };
      case 'weights':
        return { name, state: ofVersion(({ weights }) => ofState(weights.state, weightsContent)) };
    }
  }

  /** Of the version that is shown; while none is, it is about the list that tells which. */
  function ofVersion<T>(state: (parts: VersionParts) => ShownState<T>): ShownState<T> {
    if (shown) return state(shown);
    return ofState(versions.state, () => ({
      status: 'none',
      sentence: vscode.l10n.t('There is no version of “{0}”.', address.model),
    }));
  }

  function ofState<T, C>(state: PartState<T>, content: (value: T) => ShownState<C>): ShownState<C> {
    switch (state.status) {
      case 'idle':
      case 'loading':
        return loading();
      case 'failed':
        // Said once, at the top of the page.
        if (needsSignIn(state.error) && isSignedOut()) return signInFirst();
        return failed(state.error);
      case 'ready':
        return content(state.value);
    }
  }

  function versionsContent(): Extract<PartContent, { name: 'versions' }>['state'] {
    if (listed.length === 0) {
      return { status: 'none', sentence: vscode.l10n.t('There is no version of “{0}”.', address.model) };
    }
    const now = new Date();
    const action = vscode.l10n.t('Load More');
    const underWay = more?.state;
    return {
      status: 'ready',
      content: {
        versions: listed.map((version) => ({
          commit: version.commit,
          name: version.commit?.slice(0, 7) ?? version.id,
          published: publishedText(version, now),
          shown: version.commit !== undefined && version.commit === shown?.commit,
        })),
        more:
          next === undefined
            ? undefined
            : underWay?.status === 'loading'
              ? loading()
              : underWay?.status === 'failed'
                ? failed(underWay.error)
                : { status: 'idle', action },
      },
    };
  }

  function readmeContent(readme: Readme | undefined): Extract<PartContent, { name: 'readme' }>['state'] {
    if (!readme) {
      return { status: 'none', sentence: vscode.l10n.t('This version has no README.md at its root.') };
    }
    const { text, metadata, cut } = readme;
    return {
      status: 'ready',
      content: {
        text,
        folder: '',
        metadata,
        metadataTitle: vscode.l10n.t('Metadata'),
        cut: cut
          ? vscode.l10n.t('The model card is too long to be shown whole. Open README.md for the rest.')
          : undefined,
      },
    };
  }

  function weightsContent(sets: readonly WeightsPart[]): Extract<PartContent, { name: 'weights' }>['state'] {
    if (sets.length === 0) {
      return {
        status: 'none',
        sentence: vscode.l10n.t('This version has no weights in the formats safetensors or GGUF.'),
      };
    }
    return {
      status: 'ready',
      content: {
        sets: sets.map(({ set, summary }) => ({
          entry: set.entry,
          detail: weightsDetail(set),
          state:
            summary.state.status === 'idle'
              ? { status: 'idle', action: vscode.l10n.t('Read Header') }
              : ofState(summary.state, (value) => ({ status: 'ready', content: summaryContent(value) })),
        })),
      },
    };
  }

  function head(): PageHead {
    const { organization, model, commit } = address;
    const session = knownSession();
    const endpoint = session?.host.hub({ organization, slug: address.registry }).endpoint;
    const published = listed.find((version) => version.commit !== undefined && version.commit === commit);
    const when = published && publishedText(published, new Date());
    return {
      heading: model,
      signedOut: isSignedOut() ? signedOut(session) : undefined,
      facts: [
        {
          label: vscode.l10n.t('Registry'),
          value: `${organization}/${address.registry}`,
        },
        ...(commit === undefined
          ? []
          : [
              {
                label: vscode.l10n.t('Version'),
                value: commit,
                copy: { what: 'commit' as const, label: vscode.l10n.t('Copy Commit SHA') },
              },
            ]),
        ...(when ? [{ label: vscode.l10n.t('Published'), value: when }] : []),
        {
          label: vscode.l10n.t('Model ID'),
          value: model,
          copy: { what: 'model' as const, label: vscode.l10n.t('Copy Model ID') },
        },
        ...(endpoint
          ? [
              {
                label: vscode.l10n.t('Address'),
                value: endpointText(endpoint),
                copy: { what: 'endpoint' as const, label: vscode.l10n.t('Copy Address') },
              },
            ]
          : []),
      ],
      actions: isSignedOut() ? [] : actions(commit),
      install: install(endpoint),
      titles: titles(),
      texts: texts(),
      saved: address,
    };
  }

  function install(endpoint: URL | undefined): PageHead['install'] {
    const { model, commit } = address;
    if (!endpoint || commit === undefined) return undefined;
    const { title, text, explanation, copyLabel } = installCommand(services.globalMemory, {
      endpoint,
      model,
      commit,
    });
    const problem = text === undefined ? explanation.join(' ') : undefined;
    return { title, command: text, problem, copyLabel };
  }

  function actions(commit: GitObjectId | undefined): PageHead['actions'] {
    return [
      {
        action: 'showCommands',
        label: vscode.l10n.t('Show Publish and Install Commands'),
        icon: 'terminal',
      },
      ...(commit === undefined
        ? []
        : [{ action: 'download' as const, label: vscode.l10n.t('Download…'), icon: 'cloud-download' }]),
    ];
  }

  /** Whether the page's account cannot be used, once it is known which can. */
  function isSignedOut(): boolean {
    const session = knownSession();
    return sessions.loaded && (!session || sessions.isRejected(session));
  }

  function knownSession(): Session | undefined {
    return sessions.all.find(({ accountId }) => accountKey(accountId) === address.account);
  }

  /** Tries a part again, after a sign-in where only that helps. */
  async function again(part: Part<unknown>): Promise<void> {
    if (part.state.status === 'failed' && needsSignIn(part.state.error)) await signIn();
    if (visible) part.again();
  }

  async function signIn(): Promise<void> {
    await vscode.commands.executeCommand('modelRegistries.signIn');
  }

  async function retry(name: PartName): Promise<void> {
    await again(name === 'versions' || !shown ? versions : shown[name]);
  }

  async function weightsOf(entry: string): Promise<void> {
    const state = shown?.weights.state;
    const found = state?.status === 'ready' ? state.value.find(({ set }) => set.entry === entry) : undefined;
    if (found) await again(found.summary);
  }

  function loadMore(): void {
    if (next === undefined || more?.state.status === 'loading' || !visible) return;
    const cursor = next;
    more = createPart((signal) => loadVersions(cursor, signal), changed('versions'));
    more.begin();
  }

  /** The version that is shown, as rows name it. */
  async function shownRow(): Promise<{ session: Session; version: ModelVersion } | undefined> {
    const commit = shown?.commit;
    if (commit === undefined) return undefined;
    const session = await sessionOf(services, address.account);
    const inRegistry = await registryOf(session, closed.signal);
    const { model } = address;
    const version = listed.find((one) => one.commit === commit) ?? {
      id: commit,
      registry: inRegistry,
      model,
      commit,
      createdAt: undefined,
      webUrl: undefined,
    };
    return { session, version };
  }

  async function openFile(path: string): Promise<void> {
    const parts = shown;
    const file = parts && (await fileOf(parts, path));
    if (!parts || !file) {
      post({ kind: 'told', sentence: vscode.l10n.t('This version has no file “{0}”.', path) });
      return;
    }
    const row = await shownRow();
    if (row?.version.commit !== parts.commit) return;
    const { size, gitSha1, sha256 } = file;
    const fileRow: Row = { kind: 'file', ...row, path, size, lfs: sha256 !== undefined, gitSha1, sha256 };
    await vscode.commands.executeCommand('modelRegistries.openFile', fileRow, 'source');
  }

  async function fileOf({ commit }: VersionParts, path: string) {
    return (await contents.list({ ...address, commit }, closed.signal)).get(path);
  }

  async function openLink(text: string): Promise<void> {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url?.protocol !== 'https:' && url?.protocol !== 'http:') {
      log.warn('A model page named a link that is not one of the web; it was not opened.');
      return;
    }
    await prompts.openExternal(url);
  }

  async function showImage(path: string): Promise<void> {
    const parts = shown;
    if (!parts || !visible) return;
    post({ kind: 'image', path, source: await imageSource(parts, path) });
  }

  async function imageSource(parts: VersionParts, path: string): Promise<string | undefined> {
    const type = imageType(path);
    const file = type === undefined ? undefined : await fileOf(parts, path);
    if (file?.size === undefined || file.size > MOST_IMAGE_BYTES) return undefined;
    const others = [...parts.images].reduce((sum, [other, size]) => (other === path ? sum : sum + size), 0);
    if (others + file.size > MOST_IMAGES_BYTES) return undefined;
    parts.images.set(path, file.size);
    try {
      const bytes = await contents.read({ ...address, commit: parts.commit }, file, closed.signal);
      return `data:${type};base64,${bytes.toString('base64')}`;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      log.warn(`model page: ${path}: ${error.message}`);
      return undefined;
    }
  }

  async function copy(what: Copied): Promise<void> {
    const page = head();
    const fact = page.facts.find(({ copy: copied }) => copied?.what === what);
    const text = what === 'install' ? page.install?.command : fact && visibleLine(fact.value);
    if (text === undefined) return;
    await prompts.copy(text);
    post({
      kind: 'told',
      sentence:
        what === 'install' ? vscode.l10n.t('Install command copied') : vscode.l10n.t('Copied {0}', text),
    });
  }

  async function copyDigest(path: string): Promise<void> {
    const state = shown?.files.state;
    const sha256 = state?.status === 'ready' ? state.value.get(path)?.sha256 : undefined;
    if (sha256 === undefined) return;
    await prompts.copy(sha256);
    post({ kind: 'told', sentence: vscode.l10n.t('Copied {0}', sha256) });
  }

  async function act(action: PageAction): Promise<void> {
    const row = await shownRow();
    const versionRow: Row | undefined = row && { kind: 'version', ...row };
    switch (action) {
      case 'showCommands':
        await vscode.commands.executeCommand(
          'modelRegistries.showInstructions',
          versionRow ?? (await modelRow()),
        );
        return;
      case 'download':
        if (versionRow) await vscode.commands.executeCommand('modelRegistries.downloadToFolder', versionRow);
        return;
    }
  }

  /** The model as rows name it, for what can be done without a version. */
  async function modelRow(): Promise<Row> {
    const session = await sessionOf(services, address.account);
    return {
      kind: 'model',
      session,
      registry: await registryOf(session, closed.signal),
      model: address.model,
    };
  }

  /** Tries again what only a sign-in could mend, where somebody is signed in. */
  function loadRefused(): void {
    if (!visible || isSignedOut()) return;
    const parts: Part<unknown>[] = [versions];
    if (shown) parts.push(shown.files, shown.readme, shown.weights);
    if (shown?.weights.state.status === 'ready') {
      parts.push(...shown.weights.state.value.map(({ summary }) => summary));
    }
    for (const part of parts) {
      if (part.state.status === 'failed' && needsSignIn(part.state.error)) part.again();
    }
  }

  const subscription = sessions.onDidChange(() => {
    sendHead();
    loadRefused();
  });
  shown = address.commit && versionParts({ ...address, commit: address.commit });

  return {
    async receive(message) {
      const { data } = messageFromPage.safeParse(message);
      switch (data?.kind) {
        case undefined:
          log.warn('A model page sent a message that is none of its own; it was dropped.');
          return;
        case 'ready':
          visible = true;
          sendHead();
          for (const name of PART_NAMES) send(name);
          load();
          // Somebody may have signed in while the page was hidden.
          loadRefused();
          return;
        case 'retry':
          return retry(data.part);
        case 'readWeights':
          return weightsOf(data.entry);
        case 'chooseVersion': {
          const version = listed.find(({ commit }) => commit !== undefined && commit === data.commit);
          if (version) choose(version.commit);
          return;
        }
        case 'moreVersions':
          loadMore();
          return;
        case 'openFile':
          return openFile(data.path);
        case 'openLink':
          return openLink(data.url);
        case 'showImage':
          return showImage(data.path);
        case 'copy':
          return copy(data.what);
        case 'copyDigest':
          return copyDigest(data.path);
        case 'act':
          return act(data.action);
        case 'signIn':
          return signIn();
      }
    },
    setVisible(now) {
      visible = now;
      if (now) {
        load();
        return;
      }
      versions.pause();
      more?.pause();
      pauseVersion();
    },
    show(other) {
      if (pageKey(other) !== pageKey(address) || other.commit === undefined) return;
      choose(other.commit);
    },
    dispose() {
      visible = false;
      subscription.dispose();
      closed.abort();
      versions.pause();
      more?.pause();
      pauseVersion();
    },
  };
}

function endpointText({ href }: URL): string {
  return href.replace(/\/$/, '');
}
