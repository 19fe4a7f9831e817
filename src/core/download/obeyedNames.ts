import { foldedName } from '../snapshot/foldedName.ts';

/**
 * Whether a program obeys a file at `path` (relative, forward slashes) where it lies, without being told to: an editor
 * that opens the folder, a shell that enters it, an agent that works in it, or a tool in its ordinary use. Hidden files
 * and folders are, as a class: `.vscode`, `.devcontainer`, `.idea`, `.claude`, `.mcp.json`, `.envrc`, `.npmrc` and
 * those to come. Of others the known names.
 */
export function isObeyed(path: string): boolean {
  const components = path.split('/').map(seen);
  const name = components.pop() ?? '';
  return components.some(isHidden) || (isHidden(name) && !HARMLESS.has(name)) || OBEYED.test(name);
}

/** Hidden files that every repository of a Hub has, and that name no program: filters are in a configuration. */
const HARMLESS: ReadonlySet<string> = new Set(['.gitattributes', '.gitignore', '.gitkeep']);

function isHidden(name: string): boolean {
  return name.startsWith('.');
}

const NAMES: readonly string[] = [
  // Instructions for agents: https://agents.md, https://code.claude.com/docs/en/memory,
  // https://geminicli.com/docs/cli/gemini-md
  'agents(?:\\.override)?\\.md',
  'claude(?:\\.local)?\\.md',
  'gemini\\.md',
  // VS Code: https://code.visualstudio.com/docs/editing/workspaces/multi-root-workspaces
  '.*\\.code-workspace',
  // Build files that editors evaluate when a folder is opened, or that a bare `make` runs.
  '(?:gnu)?makefile',
  'cmakelists\\.txt',
  'build\\.rs',
  '(?:build|settings)\\.gradle(?:\\.kts)?',
  'justfile',
  // Python, when it starts and when tests are looked for: https://docs.python.org/3/library/site.html
  '(?:site|user)customize\\.py',
  'conftest\\.py',
  'pyvenv\\.cfg',
  // https://mise.jdx.dev/configuration.html
  'mise(?:\\..*)?\\.toml',
  // Windows: https://learn.microsoft.com/windows/win32/shell/how-to-customize-folders-with-desktop-ini and AutoRun
  'desktop\\.ini',
  'autorun\\.inf',
];
const OBEYED = new RegExp(`^(?:${NAMES.join('|')})$`);

/** As file systems take it. Windows leaves out dots and spaces at the end. */
function seen(component: string): string {
  const name = foldedName(component);
  return name.replace(/[. ]+$/, '') || name;
}
