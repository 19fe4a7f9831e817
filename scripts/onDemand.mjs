import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';

/** What the sources import on demand, such as `import('../a.ts')`. */
const ON_DEMAND = /\bimport\('(\.{1,2}\/[^']+\.ts)'\)/g;
const NAME = 'on-demand';

/**
 * Puts what is imported on demand in `folders` into few parts of the bundle. Left to itself esbuild makes a file of every set of modules that
 * is needed together, dozens, and each costs every window, or call, more than what is in it.
 *
 * @param {string} project absolute path
 * @param {readonly string[]} folders in it
 * @param {(path: string) => string} partOf the part that a module is in, which is imported on demand: its path in the project, with `/`
 * @returns {import('esbuild').Plugin}
 */
export const onDemand = (project, folders, partOf) => ({
  name: NAME,
  async setup(build) {
    const files = await Promise.all(
      folders.map(async (folder) =>
        (await readdir(join(project, folder), { recursive: true })).map((file) =>
          join(project, folder, file),
        ),
      ),
    );
    const sources = files.flat().filter((file) => file.endsWith('.ts'));
    const targets = new Set();
    const importing = new Set();
    for (const source of sources) {
      for (const [, path] of (await readFile(source, 'utf8')).matchAll(ON_DEMAND)) {
        importing.add(source);
        targets.add(resolve(dirname(source), path));
      }
    }
    const modules = new Map(
      [...targets].sort().map((target, index) => {
        const part = partOf(relative(project, target).replaceAll('\\', '/'));
        return [target, { part, name: `module${index}` }];
      }),
    );

    build.onResolve({ filter: /^on-demand:/ }, ({ path }) => ({
      path: path.slice(`${NAME}:`.length),
      namespace: NAME,
    }));
    build.onLoad({ filter: /.*/, namespace: NAME }, ({ path }) => ({
      contents: [...modules]
        .filter(([, { part }]) => part === path)
        .map(([target, { name }]) => `export * as ${name} from ${JSON.stringify(target)};`)
        .join('\n'),
      resolveDir: project,
    }));
    build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      if (!importing.has(path)) return undefined;
      const text = await readFile(path, 'utf8');
      const contents = text.replace(ON_DEMAND, (_all, target) => {
        const { part, name } = modules.get(resolve(dirname(path), target));
        return `import('${NAME}:${part}').then((modules) => modules.${name})`;
      });
      return { contents, loader: 'ts' };
    });
  },
});
