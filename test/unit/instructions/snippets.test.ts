import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ACTION_IDS, CLIENT_IDS } from '../../../src/core/instructions/clients.ts';
import { SHELL_IDS, knownShell, shellOf } from '../../../src/core/shells/shells.ts';
import { publishSteps } from '../../../src/core/instructions/fromHub.ts';
import {
  type InstructionTarget,
  TOKEN_PLACEHOLDER,
  commonNotes,
  snippet,
  snippets,
} from '../../../src/core/instructions/snippets.ts';

const COMMIT = '0123456789abcdef0123456789abcdef01234567';
const ENDPOINT = 'https://packages.buildkite.com/acme/models/huggingface';
const TARGET: InstructionTarget = { endpoint: ENDPOINT, model: 'acme/phi-3', revision: COMMIT };

describe('Instruction snippets', () => {
  it('publish with hf by a command that stands as it is', () => {
    assert.equal(
      snippet('publish', TARGET, { client: 'hf', shell: 'posix', variables: 'inCommand' }).text,
      [
        "HF_TOKEN='<your-token>' \\",
        `HF_ENDPOINT=${ENDPOINT} \\`,
        'HF_HUB_DISABLE_XET=1 \\',
        'hf upload acme/phi-3 .',
      ].join('\n'),
    );
  });

  it('install one version into a folder named like the model', () => {
    assert.equal(
      snippet('install', TARGET, { client: 'huggingface-cli', shell: 'fish', variables: 'inCommand' }).text,
      [
        "HF_TOKEN='<your-token>' \\",
        `HF_ENDPOINT=${ENDPOINT} \\`,
        `huggingface-cli download acme/phi-3 --revision ${COMMIT} --local-dir ./phi-3`,
      ].join('\n'),
    );
  });

  it('keep variables out of the rest of a PowerShell session, and give back those that were there', () => {
    assert.equal(
      snippet('install', TARGET, { client: 'hf', shell: 'powershell', variables: 'inCommand' }).text,
      [
        '& {',
        '  $HF_TOKEN = $env:HF_TOKEN; $HF_ENDPOINT = $env:HF_ENDPOINT',
        '  try {',
        "    $env:HF_TOKEN = '<your-token>'",
        `    $env:HF_ENDPOINT = '${ENDPOINT}'`,
        `    hf download acme/phi-3 --revision '${COMMIT}' --local-dir './phi-3'`,
        '  } finally {',
        '    $env:HF_TOKEN = $HF_TOKEN; $env:HF_ENDPOINT = $HF_ENDPOINT',
        '  }',
        '}',
      ].join('\n'),
    );
  });

  it('choose how PowerShell passes arguments only where it matters', () => {
    const { text } = snippet(
      'publish',
      { ...TARGET, message: 'R&D' },
      { client: 'hf', shell: 'powershell', variables: 'inCommand' },
    );
    assert.match(text ?? '', /\$PSNativeCommandArgumentPassing = 'Legacy'/);
    assert.match(text ?? '', /'"--commit-message=R&D"'/);
  });

  it('set variables in a cmd of their own, so that those of the session stay as they are', () => {
    assert.equal(
      snippet('publish', TARGET, { client: 'hf', shell: 'cmd', variables: 'inCommand' }).text,
      [
        '"%ComSpec%" /d',
        'set "HF_TOKEN=<your-token>"',
        `set "HF_ENDPOINT=${ENDPOINT}"`,
        'set "HF_HUB_DISABLE_XET=1"',
        'hf upload acme/phi-3 .',
        'exit',
      ].join('\n'),
    );
    assert.equal(
      snippet('publish', TARGET, { client: 'hf', shell: 'cmd', variables: 'inTerminal' }).text,
      'hf upload acme/phi-3 .',
    );
  });

  it('explain why Xet is off, and only where it is', () => {
    const texts = (target: InstructionTarget, client: (typeof CLIENT_IDS)[number]) =>
      snippets(target, { client, shell: 'posix', variables: 'inCommand' }).map(({ text, explanation }) =>
        [text, ...explanation].join('\n'),
      );
    const [publish, install] = texts(TARGET, 'hf');
    assert.match(publish ?? '', /HF_HUB_DISABLE_XET=1 is needed.*1\.20/);
    assert.doesNotMatch(install ?? '', /XET/);
    for (const text of texts(TARGET, 'huggingface-cli')) assert.doesNotMatch(text, /XET/);
    for (const text of texts({ ...TARGET, traits: { xet: true } }, 'hf')) assert.doesNotMatch(text, /XET/);
    assert.match(
      commonNotes('publish', { client: 'huggingface-cli', shell: 'posix', variables: 'inCommand' }).join(
        '\n',
      ),
      /0\.36.*pip install --upgrade "huggingface_hub<1"/,
    );
  });

  it('have clients wait for a server that tells hashes late', () => {
    const choice = { client: 'hf', shell: 'posix', variables: 'inCommand' } as const;
    for (const { text } of snippets({ ...TARGET, traits: { lateEtag: true } }, choice)) {
      assert.match(text ?? '', /^HF_HUB_ETAG_TIMEOUT=86400 \\\nHF_HUB_DOWNLOAD_TIMEOUT=86400 \\$/m);
    }
    for (const { text } of snippets(TARGET, choice)) assert.doesNotMatch(text ?? '', /TIMEOUT/);
  });

  it('say of every client how it is had', () => {
    for (const client of CLIENT_IDS.filter((id) => id !== 'curl')) {
      for (const action of ACTION_IDS) {
        const notes = commonNotes(action, { client, shell: 'posix', variables: 'inCommand' });
        assert.match(
          notes.join('\n'),
          client === 'model-registries' ? /npm install --global/ : /pip install/,
        );
      }
    }
  });

  it('name placeholders where a registry is all that is known', () => {
    for (const { text, explanation } of snippets(
      { endpoint: ENDPOINT, model: undefined },
      { client: 'hf', shell: 'posix', variables: 'inCommand' },
    )) {
      assert.match(text ?? '', /'<namespace>\/<model>'/);
      assert.doesNotMatch(text ?? '', /--revision/);
      assert.ok(explanation.some((sentence) => sentence.includes('<namespace>/<model>')));
    }
  });

  it('hold a placeholder and no token, and leave both out where the terminal has the token', () => {
    for (const client of CLIENT_IDS) {
      for (const shell of SHELL_IDS) {
        for (const { text, explanation } of snippets(TARGET, { client, shell, variables: 'inCommand' })) {
          if (text === undefined || client === 'python') continue;
          assert.ok(text.includes(TOKEN_PLACEHOLDER), text);
          assert.ok(explanation.some((sentence) => sentence.includes(TOKEN_PLACEHOLDER)));
        }
        for (const { text } of snippets(TARGET, { client, shell, variables: 'inTerminal' })) {
          assert.doesNotMatch(text ?? '', /your-token|HF_HUB_DISABLE_XET=/);
        }
      }
    }
  });

  it('publish and install with every client, but for curl, which looks', () => {
    for (const client of CLIENT_IDS) {
      const [publish, install] = snippets(TARGET, { client, shell: 'posix', variables: 'inTerminal' });
      if (client === 'curl') {
        assert.match(publish?.text ?? '', /curl .*\/revision\/main/);
        assert.match(install?.text ?? '', new RegExp(`curl .*/revision/${COMMIT}`));
        continue;
      }
      assert.match(publish?.text ?? '', /publish|upload/, client);
      assert.match(install?.text ?? '', /download/, client);
    }
  });

  it('install with model-registries into a folder, and tell what it does with what is there', () => {
    const choice = { client: 'model-registries', shell: 'posix', variables: 'inCommand' } as const;
    const { text, explanation } = snippet('install', TARGET, choice);
    assert.equal(
      text,
      [
        "HF_TOKEN='<your-token>' \\",
        `model-registries download 'acme/phi-3@${COMMIT}' --hub ${ENDPOINT} --to ./phi-3`,
      ].join('\n'),
    );
    assert.match(explanation.join('\n'), /--replace[^]*--to[^]*may read packages/);
    const newest = snippet('install', { ...TARGET, revision: undefined, installFolder: '-x' }, choice);
    assert.match(newest.text ?? '', /download acme\/phi-3 --hub \S+ --to \.\/-x$/);
    assert.match(commonNotes('install', choice).join('\n'), /model-registries login/);
  });

  it('are not written for a model whose name a program would take for an option', () => {
    const { text, explanation } = snippet(
      'publish',
      { ...TARGET, model: '--token=x/y' },
      { client: 'hf', shell: 'posix', variables: 'inCommand' },
    );
    assert.equal(text, undefined);
    assert.match(explanation[0] ?? '', /hyphen/);
  });

  describe('of a model that is on the Hub', () => {
    const source = { endpoint: 'https://huggingface.co', model: 'microsoft/phi-3-mini' };
    const texts = (
      target: InstructionTarget,
      client: (typeof CLIENT_IDS)[number],
      shell: (typeof SHELL_IDS)[number] = 'posix',
      variables: 'inCommand' | 'inTerminal' = 'inTerminal',
    ) => publishSteps(target, { client, shell, variables }).map(({ text }) => text);

    it('cache it first, and publish it from there', () => {
      const target = { endpoint: ENDPOINT, model: undefined, source };
      assert.deepEqual(texts(target, 'hf', 'posix', 'inCommand'), [
        [
          "HF_TOKEN='' \\",
          'HF_ENDPOINT=https://huggingface.co \\',
          'hf download microsoft/phi-3-mini --local-dir ./phi-3-mini',
        ].join('\n'),
        [
          "HF_TOKEN='<your-token>' \\",
          `HF_ENDPOINT=${ENDPOINT} \\`,
          'HF_HUB_DISABLE_XET=1 \\',
          'hf upload microsoft/phi-3-mini ./phi-3-mini',
        ].join('\n'),
      ]);
      const other = { ...TARGET, localFolder: '/models/phi', source: { ...source, revision: 'v2' } };
      const [download, publish] = texts(other, 'hf');
      assert.match(
        download ?? '',
        /hf download microsoft\/phi-3-mini --revision v2 --local-dir \/models\/phi$/,
      );
      assert.match(publish ?? '', /^hf upload acme\/phi-3 \/models\/phi$/);
    });

    it('stream it in one command of model-registries, which keeps nothing and asks with a token of its own', () => {
      const target = { endpoint: ENDPOINT, model: undefined, source };
      assert.deepEqual(texts(target, 'model-registries', 'posix', 'inCommand'), [
        ["HF_TOKEN='<your-token>' \\", `model-registries import microsoft/phi-3-mini --hub ${ENDPOINT}`].join(
          '\n',
        ),
      ]);
      const other = {
        ...TARGET,
        localFolder: '/models/phi',
        branch: 'trial',
        message: 'One',
        source: { endpoint: 'https://hub.example', model: 'gpt2', revision: 'v2' },
      };
      assert.deepEqual(texts(other, 'model-registries'), [
        `model-registries import 'gpt2@v2' --from https://hub.example --hub ${ENDPOINT} --model acme/phi-3 --revision trial '--message=One'`,
      ]);
      const choice = { client: 'model-registries', shell: 'posix', variables: 'inCommand' } as const;
      const [step] = publishSteps(other, choice);
      assert.match(
        step?.explanation.join('\n') ?? '',
        /folder \/models\/phi is not used[^]*MODEL_REGISTRIES_SOURCE_TOKEN[^]*login --hub https:\/\/hub\.example[^]*read and write/,
      );
    });

    it('leave a gap for the namespace that an old model of the Hub does not have', () => {
      const target = { endpoint: ENDPOINT, model: undefined, source: { ...source, model: 'gpt2' } };
      for (const client of CLIENT_IDS) {
        const steps = publishSteps(target, { client, shell: 'posix', variables: 'inCommand' });
        assert.match(steps.at(-1)?.text ?? '', /<namespace>\/<model>/, client);
      }
    });

    it('show the Hub no token of a terminal that is for the registry', () => {
      const target = { ...TARGET, source };
      for (const shell of SHELL_IDS) {
        const [download = ''] = texts(target, 'huggingface-cli', shell);
        assert.match(download, /HF_TOKEN(?: = |=)(?:''|")/, shell);
        assert.match(download, /HF_ENDPOINT.*https:\/\/huggingface\.co/, shell);
      }
      const [program = ''] = texts(target, 'python');
      assert.match(program, /endpoint="https:\/\/huggingface\.co",\n {4}token=getpass\(.*\) or False/);
    });

    it('are one program in Python, and one check with curl', () => {
      const target = { ...TARGET, source };
      const [program, ...others] = texts(target, 'python');
      assert.match(program ?? '', /snapshot_download\([^]*upload_folder\([^]*folder_path=folder/);
      assert.deepEqual(others, []);
      assert.equal(texts(target, 'curl').length, 1);
    });

    it('are not written for a model whose name a program would take for an option', () => {
      for (const client of ['hf', 'model-registries'] as const) {
        const [first] = texts({ ...TARGET, source: { ...source, model: '--token=x/y' } }, client);
        assert.equal(first, undefined);
      }
    });
  });

  describe('run by a shell', () => {
    const hostile = `my "model"'s $HOME; \`id\` & 100% \\ é 🤗 second!`;
    let folder = '';

    before(() => {
      folder = mkdtempSync(path.join(tmpdir(), 'snippets-'));
      const print =
        'process.stdout.write(JSON.stringify([process.env.HF_TOKEN, process.env.HF_ENDPOINT, process.env.HF_HUB_DISABLE_XET, ...process.argv.slice(2)]))';
      writeFileSync(path.join(folder, 'hf'), `#!${process.execPath}\n${print}\n`);
      chmodSync(path.join(folder, 'hf'), 0o755);
    });
    after(() => rmSync(folder, { recursive: true }));

    for (const [program, shell] of [
      ['sh', 'posix'],
      ['bash', 'posix'],
      ['zsh', 'posix'],
      ['fish', 'fish'],
    ] as const) {
      if (spawnSync(program, ['-c', 'exit 0']).status !== 0) continue;
      it(`${program} gives the client exactly the values, and the session back its own`, () => {
        const target = {
          endpoint: `${ENDPOINT}?x='$y'`,
          model: hostile,
          localFolder: hostile,
          message: hostile,
        };
        const { text = '' } = snippet('publish', target, { client: 'hf', shell, variables: 'inCommand' });
        const output = execFileSync(program, ['-c', `${text}\necho; echo "$HF_TOKEN"`], {
          encoding: 'utf8',
          env: {
            PATH: `${folder}${path.delimiter}${process.env.PATH}`,
            LC_ALL: 'C.UTF-8',
            HOME: folder,
            HF_TOKEN: 'their-own',
          },
        });
        const [received = '', afterwards] = output.split('\n');
        assert.equal(afterwards, 'their-own');
        assert.deepEqual(JSON.parse(received), [
          TOKEN_PLACEHOLDER,
          target.endpoint,
          '1',
          'upload',
          hostile,
          `./${hostile}`,
          `--commit-message=${hostile}`,
        ]);
      });
    }
  });
});

describe('The shell of the terminal', () => {
  it('is known by its program', () => {
    for (const [program, expected] of [
      ['/bin/bash', 'posix'],
      ['/usr/bin/zsh', 'posix'],
      ['C:\\Program Files\\Git\\bin\\bash.exe', 'posix'],
      ['/opt/homebrew/bin/fish', 'fish'],
      ['C:\\WINDOWS\\System32\\WindowsPowerShell\\v1.0\\powershell.exe', 'powershell'],
      ['/usr/bin/pwsh-preview', 'powershell'],
      ['C:\\WINDOWS\\system32\\CMD.EXE', 'cmd'],
    ] as const) {
      assert.equal(shellOf(program, 'linux'), expected, program);
    }
  });

  it('is the usual one of the platform otherwise', () => {
    assert.equal(shellOf('', 'win32'), 'powershell');
    assert.equal(shellOf('/usr/bin/nu', 'darwin'), 'posix');
    // Windows' Subsystem for Linux takes no variables along.
    for (const program of ['/usr/bin/nu', 'wsl', 'python', '']) assert.equal(knownShell(program), undefined);
    assert.equal(knownShell('gitbash'), 'posix');
  });
});
