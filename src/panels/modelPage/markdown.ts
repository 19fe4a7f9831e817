import DOMPurify from 'dompurify';
import MarkdownIt from 'markdown-it';
import { visibleText } from '../../core/visibleText.ts';

/** What the page does about what a README refers to. */
interface ReadmeReferences {
  /** Folder of the README in the version, empty for the root. */
  readonly folder: string;
  /** What stands for an image on another server, which is not loaded. */
  readonly remoteImageText: (description: string, host: string) => string;
  readonly openLink: (url: string) => void;
  readonly openFile: (path: string) => void;
  /** Asked for an image of the version; it is given its source later. */
  readonly wantImage: (path: string) => void;
}

/** Attribute that names the file of the version an image shows. */
export const IMAGE_PATH = 'data-image-path';

/** A page has its own heading and those of its parts. */
const FIRST_LEVEL = 3;
const LAST_LEVEL = 6;

const TAGS = (
  'a abbr b blockquote br caption center code dd del details div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li ' +
  'mark ol p picture pre q s samp small span strike strong sub summary sup table tbody td tfoot th thead tr tt u ul var'
).split(' ');
const ATTRIBUTES = 'align alt colspan height href open rowspan src start title width'.split(' ');
const IMAGE_DATA = /^data:image\/(?:png|jpeg|gif|webp|avif|bmp);base64,[A-Za-z0-9+/=\s]*$/;

const markdown = new MarkdownIt({ html: true, linkify: true });
// Bare addresses of these lead nowhere from the page. To look for one takes a millisecond where it begins with `://`.
for (const schema of ['//', 'ftp:', 'mailto:']) markdown.linkify.add(schema, null);

/**
 * A README as elements of this page. It is a stranger's: of its HTML only what cannot run, load, look like the page or
 * be asked for by name is kept. Links and images are made anew: http and https links open outside the editor, relative
 * ones lead to files of the version, and whatever else is text. The page's content security policy is the second wall.
 */
export function renderMarkdown(text: string, references: ReadmeReferences): HTMLElement {
  const fragment = DOMPurify.sanitize(markdown.render(text), {
    ALLOWED_TAGS: TAGS,
    ALLOWED_ATTR: ATTRIBUTES,
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    RETURN_DOM_FRAGMENT: true,
  });
  // Allowed by name on every element; what is kept for a link or an image is made anew below.
  for (const node of fragment.querySelectorAll(':not(a)[href]')) node.removeAttribute('href');
  for (const node of fragment.querySelectorAll(':not(img)[src]')) node.removeAttribute('src');
  for (const image of fragment.querySelectorAll('img')) image.replaceWith(imageOf(image, references));
  const anchors = renameHeadings(fragment);
  for (const link of fragment.querySelectorAll('a')) link.replaceWith(linkOf(link, anchors, references));
  let left = MOST_FIELDS;
  for (const node of fragment.querySelectorAll('table')) {
    const fields = fieldsOf(node);
    // It stays readable: its cells stand one below the other.
    if (fields > left) node.className = 'flat';
    else left -= fields;
    scrolling(node);
  }
  showUnseen(fragment);
  const rendered = document.createElement('div');
  rendered.className = 'readme';
  rendered.append(fragment);
  return rendered;
}

/** Text in code blocks, too, turns no direction and hides nothing. */
function showUnseen(root: Node): void {
  const texts = document.createNodeIterator(root, NodeFilter.SHOW_TEXT);
  for (let node = texts.nextNode(); node; node = texts.nextNode()) {
    const seen = visibleText(node.nodeValue ?? '');
    if (seen !== node.nodeValue) node.nodeValue = seen;
  }
}

/** Makes what is wider than the page reachable by keyboard: to be called when it is laid out. */
export function makeScrollersReachable(root: ParentNode): void {
  for (const scroller of root.querySelectorAll('.scroll, pre')) {
    if (scroller.scrollWidth > scroller.clientWidth) scroller.setAttribute('tabindex', '0');
    else scroller.removeAttribute('tabindex');
  }
}

function scrolling(table: HTMLElement): void {
  const scroller = document.createElement('div');
  scroller.className = 'scroll';
  table.replaceWith(scroller);
  scroller.append(table);
}

/**
 * Fields of tables, rows times columns, that are laid out as such in a README; the largest that people write has some
 * ten thousand. A browser takes a second for two millions, and ends the page over a billion, which one cell may ask for.
 */
const MOST_FIELDS = 1_000_000;

/** How many fields the grid of a table has, or would have with as many rows as columns: what it costs to lay it out. */
function fieldsOf(table: HTMLTableElement): number {
  const rows = [...table.rows];
  /** Columns that cells of rows above reach down into, and how many of them end before which row. */
  let spanned = 0;
  const ending = new Map<number, number>();
  let columns = 0;
  for (const [at, row] of rows.entries()) {
    spanned -= ending.get(at) ?? 0;
    const above = spanned;
    let own = 0;
    for (const { colSpan, rowSpan } of row.cells) {
      own += colSpan;
      // None is as many rows as there are.
      const end = rowSpan === 0 ? rows.length : at + rowSpan;
      spanned += colSpan;
      ending.set(end, (ending.get(end) ?? 0) + colSpan);
    }
    columns = Math.max(columns, above + own);
  }
  return Math.max(rows.length, columns) * columns;
}

