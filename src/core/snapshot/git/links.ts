import type { ContentEntry, LinkEntry, SubmoduleEntry, TreeEntry } from './tree.ts';

/** Why a symbolic link cannot be published. */
export type LinkProblem = 'leavesRepository' | 'missing' | 'loop' | 'submodule' | 'tooMany';

/** A file of a folder, with the path it is published under and the entry that holds its content. */
interface PlacedFile {
  /** From the published folder. */
  readonly path: string;
  readonly entry: ContentEntry;
}

export interface Placement {
  readonly files: readonly PlacedFile[];
  /** Submodules in the folder, as paths from it. */
  readonly submodules: readonly string[];
  readonly brokenLinks: readonly {
    readonly path: string;
    readonly target: string;
    readonly problem: LinkProblem;
  }[];
}

/** What a path can lead to once links are followed. */
type Place = ContentEntry | SubmoduleEntry | Folder;
type Node = Place | LinkEntry;

interface Folder {
  readonly kind: 'folder';
  readonly path: string;
  readonly parent: Folder | undefined;
  readonly children: Map<string, Node>;
}

/** Links behind links that are followed before it counts as a loop, as on Linux (path_resolution(7)). */
const MOST_HOPS = 40;

/** Entries that links may add: links to folders full of links multiply. */
const MOST_LINKED_ENTRIES = 100_000;

/** Characters of links' texts that are followed, all together: a link through links costs many times its own. */
const MOST_FOLLOWED = 32 * 1024 * 1024;

/** Two entries where Git never puts two: the same path twice, or a file where another entry has a folder. */
export class MalformedTree extends Error {
  readonly path: string;

  constructor(path: string) {
    super(`malformed tree at ${path}`);
    this.path = path;
  }
}

/**
 * What stands in `folder` when every symbolic link is replaced by what it leads to within the same tree.
 *
 * @param entries the whole tree, or, where no entry is a link, at least the folder.
 * @param folder from the top, empty for the top itself.
 * @param targetOf the text of a link.
 * @throws MalformedTree
 */
export function placeFiles(
  entries: readonly TreeEntry[],
  folder: string,
  targetOf: (link: LinkEntry) => string,
): Placement {
  const top: Folder = { kind: 'folder', path: '', parent: undefined, children: new Map() };
  buildTree(top, entries);
  const placing = new Placing(targetOf);
  const start = folder === '' ? top : lookUp(top, folder);
  if (start?.kind === 'folder') placing.walk(start, '', [start], false);
  return placing;
}

class Placing implements Placement {
  readonly files: PlacedFile[] = [];
  readonly submodules: string[] = [];
  readonly brokenLinks: { path: string; target: string; problem: LinkProblem }[] = [];
  readonly #targetOf: (link: LinkEntry) => string;
  #linkedEntries = 0;
  #followed = 0;

  constructor(targetOf: (link: LinkEntry) => string) {
    this.#targetOf = targetOf;
  }

  /** `open` are the folders being walked, outermost first, by their own paths: to meet one again is a loop. */
  walk(node: Folder, prefix: string, open: readonly Folder[], linked: boolean): void {
    for (const [name, child] of node.children) {
      if (this.#isTooMany()) return;
      this.#linkedEntries += linked ? 1 : 0;
      this.#place(child, prefix === '' ? name : `${prefix}/${name}`, node, open, linked);
    }
  }

  #isTooMany(): boolean {
    return this.#linkedEntries > MOST_LINKED_ENTRIES;
  }

  #place(node: Node, path: string, parent: Folder, open: readonly Folder[], linked: boolean): void {
    switch (node.kind) {
      case 'folder':
        this.walk(node, path, [...open, node], linked);
        return;
      case 'submodule':
        this.submodules.push(path);
        return;
      case 'file':
        this.files.push({ path, entry: node });
        return;
      case 'link': {
        const target = this.#targetOf(node);
        const found = this.#follow(parent, target, { hops: MOST_HOPS });
        const problem = typeof found === 'string' ? found : problemOf(found, open);
        if (problem !== undefined) this.brokenLinks.push({ path, target, problem });
        else if (typeof found !== 'string') {
          this.#place(found, path, parent, open, true);
          if (!linked && this.#isTooMany()) this.brokenLinks.push({ path, target, problem: 'tooMany' });
        }
      }
    }
  }

  /** Where `target`, read in `from`, leads, through links and never to one. `left` is shared by all of them. */
  #follow(from: Folder, target: string, left: { hops: number }): Place | LinkProblem {
    if (target.startsWith('/') || /^[A-Za-z]:[/\\]/.test(target)) return 'leavesRepository';
    if (target === '') return 'missing';
    this.#followed += target.length;
    if (this.#followed > MOST_FOLLOWED) return 'tooMany';
    let node: Place = from;
    for (const component of target.split('/')) {
      if (node.kind === 'submodule') return 'submodule';
      if (node.kind !== 'folder') return 'missing';
      if (component === '' || component === '.') continue;
      if (component === '..') {
        if (node.parent === undefined) return 'leavesRepository';
        node = node.parent;
        continue;
      }
      const next = node.children.get(component);
      if (next === undefined) return 'missing';
      if (next.kind !== 'link') {
        node = next;
        continue;
      }
      left.hops -= 1;
      const found = left.hops < 0 ? 'loop' : this.#follow(node, this.#targetOf(next), left);
      if (typeof found === 'string') return found;
      node = found;
    }
    return node;
  }
}

/** Why what a link leads to cannot stand in its place. */
function problemOf(found: Place, open: readonly Folder[]): LinkProblem | undefined {
  if (found.kind === 'submodule') return 'submodule';
  return found.kind === 'folder' && open.some((folder) => isWithin(folder, found)) ? 'loop' : undefined;
}

function isWithin(folder: Folder, ancestor: Folder): boolean {
  return ancestor.path === '' || folder.path === ancestor.path || folder.path.startsWith(`${ancestor.path}/`);
}

function buildTree(top: Folder, entries: readonly TreeEntry[]): void {
  const folders = new Map<string, Folder>([['', top]]);
  for (const entry of entries) {
    const slash = entry.path.lastIndexOf('/');
    const parent = makeFolder(folders, slash < 0 ? '' : entry.path.slice(0, slash));
    const name = entry.path.slice(slash + 1);
    if (parent.children.has(name)) {
      throw new MalformedTree(entry.path);
    }
    parent.children.set(name, entry);
  }
}

function makeFolder(folders: Map<string, Folder>, path: string): Folder {
  const known = folders.get(path);
  if (known !== undefined) {
    return known;
  }
  const slash = path.lastIndexOf('/');
  const parent = makeFolder(folders, slash < 0 ? '' : path.slice(0, slash));
  const name = path.slice(slash + 1);
  if (parent.children.has(name)) {
    throw new MalformedTree(path);
  }
  const folder: Folder = { kind: 'folder', path, parent, children: new Map() };
  parent.children.set(name, folder);
  folders.set(path, folder);
  return folder;
}

function lookUp(top: Folder, path: string): Node | undefined {
  let node: Node | undefined = top;
  for (const component of path.split('/')) {
    node = node?.kind === 'folder' ? node.children.get(component) : undefined;
  }
  return node;
}
