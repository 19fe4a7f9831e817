import type { Environment } from './programPath.ts';

/** What a program needs beside the names that every program gets. */
type Need =
  /** Requests of its own: the way out of this network, and whom to trust there. */
  | 'network'
  /** The person's session, which holds the keychain and shows its questions. */
  | 'session';

/**
 * Where programs find themselves, their libraries, the home, temporary files, the language and who runs them. None
 * holds a secret. Of the families `LD_`, `DYLD_` and `NIX_LD` there is what programs outside the system's folders do
 * not start without.
 */
const EVERYONE: readonly string[] = [
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'TMPDIR', 'TZ'],
  ...['LANG', 'LANGUAGE', 'LC_ALL', 'LC_CTYPE', 'LC_MESSAGES', 'LOCPATH', 'LOCALE_ARCHIVE'],
  ...[
    'XDG_CONFIG_HOME',
    'XDG_CONFIG_DIRS',
    'XDG_DATA_HOME',
    'XDG_DATA_DIRS',
    'XDG_CACHE_HOME',
    'XDG_STATE_HOME',
  ],
  ...['LD_LIBRARY_PATH', 'LD_PRELOAD', 'NIX_LD', 'NIX_LD_LIBRARY_PATH'],
  ...['DYLD_LIBRARY_PATH', 'DYLD_FALLBACK_LIBRARY_PATH', 'DEVELOPER_DIR', '__CF_USER_TEXT_ENCODING'],
  // The starters of version managers stand on PATH in a program's place.
  ...['ASDF_DIR', 'ASDF_DATA_DIR', 'MISE_DATA_DIR', 'MISE_CONFIG_DIR', 'PYENV_ROOT', 'PYENV_VERSION'],
];

const WINDOWS: readonly string[] = [
  ...['SYSTEMROOT', 'SYSTEMDRIVE', 'WINDIR', 'COMSPEC', 'PATHEXT', 'OS', 'TEMP', 'TMP'],
  ...['USERPROFILE', 'USERNAME', 'USERDOMAIN', 'COMPUTERNAME', 'HOMEDRIVE', 'HOMEPATH', 'HOMESHARE'],
  ...['APPDATA', 'LOCALAPPDATA', 'PROGRAMDATA', 'ALLUSERSPROFILE', 'PUBLIC'],
  ...['PROGRAMFILES', 'PROGRAMFILES(X86)', 'PROGRAMW6432'],
  ...['COMMONPROGRAMFILES', 'COMMONPROGRAMFILES(X86)', 'COMMONPROGRAMW6432'],
  ...['NUMBER_OF_PROCESSORS', 'PROCESSOR_ARCHITECTURE', 'PROCESSOR_ARCHITEW6432'],
  ...['MSYSTEM', 'MSYS', 'CYGWIN'],
];

const NEEDS: Readonly<Record<Need, readonly string[]>> = {
  network: [
    ...['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY'],
    ...['http_proxy', 'https_proxy', 'all_proxy', 'no_proxy'],
    ...['SSL_CERT_FILE', 'SSL_CERT_DIR', 'NIX_SSL_CERT_FILE'],
  ],
  session: [
    ...['DBUS_SESSION_BUS_ADDRESS', 'XDG_RUNTIME_DIR', 'XDG_SESSION_TYPE', 'XDG_CURRENT_DESKTOP'],
    ...['DISPLAY', 'WAYLAND_DISPLAY', 'XAUTHORITY'],
  ],
};

interface ProgramNeeds {
  readonly needs?: readonly Need[];
  /** Names of variables that this program understands, in capitals for Windows. None of a token. */
  readonly names?: readonly string[];
}

/**
 * The environment of a program that this one starts: of `environment` the variables that are known to be needed, and no
 * others, so that a token in a variable that nobody here has heard of goes nowhere. Windows does not tell capitals in
 * names.
 */
export function programEnvironment(
  environment: Environment,
  platform: NodeJS.Platform,
  { needs = [], names = [] }: ProgramNeeds = {},
): Record<string, string> {
  const isWindows = platform === 'win32';
  const system = isWindows ? WINDOWS : [];
  const allowed = new Set([...EVERYONE, ...system, ...needs.flatMap((need) => NEEDS[need]), ...names]);
  const given: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (value !== undefined && allowed.has(isWindows ? name.toUpperCase() : name)) given[name] = value;
  }
  return given;
}
