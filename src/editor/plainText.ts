import { visibleLine, visibleText } from '../core/visibleText.ts';

/**
 * `text` so that a notification or its progress shows it letter for letter: VS Code makes links, `command:` links among
 * them, of `[label](target)` there (its `linkedText.ts`, which knows no escape), and names and messages come from
 * servers.
 */
export function withoutLinks(text: string): string {
  return visibleText(text).replaceAll('](', ']\u200B(');
}

/** The same for what stands below an input box, where VS Code draws icons, too (its `quickInputUtils.ts`). */
export function withoutLinksAndIcons(text: string): string {
  return escapedIcons(withoutLinks(text));
}

/** A link for the end of such a text. @param label Words of ours. */
export function linkTo(label: string, { href }: URL): string {
  return `[${label}](${href.replaceAll('(', '%28').replaceAll(')', '%29')})`;
}

/** `text` so that a row of a quick pick shows it letter for letter, where VS Code would draw an icon for `$(name)`. */
export function withoutIcons(text: string): string {
  return escapedIcons(visibleLine(text));
}

function escapedIcons(text: string): string {
  return text.replace(/\$\([A-Za-z0-9-]+(?:~[A-Za-z]+)?\)/g, '\\$&');
}

/** The same for the status bar and headings of a quick pick, which do not all know the escape. */
export function withBrokenIcons(text: string): string {
  return visibleLine(text).replaceAll('$(', '$\u200B(');
}
