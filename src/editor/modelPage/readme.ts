import { stringify } from 'yaml';
import { visibleText } from '../../core/visibleText.ts';
import { readFrontMatter } from '../../core/snapshot/frontMatter.ts';
import { splitModelCard } from '../../core/snapshot/modelCard.ts';
import type { RemoteFile } from '../../core/hub/remoteFile.ts';
import { isReadme } from '../versionFiles/fileKinds.ts';
import type { Listing } from '../versionFiles/fileContents.ts';

/** What is shown of a README, in characters: beyond it, rendering takes longer than a person waits. */
export const LONGEST_README = 500_000;
const MOST_ENTRIES = 40;
const LONGEST_VALUE = 500;

export interface Readme {
  /** Markdown, without the front matter. */
  readonly text: string;
  readonly metadata: readonly { readonly label: string; readonly value: string }[];
  readonly cut: boolean;
}

/** The model card of a version: the README at its root, else undefined. */
export function readmeOf(files: Listing): RemoteFile | undefined {
  return (
    files.get('README.md') ?? [...files.values()].find(({ path }) => !path.includes('/') && isReadme(path))
  );
}

/** Takes a stranger's model card apart: https://huggingface.co/docs/hub/model-cards#model-card-metadata */
export function parseReadme(source: string): Readme {
  const metadata = [...readFrontMatter(source)]
    .slice(0, MOST_ENTRIES)
    .map(([label, value]) => ({ label: readable(label), value: readable(valueText(value)) }));
  // Front matter that cannot be read is better seen than lost.
  const text = metadata.length > 0 ? splitModelCard(source).text : source.replace(/^\uFEFF/, '');
  return { text: text.slice(0, LONGEST_README), metadata, cut: text.length > LONGEST_README };
}

function valueText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value.join(', ');
  return stringify(value).trim();
}

function readable(text: string): string {
  const shown = visibleText(text.slice(0, LONGEST_VALUE));
  return text.length > LONGEST_VALUE ? `${shown}…` : shown;
}
