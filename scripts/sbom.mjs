/**
 * A CycloneDX bill of materials of what is shipped: npm's own, without what only builds and tests it, and the same
 * every time.
 */
import { execa } from 'execa';

/**
 * @param {readonly import('./shipped.mjs').ShippedPackage[]} packages
 * @param {string} project
 * @param {Date} date When this was made, as far as it matters.
 */
export async function shippedSbom(packages, project, date) {
  const { stdout } = await execa('npm', ['sbom', '--sbom-format=cyclonedx', '--package-lock-only'], {
    cwd: project,
  });
  const bom = JSON.parse(stdout);
  const { metadata, components, dependencies } = bom;
  const shipped = new Map(packages.map((each) => [`${each.name}@${each.version}`, each]));
  // npm lists a package twice that lies in two folders.
  const kept = new Map(
    components
      .filter((each) => shipped.has(idOf(each)))
      .map((each) => [idOf(each), componentOf(each, shipped)]),
  );
  const missing = [...shipped.keys()].filter((id) => !kept.has(id));
  if (missing.length > 0) throw new Error(`The bill of materials lacks ${missing.join(', ')}.`);
  const refs = new Set([...kept.values()].map((each) => each['bom-ref']));
  const root = rootOf(metadata.component);
  const graph = new Map(
    dependencies
      .filter(({ ref }) => refs.has(ref) || ref === root['bom-ref'])
      .map(({ ref, dependsOn }) => [ref, dependsOn.filter((each) => refs.has(each))]),
  );
  return {
    ...without('serialNumber', bom),
    metadata: {
      ...metadata,
      timestamp: date.toISOString(),
      lifecycles: [{ phase: 'build' }],
      component: root,
    },
    components: [...kept.values()],
    dependencies: [...graph].map(([ref, dependsOn]) => ({ ref, dependsOn })),
  };
}

/** npm names a project by its folder. */
function rootOf(component) {
  const [name] = /^(?:@[^/]+\/)?[^@]+/.exec(component['bom-ref']);
  return { ...without('description', component), type: 'application', name };
}

/** What is bundled is required, whatever npm installs it for. */
function componentOf(component, shipped) {
  const properties = component.properties.filter(({ name }) => name !== 'cdx:npm:package:development');
  const bundles = shipped
    .get(idOf(component))
    .bundles.map((value) => ({ name: 'model-registries:bundle', value }));
  return { ...component, scope: 'required', properties: [...properties, ...bundles] };
}

function without(key, object) {
  return Object.fromEntries(Object.entries(object).filter(([each]) => each !== key));
}

/** npm puts the scope of a package into its name. */
function idOf({ name, version }) {
  return `${name}@${version}`;
}
