/** Imports a model as `IMPORT` in the environment says, one object after another: a process that a test may kill. */
import { AccessToken } from '../../../src/core/accessToken.ts';
import { createHttpClient } from '../../../src/core/http/nodeClient.ts';
import { openHubSnapshot } from '../../../src/core/imports/openHubSnapshot.ts';
import { createJournalStore } from '../../../src/core/publish/journals.ts';
import { createPublisher } from '../../../src/core/publish/publisher.ts';
import { silent } from '../snapshot/repositories.ts';

const { from, to, model, token, journals } = JSON.parse(process.env.IMPORT ?? '') as Record<
  'from' | 'to' | 'model' | 'token' | 'journals',
  string
>;
const [source, endpoint] = [new URL(from), new URL(to)];
const { signal } = new AbortController();
const http = createHttpClient({ userAgent: 'import-tests', log: silent });
const asked = { endpoint: source, token: new AccessToken('', []), model, revision: 'main' };
const snapshot = await openHubSnapshot(asked, { kind: 'all' }, { http, log: silent, signal });
const publisher = createPublisher({
  http,
  log: silent,
  journals: createJournalStore({ folder: journals, log: silent }),
});
const hub = {
  endpoint,
  token: new AccessToken(token, [endpoint]),
  createFirst: true,
  revision: 'main',
  modelIdSegments: 2 as const,
};
const plan = await publisher.plan(snapshot, { model, hub }, signal);
await publisher.publish(plan, { onEvent: () => undefined, signal, concurrency: 1 });
await snapshot.dispose();
