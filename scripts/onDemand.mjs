import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

/** What the sources import on demand, such as `import('../a.ts')`. */
const ON_DEMAND = /\bimport\('(\.{1,2}\/[^']+\.ts)'\)/g;
const NAME = 'on-demand';

/**
 * Puts all that is imported on demand in `folders` into one part of the bundle. Left to itself esbuild makes a file of every set of modules that
 * is needed together, dozens, and each costs every window more than what is in it.
 *
 * @param {string} project absolute path
 * @param {readonly string[]} folders in it
 * @returns {import('esbuild').Plugin}
 */
export const onDemand = (project, folders) => ({
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
    const names = new Map([...targets].sort().map((target, index) => [target, `part${index}`]));

    build.onResolve({ filter: /^on-demand$/ }, () => ({ path: NAME, namespace: NAME }));
    build.onLoad({ filter: /.*/, namespace: NAME }, () => ({
      contents: [...names]
        .map(([target, name]) => `export * as ${name} from ${JSON.stringify(target)};`)
        .join('\n'),
      resolveDir: project,
    }));
    build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      if (!importing.has(path)) return undefined;
      const text = await readFile(path, 'utf8');
      const contents = text.replace(
        ON_DEMAND,
        (_all, target) =>
          `import('${NAME}').then((parts) => parts.${names.get(resolve(dirname(path), target))})`,
      );
      return { contents, loader: 'ts' };
    });
  },
});
