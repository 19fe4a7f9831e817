import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { until } from '../../setup/until.ts';
import { createCli, type Cli } from './builtCli.ts';

describe('a keychain that does not answer, as one that waits on another screen to be unlocked', () => {
  let cli: Cli;
  /** A session bus on which nobody says anything. */
  let bus: Server;
  let callers = 0;

  before(async () => {
    cli = await createCli();
    bus = createServer((socket) => {
      callers += 1;
      socket.on('error', () => undefined);
    });
    bus.listen(join(cli.home, 'bus'));
    await once(bus, 'listening');
  });
  after(async () => {
    bus.close();
    await cli.remove();
  });

  const hub = 'http://127.0.0.1:1/acme/models/huggingface';
  for (const [command, ...args] of [
    ['show', 'acme/gpt2', '--json'],
    ['publish', '.', '--model', 'acme/gpt2'],
    ['tokens', 'list', '--api', 'http://127.0.0.1:1'],
    ['login'],
    ['logout'],
  ]) {
    it(`keeps no ${command} from ending when it is cancelled`, async () => {
      // Elsewhere a keychain has no bus.
      if (process.platform !== 'linux') return;
      callers = 0;
      const env = {
        DBUS_SESSION_BUS_ADDRESS: `unix:path=${join(cli.home, 'bus')}`,
        HF_TOKEN: 'hf_of_nobody',
      };
      const running = cli.start([command!, ...args, '--hub', hub], { env, cwd: cli.home });
      try {
        await until(() => callers > 0, 'the keychain was asked');
        running.kill('SIGINT');
        const { code } = await running.ended;
        // A signal ends what a thread would keep.
        assert.equal(code, undefined);
        assert.doesNotMatch(running.told(), /should not have happened/);
      } finally {
        running.kill('SIGKILL');
      }
    });
  }
});
