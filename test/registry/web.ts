import type { Exchange, Handler } from './routing.ts';
import type { State } from './state.ts';

const onePixel = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

/** Plain pages at the addresses that `web_url` values hold, under `/web`. */
export const handleWeb: Handler = async (exchange) => {
  const [root, ...path] = exchange.segments;
  if (root !== 'web') return false;
  if (path[0] === 'emojis' && path[1]?.endsWith('.png') === true) {
    await exchange.answer(200, { 'content-type': 'image/png' }, onePixel);
    return true;
  }
  const title = exchange.method === 'GET' || exchange.method === 'HEAD' ? titleOf(exchange, path) : undefined;
  const text = escaped(title ?? 'Page not found');
  await exchange.answer(
    title === undefined ? 404 : 200,
    { 'content-type': 'text/html; charset=utf-8' },
    `<!doctype html><html lang="en"><meta charset="utf-8"><title>${text}</title><h1>${text}</h1></html>\n`,
  );
  return true;
};

function titleOf({ state }: Exchange, path: readonly string[]): string | undefined {
  if (path.join('/') === 'user/api-access-tokens/new') return 'New API Access Token';
  if (path.length === 1) return state.organization(path[0]!)?.name;
  if (path[0] !== 'organizations' && path.length <= 4) return pipelinePage(state, path);
  const [organizations, organization, packages, registries, slug, packagesAgain, id, ...rest] = path;
  if (organizations !== 'organizations' || packages !== 'packages' || rest.length > 0) return undefined;
  if (registries === undefined) return state.organization(organization ?? '')?.name;
  const registry = registries === 'registries' ? state.registry(organization ?? '', slug ?? '') : undefined;
  if (!registry || packagesAgain === undefined) return registry?.name;
  const found = packagesAgain === 'packages' ? state.package(registry.id, id ?? '') : undefined;
  return found && `${found.name} ${found.version}`;
}

/** `{organization}/{pipeline}`, or a build of it. */
function pipelinePage(
  state: State,
  [organization, slug, builds, number]: readonly string[],
): string | undefined {
  const pipeline = state.pipeline(organization ?? '', slug ?? '');
  if (!pipeline || builds === undefined) return pipeline?.name;
  const build = builds === 'builds' ? state.build(pipeline.id, Number(number)) : undefined;
  return build && `${pipeline.name} #${build.number}: ${build.state}`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${String(character.charCodeAt(0))};`);
}
