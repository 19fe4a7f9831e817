/** What the commands of registryActions.ts do: loaded with the first of them, since most windows have none. */
export { copyLines, copyOf } from './copying.ts';
export { createRegistry } from './createRegistry.ts';
export { findModel } from './findModel.ts';
export { filterByNamespace } from './namespaceFilter.ts';
export { openModel } from './openModel.ts';
export { pinRegistry, unpinRegistry } from './pins.ts';
export { deleteRegistry } from './registryDeletion.ts';
export { editDescription } from './registryDescription.ts';
export { chooseRevision } from './revisionChoice.ts';
export { deleteVersions } from './versionDeletion.ts';
