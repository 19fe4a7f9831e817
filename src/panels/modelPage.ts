import { visibleText } from '../core/visibleText.ts';
import type {
  FilesContent,
  MessageFromPage,
  MessageToPage,
  PageChanges,
  PageChip,
  PageFact,
  PageHead,
  PageInstall,
  PageStanding,
  PartContent,
  PartName,
  ReadmeContent,
  ShownState,
  SummaryContent,
  VersionsContent,
  WeightsContent,
} from '../editor/modelPage/messages.ts';
import { button, element, icon as codicon, iconButton, required } from './elements.ts';
import { IMAGE_PATH, makeScrollersReachable, renderMarkdown } from './modelPage/markdown.ts';

declare function acquireVsCodeApi(): {
  postMessage(message: MessageFromPage): void;
  setState(state: unknown): void;
};

const PARTS: readonly PartName[] = ['weights', 'readme', 'files', 'versions'];

const host = acquireVsCodeApi();
const main = required(document.querySelector('main'));
const announcements = required(document.querySelector('[role="status"]'));
const header = element('header', {});
const parts = new Map<PartName, HTMLElement>();
let head: PageHead | undefined;

window.addEventListener('message', ({ data }: MessageEvent<MessageToPage>) => {
  switch (data.kind) {
    case 'page':
      showHead(data.page);
      break;
    case 'part':
      if (head) showPart(head, data);
      break;
    case 'image':
      showImage(data.path, data.source);
      break;
    case 'notice':
      announce(data.sentence);
      break;
  }
});
window.addEventListener('resize', () => makeScrollersReachable(main));
host.postMessage({ kind: 'ready' });

function showHead(page: PageHead): void {
  if (!head) {
    main.replaceChildren(header, ...PARTS.map((name) => part(page, name)));
    main.removeAttribute('aria-busy');
  }
  head = page;
  host.setState(page.saved);
  keepingFocus(header, () =>
    header.replaceChildren(
      element('h1', { tabindex: '-1' }, page.heading),
      ...chips(page.chips, page.texts.chips),
      ...(page.subject === undefined ? [] : [element('p', { class: 'subject' }, page.subject)]),
      ...versionLine(page),
      ...signedOut(page),
      element(
        'div',
        { class: 'actions' },
        ...page.actions.map(({ action, label, icon }) => {
          const made = button(label, { class: 'action', 'data-key': action }, () =>
            host.postMessage({ kind: 'act', action }),
          );
          made.prepend(codicon(icon));
          return made;
        }),
      ),
      facts(page.facts),
      ...(page.install ? [install(page.install, page)] : []),
    ),
  );
  makeScrollersReachable(header);
}

function chips(list: readonly PageChip[], label: string): readonly Node[] {
  if (list.length === 0) return [];
  return [
    element(
      'ul',
      { class: 'chips', 'aria-label': label },
      ...list.map(({ name, value }) =>
        element('li', {}, element('span', { class: 'name' }, name), ' ', element('span', {}, value)),
      ),
    ),
  ];
}

/** Whether it is the newest, and what changed since the one before. */
function versionLine({ standing: place, changes: changed }: PageHead): readonly Node[] {
  const parts = [...(place ? standing(place) : []), ...(changed ? changes(changed) : [])];
  return parts.length === 0 ? [] : [element('div', { class: 'version' }, ...parts)];
}

function standing(place: PageStanding): readonly Node[] {
  if (place.kind === 'newest') return [element('span', { class: 'badge' }, place.text)];
  const { commit, label } = place.newest;
  return [
    element('span', { class: 'older' }, codicon('history'), ' ', place.text),
    button(label, { class: 'link', 'data-key': 'newest' }, () =>
      host.postMessage({ kind: 'chooseVersion', commit }),
    ),
  ];
}

function changes({ sentence, compare }: PageChanges): readonly Node[] {
  const act = () => host.postMessage({ kind: 'act', action: 'compare' });
  return [
    element('span', {}, sentence),
    ...(compare === undefined ? [] : [button(compare, { class: 'link', 'data-key': 'compare' }, act)]),
  ];
}

function signedOut({ signedOut: notice }: PageHead): readonly Node[] {
  if (!notice) return [];
  const signIn = () => host.postMessage({ kind: 'signIn' });
  return [
    element('p', { class: 'failed', role: 'alert' }, notice.sentence),
    button(notice.signIn, { class: 'action', 'data-key': 'signIn' }, signIn),
  ];
}

