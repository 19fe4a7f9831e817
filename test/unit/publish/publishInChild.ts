/** Publishes HEAD of a repository as `PUBLISH` in the environment says, one object after another: a process that a test may kill. */
import { AccessToken } from '../../../src/core/accessToken.ts';
import { createHttpClient } from '../../../src/core/http/nodeClient.ts';
import { createJournalStore } from '../../../src/core/publish/journals.ts';
import { createPublisher } from '../../../src/core/publish/publisher.ts';
import { openGitSnapshot } from '../../../src/core/snapshot/git/openGitSnapshot.ts';
import { silent } from '../snapshot/repositories.ts';

const { folder, endpoint, model, token, journals } = JSON.parse(process.env.PUBLISH ?? '') as Record<
  'folder' | 'endpoint' | 'model' | 'token' | 'journals',
  string
>;
const url = new URL(endpoint);
const { signal } = new AbortController();
const snapshot = await openGitSnapshot(folder, { signal, log: silent });
const publisher = createPublisher({
  http: createHttpClient({ userAgent: 'publish-tests', log: silent }),
  log: silent,
  journals: createJournalStore({ folder: journals, log: silent }),
});
const target = {
  model,
  hub: {
    endpoint: url,
    token: new AccessToken(token, [url]),
    createFirst: true,
    revision: 'main',
    modelIdSegments: 2 as const,
  },
};
const plan = await publisher.plan(snapshot, target, signal);
await publisher.publish(plan, { onEvent: () => undefined, signal, concurrency: 1 });
await snapshot.dispose();
