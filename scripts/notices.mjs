/** THIRD-PARTY-NOTICES.txt: what the licences of bundled code and assets ask to go along with them. */

const RULE = '-'.repeat(80);

/**
 * @param {readonly import('./shipped.mjs').ShippedPackage[]} packages
 * @param {readonly string[]} comments Licence comments of the bundled files themselves: a package may hold code of yet
 * others.
 */
export function noticesText(packages, comments) {
  const header =
    'Model Registries contains code and assets of the packages below. ' +
    'Their licences ask that these notices go along with them.';
  const own = [...new Set(comments.map((comment) => comment.trim()).filter(Boolean))].sort();
  const inside = `Notices inside files of these packages\n\n${own.join('\n\n')}`;
  return (
    [header, ...packages.map(blockOf), ...(own.length > 0 ? [inside] : [])].join(`\n\n${RULE}\n\n`) + '\n'
  );
}

function blockOf({ name, version, licence, bundles, texts }) {
  const head = [
    `${name} ${version}`,
    `Licence: ${licence}`,
    `Source: https://www.npmjs.com/package/${name}/v/${version}`,
    `In: ${bundles.join(', ')}`,
  ].join('\n');
  return [head, ...texts.map((text) => text.replace(/\r\n?/g, '\n').trim())].join('\n\n');
}