function facts(list: readonly PageFact[]): HTMLElement {
  return element(
    'dl',
    {},
    ...list.flatMap(({ label, value, copy }) => [
      element('dt', {}, label),
      element(
        'dd',
        {},
        element('span', {}, value),
        ...(copy
          ? [
              iconButton('copy', copy.label, { 'data-key': `copy ${copy.what}` }, () =>
                host.postMessage({ kind: 'copy', what: copy.what }),
              ),
            ]
          : []),
      ),
    ]),
  );
}

function install({ title, command, problem, copyLabel }: PageInstall, { texts }: PageHead): HTMLElement {
  const heading = element('h2', { id: 'title-install' }, title);
  if (command === undefined) {
    return element(
      'section',
      { 'aria-labelledby': 'title-install' },
      heading,
      element('p', { class: 'quiet' }, problem ?? ''),
    );
  }
  return element(
    'section',
    { 'aria-labelledby': 'title-install' },
    element(
      'div',
      { class: 'title' },
      heading,
      button(texts.copy, { class: 'action', 'aria-label': copyLabel, 'data-key': 'copy install' }, () =>
        host.postMessage({ kind: 'copy', what: 'install' }),
      ),
    ),
    element('pre', {}, element('code', {}, command)),
  );
}

/** A part of the page, before its content is known. */
function part({ titles }: PageHead, name: PartName): HTMLElement {
  const body = element('div', { class: 'body' });
  parts.set(name, body);
  return element(
    'section',
    { 'aria-labelledby': `title-${name}`, 'data-part': name },
    element('h2', { id: `title-${name}`, tabindex: '-1' }, titles[name]),
    body,
  );
}

function showPart(page: PageHead, content: PartContent): void {
  const body = required(parts.get(content.name) ?? null);
  const retry = () => host.postMessage({ kind: 'retry', part: content.name });
  keepingFocus(body, () => {
    body.replaceChildren(...nodesOf(page, content, retry));
    body.toggleAttribute('aria-busy', content.state.status === 'loading');
  });
  makeScrollersReachable(body);
}

function nodesOf(page: PageHead, content: PartContent, retry: () => void): readonly Node[] {
  switch (content.name) {
    case 'weights':
      return stateNodes(content.state, retry, (value) => weights(value, page));
    case 'readme':
      return stateNodes(content.state, retry, (value) => readme(value, page));
    case 'files':
      return stateNodes(content.state, retry, (value) => files(value, page));
    case 'versions':
      return stateNodes(content.state, retry, (value) => versions(value, page));
  }
}

function stateNodes<T>(
  state: ShownState<T>,
  retry: () => void,
  nodes: (content: T) => readonly Node[],
): readonly Node[] {
  switch (state.status) {
    case 'loading':
    case 'none':
      return [element('p', { class: 'quiet' }, state.sentence)];
    case 'failed':
      return [
        element('p', { class: 'failed', role: 'alert' }, state.sentence),
        button(state.retry, { class: 'action', 'data-key': 'retry' }, retry),
      ];
    case 'ready':
      return nodes(state.content);
  }
}

function weights({ sets }: WeightsContent, { texts }: PageHead): readonly Node[] {
  return sets.map(({ entry, detail, state }) => {
    const read = () => host.postMessage({ kind: 'readWeights', entry });
    return element(
      'div',
      { class: 'weights' },
      element('h3', {}, entry),
      element('p', { class: 'quiet' }, detail),
      ...(state.status === 'idle'
        ? [
            button(
              state.action,
              { class: 'action', 'aria-label': `${state.action}: ${entry}`, 'data-key': `read ${entry}` },
              read,
            ),
          ]
        : stateNodes(state, read, (summary) => summaryNodes(summary, texts))),
    );
  });
}

function summaryNodes(summary: SummaryContent, texts: PageHead['texts']): readonly Node[] {
  return [
    facts(summary.facts),
    table(
      [texts.dtype, texts.parameters],
      summary.dtypes.map(({ dtype, parameters, share }) => {
        const bar = element('meter', { min: '0', max: '1', value: String(share), 'aria-label': dtype });
        return [dtype, element('span', { class: 'share' }, element('span', {}, parameters), bar)];
      }),
      texts.dtype,
    ),
    element(
      'details',
      {},
      element('summary', {}, summary.tensorsTitle),
      table(
        [texts.tensor, texts.dtype, texts.shape],
        summary.tensors.map(({ name, dtype, shape }) => [name, dtype, shape]),
        texts.tensor,
      ),
      ...(summary.tensorsLeft === undefined ? [] : [element('p', { class: 'quiet' }, summary.tensorsLeft)]),
    ),
  ];
}

