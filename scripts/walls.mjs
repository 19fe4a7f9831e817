/**
 * The walls between the rooms, as data: `checkModules.mjs` holds them, and says which import or call goes through one.
 *
 * @typedef {object} Wall what is in `target` must not import what is in `from`, types included
 * @property {string[]} target files, folders with all that is in them, or globs of either, from the project
 * @property {string[]} from
 * @property {string[]} [except] of `from`
 * @property {string} [message]
 *
 * @typedef {object} ForbiddenCall
 * @property {RegExp} name of the method
 * @property {string} [first] the call is forbidden where this string is its first argument
 * @property {string} message
 */

/**
 * The rooms of the editor, and the rooms that each may know. All may know what stands beside them, and the first three, which know no
 * other room; features know each other through `services.ts`, and through what is listed here.
 */
const editorRooms = {
  accounts: [],
  git: [],
  webviews: [],
  registries: [],
  localModels: [],
  versionFiles: [],
  publishes: [],
  downloads: ['versionFiles'],
  modelPage: ['versionFiles'],
  readTokens: ['registries'],
  policies: ['registries'],
  instructions: ['registries', 'localModels', 'readTokens'],
  setup: [],
  publishing: ['registries', 'localModels', 'publishes', 'versionFiles', 'setup'],
  pipelineBuilds: ['registries', 'publishing', 'publishes'],
  imports: ['registries', 'publishing', 'publishes'],
  tools: ['publishes', 'publishing'],
};
const BASE_ROOMS = ['accounts', 'git', 'webviews'];
const folderOf = (room) => `src/editor/${room}`;
const editorWalls = Object.entries(editorRooms).map(([room, known]) => ({
  target: [folderOf(room)],
  from: Object.keys(editorRooms)
    .filter((other) => other !== room && !known.includes(other))
    .filter((other) => BASE_ROOMS.includes(room) || !BASE_ROOMS.includes(other))
    .map(folderOf),
  message: `The room ${room} does not know that one: see editorRooms in scripts/walls.mjs.`,
}));

/** @type {Wall[]} */
export const walls = [
  ...editorWalls,
  {
    target: ['src/editor/!(testAccess).ts'],
    from: Object.keys(editorRooms).map((room) => `${folderOf(room)}/!(sessions.ts)`),
    message: 'What stands beside the rooms of the editor knows none of them but the sessions.',
  },
  { target: ['src/core'], from: ['src/editor'], message: 'The engine does not know the editor.' },
  {
    target: ['src/core'],
    from: ['src/cli', 'src/cli.ts'],
    message: 'The engine does not know the terminal.',
  },
  { target: ['src/core'], from: ['src/panels'], message: 'The engine does not know the panels.' },
  {
    target: ['src/panels'],
    from: ['src/editor'],
    except: ['src/editor/instructions/messages.ts', 'src/editor/modelPage/messages.ts'],
  },
  {
    target: ['src/cli', 'src/cli.ts'],
    from: ['src/editor', 'src/panels', 'src/extension.ts'],
    message: 'The terminal knows the engine, not the editor.',
  },
  { target: ['src/editor', 'src/panels', 'src/extension.ts'], from: ['src/cli', 'src/cli.ts'] },
  {
    target: ['src/core/http'],
    from: ['src/core'],
    except: [
      'src/core/http',
      'src/core/async',
      'src/core/failure.ts',
      'src/core/log.ts',
      'src/core/schemas.ts',
      'src/core/visibleText.ts',
      'src/core/accessToken.ts',
    ],
  },
  { target: ['src/core/hosts/buildkite'], from: ['src/core/hosts/hub'] },
  { target: ['src/core/hosts/hub'], from: ['src/core/hosts/buildkite'] },
  { target: ['src/core/hosts'], from: ['src/core/snapshot', 'src/core/publish', 'src/core/download'] },
  {
    target: ['src/core/hub'],
    from: ['src/core/hosts', 'src/core/snapshot', 'src/core/publish', 'src/core/download'],
  },
  {
    target: ['src/core/snapshot'],
    from: ['src/core/http', 'src/core/hub', 'src/core/hosts', 'src/core/publish', 'src/core/download'],
  },
  { target: ['src/core/snapshot/git'], from: ['src/core/snapshot/hfCache'] },
  { target: ['src/core/snapshot/hfCache'], from: ['src/core/snapshot/git'] },
  { target: ['src/core/snapshot/files'], from: ['src/core/snapshot/git', 'src/core/snapshot/hfCache'] },
  {
    target: ['src/core/publish'],
    from: ['src/core/hosts/buildkite', 'src/core/hosts/hub', 'src/core/instructions', 'src/core/download'],
  },
  {
    target: ['src/core/download'],
    from: ['src/core/hosts/buildkite', 'src/core/hosts/hub', 'src/core/instructions', 'src/core/publish'],
  },
  {
    target: ['src/core/imports'],
    from: ['src/core'],
    except: [
      'src/core/imports',
      'src/core/http',
      'src/core/hub',
      'src/core/snapshot',
      'src/core/weights',
      'src/core/localModels/fileNames.ts',
      'src/core/accessToken.ts',
      'src/core/failure.ts',
      'src/core/log.ts',
      'src/core/objectIds.ts',
    ],
    message: 'An import is a snapshot: who publishes it is none of its business.',
  },
  {
    target: ['src/core/!(imports)/**'],
    from: ['src/core/imports'],
    message: 'To the engine an import is a snapshot like any other.',
  },
  {
    target: ['src/core/setup'],
    from: ['src/core/http', 'src/core/hub', 'src/core/hosts', 'src/core/download', 'src/core/instructions'],
    message: 'To make a repository of a folder nobody on the network is asked.',
  },
  {
    target: ['src/core/!(setup)/**'],
    from: ['src/core/setup'],
    message: 'What is committed already does not know how it came to that.',
  },
  {
    target: ['src/core/instructions'],
    from: ['src/core'],
    except: [
      'src/core/instructions',
      'src/core/shells',
      'src/core/endpoint.ts',
      'src/core/pythonJson.ts',
      'src/core/visibleText.ts',
    ],
  },
  { target: ['src/core/shells'], from: ['src/core'], except: ['src/core/shells', 'src/core/visibleText.ts'] },
  { target: ['test/registry'], from: ['src'], message: 'The local registry is the other side of the wire.' },
  { target: ['src'], from: ['test'] },
];

/** In `src/editor`, but in the files that are made for them. @type {ForbiddenCall[]} */
export const editorCalls = [
  { name: /^registerCommand$/, message: 'Commands are registered through editor/commands.ts.' },
  {
    name: /^executeCommand$/,
    first: 'setContext',
    message: 'Context keys are set through editor/contextKeys.ts.',
  },
  {
    name: /^(withProgress|show(Information|Warning|Error)Message|(show|create)(QuickPick|InputBox))$/,
    message: 'What a person is told or asked goes through Prompts: windowPrompts.ts makes it harmless.',
  },
  {
    name: /^setStatusBarMessage$/,
    message: 'The status bar says something through editor/statusBar.ts.',
  },
  {
    name: /^(createTreeView|registerTreeDataProvider)$/,
    message: 'Tree views are made by editor/treeViews.ts, which shows what would not be seen.',
  },
];

/** The files that are made for such calls. */
export const editorCallers = [
  'commands',
  'contextKeys',
  'windowPrompts',
  'statusBar',
  'viewProgress',
  'treeViews',
].map((name) => `src/editor/${name}.ts`);
