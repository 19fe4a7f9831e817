/**
 * `text` so that a notification or an input box shows it letter for letter: VS Code makes links, `command:` links among them, of
 * `[label](target)` there, and names and messages come from servers.
 */
export function withoutLinks(text: string): string {
  return text.replaceAll('](', ']\u200B(');
}

/** `text` so that a quick pick shows it letter for letter, where VS Code would draw an icon for `$(name)`. */
export function withoutIcons(text: string): string {
  return text.replace(/\$\([A-Za-z0-9-]+(?:~[A-Za-z]+)?\)/g, '\\$&');
}
