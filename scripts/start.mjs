/** `npm start`: a real VS Code with the packaged extension, a local registry and a sample model. Asks nothing; Ctrl-C ends it. */
import { ensureDependencies } from './dependencies.mjs';

await ensureDependencies();
const { register } = await import('tsx/esm/api');
register();
await import('./playground.ts');