function readme(content: ReadmeContent, { texts }: PageHead): readonly Node[] {
  const { text, folder, metadata, metadataTitle, cut } = content;
  const wanted = new Set<string>();
  const rendered = renderMarkdown(text, {
    folder,
    remoteImageText: (description, server) =>
      texts.remoteImage.replace('{1}', () => server).replace('{0}', () => description),
    openLink: (url) => host.postMessage({ kind: 'openLink', url }),
    openFile: (path) => host.postMessage({ kind: 'openFile', path }),
    wantImage: (path) => wanted.add(path),
  });
  for (const path of wanted) host.postMessage({ kind: 'showImage', path });
  return [
    ...(metadata.length === 0
      ? []
      : [element('details', { open: '' }, element('summary', {}, metadataTitle), facts(metadata))]),
    rendered,
    ...(cut === undefined ? [] : [element('p', { class: 'quiet' }, cut)]),
  ];
}

function showImage(path: string, source: string | undefined): void {
  for (const image of main.querySelectorAll<HTMLImageElement>(`img[${IMAGE_PATH}="${CSS.escape(path)}"]`)) {
    if (source !== undefined) image.src = source;
    else
      image.replaceWith(element('span', { class: 'quiet' }, image.alt || (head?.texts.imageNotShown ?? '')));
  }
}

function files({ sentence, files: list, left }: FilesContent, { texts }: PageHead): readonly Node[] {
  return [
    element('p', { class: 'quiet' }, sentence),
    table(
      [texts.file, texts.size, texts.digest],
      list.map(({ path, size, lfs, sha256 }) => [
        button(path, { class: 'link', 'data-key': `open ${path}` }, () =>
          host.postMessage({ kind: 'openFile', path }),
        ),
        element('span', {}, size, ...(lfs ? [' ', element('span', { class: 'badge' }, 'LFS')] : [])),
        sha256 === undefined
          ? ''
          : element(
              'span',
              { class: 'digest' },
              element('code', { title: sha256 }, sha256.slice(0, 12)),
              iconButton(
                'copy',
                texts.copyDigest.replace('{0}', () => path),
                { 'data-key': `digest ${path}` },
                () => host.postMessage({ kind: 'copyDigest', path }),
              ),
            ),
      ]),
      texts.file,
    ),
    ...(left === undefined ? [] : [element('p', { class: 'quiet' }, left)]),
  ];
}

function versions({ versions: list, more }: VersionsContent, { texts }: PageHead): readonly Node[] {
  const moreVersions = () => host.postMessage({ kind: 'moreVersions' });
  return [
    table(
      [texts.version, texts.message, texts.published],
      list.map(({ commit, name, git, subject, published, shown }) => [
        element(
          'span',
          {},
          ...(commit === undefined || shown
            ? [element('code', {}, name)]
            : [
                button(
                  name,
                  {
                    class: 'link',
                    'aria-label': texts.showVersion.replace('{0}', () => name),
                    'data-key': `version ${commit}`,
                  },
                  () => host.postMessage({ kind: 'chooseVersion', commit }),
                ),
              ]),
          ...(shown ? [' ', element('span', { class: 'badge' }, texts.shownVersion)] : []),
          ...(git === undefined ? [] : [' ', element('span', { class: 'git' }, git)]),
        ),
        subject,
        published,
      ]),
      texts.version,
    ),
    ...(more === undefined
      ? []
      : more.status === 'idle'
        ? [button(more.action, { class: 'action', 'data-key': 'more' }, moreVersions)]
        : stateNodes(more, moreVersions, () => [])),
  ];
}

function table(
  titles: readonly string[],
  rows: readonly (readonly (Node | string)[])[],
  label: string,
): HTMLElement {
  return element(
    'div',
    { class: 'scroll' },
    element(
      'table',
      { 'aria-label': label },
      element(
        'thead',
        {},
        element('tr', {}, ...titles.map((title) => element('th', { scope: 'col' }, title))),
      ),
      element(
        'tbody',
        {},
        ...rows.map((cells) => element('tr', {}, ...cells.map((cell) => element('td', {}, cell)))),
      ),
    ),
  );
}

/** Changes what `root` holds, and leaves the focus on what is the same; where that is gone, at the part's title. */
function keepingFocus(root: HTMLElement, change: () => void): void {
  const { activeElement } = document;
  const focused = activeElement && root.contains(activeElement) ? activeElement : undefined;
  const key = focused?.getAttribute('data-key');
  change();
  if (!focused || focused.isConnected) return;
  const same = key ? root.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`) : null;
  (same ?? root.parentElement?.querySelector<HTMLElement>('h1, h2'))?.focus();
}

function announce(sentence: string): void {
  // Emptied first, so that the same sentence is announced again.
  announcements.textContent = '';
  requestAnimationFrame(() => {
    announcements.textContent = visibleText(sentence);
  });
}