/** Keeps the headings below those of the page, no level left out, and gives what in-page links call them. */
function renameHeadings(root: DocumentFragment): ReadonlyMap<string, HTMLElement> {
  const anchors = new Map<string, HTMLElement>();
  /** The number behind the last name of a slug: a card may be nothing but headings of the same words. */
  const numbers = new Map<string, number>();
  let level = FIRST_LEVEL - 1;
  for (const heading of root.querySelectorAll('h1, h2, h3, h4, h5, h6')) {
    const wanted = Math.min(Number(heading.tagName.slice(1)) + FIRST_LEVEL - 1, LAST_LEVEL);
    level = Math.min(wanted, level + 1);
    const renamed = document.createElement(`h${level}`);
    renamed.className = `level-${heading.tagName.slice(1)}`;
    renamed.tabIndex = -1;
    moveChildren(heading, renamed);
    // Nobody can read a heading without words, and assistive technology stumbles over it.
    if (!renamed.textContent.trim() && !renamed.querySelector('img')) heading.remove();
    else heading.replaceWith(renamed);
    const slug = slugOf(renamed.textContent);
    let number = numbers.get(slug) ?? 0;
    let name = slug;
    for (; anchors.has(name); name = `${slug}-${number}`) number += 1;
    numbers.set(slug, number);
    anchors.set(name, renamed);
  }
  return anchors;
}

/** One by one: as arguments of one call, the children of a stranger's element may be too many. */
function moveChildren(from: Element, to: Element): void {
  while (from.firstChild) to.append(from.firstChild);
}

/** As GitHub and the Hub name headings. */
function slugOf(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
    .replaceAll(' ', '-');
}

function linkOf(
  link: HTMLAnchorElement,
  anchors: ReadonlyMap<string, HTMLElement>,
  { folder, openLink, openFile }: ReadmeReferences,
): Node {
  const href = link.getAttribute('href')?.trim() ?? '';
  const target = targetOf(href, folder);
  const heading = target.kind === 'anchor' ? anchors.get(target.name) : undefined;
  if (target.kind === 'none' || (target.kind === 'anchor' && !heading) || !hasContent(link)) {
    const text = document.createElement('span');
    moveChildren(link, text);
    return text;
  }
  const made = document.createElement('a');
  // The destination is shown; where a click leads is decided below and by the host.
  made.href = target.kind === 'web' ? target.url : '#';
  made.title = target.kind === 'web' ? target.url : target.kind === 'file' ? target.path : href;
  moveChildren(link, made);
  made.addEventListener('click', (event) => {
    event.preventDefault();
    // VS Code opens links of a webview itself.
    event.stopPropagation();
    if (target.kind === 'web') openLink(target.url);
    else if (target.kind === 'file') openFile(target.path);
    else if (heading) {
      heading.scrollIntoView();
      heading.focus();
    }
  });
  return made;
}

function hasContent(link: HTMLElement): boolean {
  return link.textContent.trim() !== '' || [...link.querySelectorAll('img')].some(({ alt }) => alt !== '');
}

function imageOf(image: HTMLImageElement, references: ReadmeReferences): Node {
  const { folder, remoteImageText, openLink, wantImage } = references;
  const source = image.getAttribute('src')?.trim() ?? '';
  const description = image.getAttribute('alt') ?? '';
  const shown = document.createElement('img');
  shown.alt = description;
  for (const name of ['title', 'width', 'height', 'align']) {
    const value = image.getAttribute(name);
    if (value !== null) shown.setAttribute(name, value);
  }
  if (IMAGE_DATA.test(source)) {
    shown.src = source;
    return shown;
  }
  const target = targetOf(source, folder);
  if (target.kind === 'file') {
    shown.setAttribute(IMAGE_PATH, target.path);
    wantImage(target.path);
    return shown;
  }
  if (target.kind !== 'web') return document.createTextNode(description);
  const label = remoteImageText(description, new URL(target.url).host);
  // In a link it is the link that leads somewhere.
  const stand = document.createElement(image.closest('a') ? 'span' : 'button');
  stand.className = 'remote-image';
  stand.textContent = label;
  if (stand instanceof HTMLButtonElement) {
    stand.type = 'button';
    stand.title = target.url;
    stand.addEventListener('click', () => openLink(target.url));
  }
  return stand;
}

type Target =
  | { readonly kind: 'web'; readonly url: string }
  /** A file of the version, relative to its root. */
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'anchor'; readonly name: string }
  | { readonly kind: 'none' };

/** Where a reference leads. */
function targetOf(reference: string, folder: string): Target {
  if (reference.startsWith('#')) {
    const name = decoded(reference.slice(1));
    return name ? { kind: 'anchor', name } : { kind: 'none' };
  }
  // URL parsers leave out what is invisible, and take a backslash for a slash.
  if (reference === '' || /[\p{C}\\]/u.test(reference)) return { kind: 'none' };
  if (/^https?:\/\//i.test(reference)) {
    return URL.canParse(reference) ? { kind: 'web', url: new URL(reference).href } : { kind: 'none' };
  }
  if (/^[^/?#]*:/.test(reference) || reference.startsWith('//')) return { kind: 'none' };
  const path = decoded(reference.replace(/[?#].*$/s, ''));
  if (!path) return { kind: 'none' };
  const parts: string[] = path.startsWith('/') || folder === '' ? [] : folder.split('/');
  for (const part of path.split('/')) {
    if (part === '..' && parts.pop() === undefined) return { kind: 'none' };
    if (part !== '' && part !== '.' && part !== '..') parts.push(part);
  }
  return parts.length === 0 ? { kind: 'none' } : { kind: 'file', path: parts.join('/') };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
