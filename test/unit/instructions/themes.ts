/** Colours of VS Code's default themes, as its webviews have them: https://code.visualstudio.com/api/references/theme-color */
export interface Theme {
  readonly name: 'dark' | 'light' | 'high-contrast' | 'high-contrast-light';
  /** By name of the variable, without `--vscode-`. */
  readonly colours: Readonly<Record<string, string>>;
}

export const THEMES: readonly Theme[] = [
  {
    name: 'dark',
    colours: colours({
      foreground: '#CCCCCC',
      muted: '#9D9D9D',
      background: '#1F1F1F',
      field: '#313131',
      placeholder: '#989898',
      code: '#2B2B2B',
      button: '#0078D4',
      onButton: '#FFFFFF',
      secondaryButton: '#313131',
      error: '#F85149',
      panel: '#181818',
    }),
  },
  {
    name: 'light',
    colours: colours({
      foreground: '#3B3B3B',
      muted: '#3B3B3B',
      background: '#FFFFFF',
      field: '#FFFFFF',
      placeholder: '#767676',
      code: '#F8F8F8',
      button: '#005FB8',
      onButton: '#FFFFFF',
      secondaryButton: '#E5E5E5',
      error: '#F85149',
      panel: '#F8F8F8',
    }),
  },
  {
    name: 'high-contrast',
    colours: colours({
      foreground: '#FFFFFF',
      muted: '#FFFFFFB3',
      background: '#000000',
      field: '#000000',
      placeholder: '#FFFFFFB3',
      code: '#000000',
      button: '#000000',
      onButton: '#FFFFFF',
      secondaryButton: '#000000',
      error: '#F48771',
      panel: '#000000',
    }),
  },
  {
    name: 'high-contrast-light',
    colours: colours({
      foreground: '#292929',
      muted: '#292929B3',
      background: '#FFFFFF',
      field: '#FFFFFF',
      placeholder: '#292929B3',
      code: '#F2F2F2',
      button: '#0F4A85',
      onButton: '#FFFFFF',
      secondaryButton: '#FFFFFF',
      error: '#B5200D',
      panel: '#FFFFFF',
    }),
  },
];

interface Palette {
  readonly foreground: string;
  readonly muted: string;
  readonly background: string;
  readonly field: string;
  readonly placeholder: string;
  readonly code: string;
  readonly button: string;
  readonly onButton: string;
  readonly secondaryButton: string;
  readonly error: string;
  readonly panel: string;
}

function colours(palette: Palette): Theme['colours'] {
  return {
    foreground: palette.foreground,
    descriptionForeground: palette.muted,
    errorForeground: palette.error,
    'editor-background': palette.background,
    'editor-foreground': palette.foreground,
    'textCodeBlock-background': palette.code,
    'button-background': palette.button,
    'button-foreground': palette.onButton,
    'button-hoverBackground': palette.button,
    'button-secondaryBackground': palette.secondaryButton,
    'button-secondaryForeground': palette.foreground,
    'settings-dropdownBackground': palette.field,
    'settings-dropdownForeground': palette.foreground,
    'settings-textInputBackground': palette.field,
    'settings-textInputForeground': palette.foreground,
    'settings-checkboxBackground': palette.field,
    'settings-checkboxForeground': palette.foreground,
    'input-placeholderForeground': palette.placeholder,
    'inputValidation-errorBackground': palette.field,
    'inputValidation-errorBorder': palette.error,
    'editorError-foreground': palette.error,
    'panelTitle-activeForeground': palette.foreground,
    'panelTitle-inactiveForeground': palette.muted,
    'panel-background': palette.panel,
    'panel--background': palette.panel,
  };
}

/** A style sheet that sets them as VS Code does, on the root. */
export function themeRule({ colours: byName }: Theme): string {
  const variables = Object.entries(byName).map(([name, colour]) => `--vscode-${name}: ${colour};`);
  return `:root { ${variables.join(' ')} } body { background: ${byName['editor-background'] ?? ''}; }`;
}
