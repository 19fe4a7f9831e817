import { blob, type HandMade, lfs } from '../publish/memorySnapshot.ts';

/**
 * Files as people have them by accident. Every secret is put together here, so that no text of the repository looks
 * like one: tools that look for secrets would find it.
 */
const UPPER = 'QZXWJKVBPYGFMTRCDNHLSAEIOU';
const ALPHABET = `${UPPER}${UPPER.toLowerCase()}0123456789`;

/** Characters that look random, the same ones each time. */
function random(length: number, seed: number, alphabet = ALPHABET): string {
  let state = seed * 2654435761 + 1;
  return Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return alphabet.charAt(Math.floor((state / 2 ** 32) * alphabet.length));
  }).join('');
}

const HEX = '0123456789abcdef';
const hf = (seed: number): string => `hf_${random(34, seed, UPPER + UPPER.toLowerCase())}`;
const pem = (kind: string): string =>
  [
    `-----BEGIN ${kind}PRIVATE KEY-----`,
    random(64, 1),
    random(64, 2),
    `-----END ${kind}PRIVATE KEY-----`,
    '',
  ].join('\n');
const awsId = 'AKIA' + random(16, 3, `${UPPER}234567`);
const awsSecret = random(40, 4, `${ALPHABET}/+`);
const notebook = (source: string, output: string): string =>
  JSON.stringify({
    cells: [{ cell_type: 'code', source: [source], outputs: [{ output_type: 'stream', text: [output] }] }],
    nbformat: 4,
  });
const json = (value: unknown): string => JSON.stringify(value, null, 2);
const lines = (count: number): string => 'a line of an ordinary text, with nothing to hide\n'.repeat(count);
const utf16be = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();

/** Realistic files with secrets in them, by path. */
export const SECRET_FILES: Readonly<Record<string, HandMade>> = {
  '.env': blob(`HF_TOKEN=${hf(10)}\n`),
  '.env.production': blob('A=b\n'),
  'deploy/prod.env': blob('DATABASE_PASSWORD=hunter2\n'),
  'train.py': blob(`from huggingface_hub import login\nlogin("${hf(11)}")\n`),
  'scripts/push.sh': blob(
    `curl -H "Authorization: Bearer ${random(40, 12)}" https://packages.buildkite.com\n`,
  ),
  'ci/buildkite.yml': blob(`env:\n  TOKEN: bkua_${random(40, 13, HEX)}\n`),
  'agent.cfg': blob(`token="bkct_${random(40, 14)}"\n`),
  'keys/id_rsa': blob(pem('RSA ')),
  'keys/id_ed25519.bak': blob('x'),
  'server.pem': blob(pem('')),
  'notes/key.txt': blob(pem('OPENSSH ')),
  'putty.txt': blob('PuTTY-User-Key-File-' + '3: ssh-rsa\n'),
  'gcp/service-account.json': blob(json({ type: 'service_account' })),
  'config/gcp.json': blob(json({ type: 'service_account', private_key: pem('') })),
  'firebase.js': blob(`const key = "AIza${random(35, 15)}";\n`),
  'aws.ini': blob(`[default]\naws_access_key_id = ${awsId}\naws_secret_access_key = ${awsSecret}\n`),
  '.aws/credentials': blob('[default]\n'),
  'infra/terraform.tfstate': blob('{}'),
  'settings.yaml': blob(`aws_secret_access_key: "${awsSecret}"\n`),
  'openai_eval.py': blob(`client = OpenAI(api_key="sk-proj-${random(48, 16)}")\n`),
  'anthropic.py': blob(`key = "sk-ant-api03-${random(93, 17)}AA"\n`),
  'groq.toml': blob(`groq = "gsk_${random(52, 18)}"\n`),
  'replicate.txt': blob(`r8_${random(37, 19)}\n`),
  'github.txt': blob(`git clone https://x:ghp_${random(36, 20)}@github.com/a/b\n`),
  'fine.txt': blob(`github_pat_${random(82, 21)}\n`),
  'gitlab.yml': blob(`token: glpat-${random(20, 22)}\n`),
  'slack.py': blob(
    `hook = "https://hooks.slack.com/services/T${random(9, 23)}/B${random(9, 24)}/${random(24, 25)}"\n`,
  ),
  'bot.py': blob(
    `SLACK = "xoxb-${random(12, 26, '123456789')}-${random(12, 27, '123456789')}-${random(24, 28)}"\n`,
  ),
  'stripe.rb': blob(`Stripe.api_key = "sk_live_${random(24, 29)}"\n`),
  'mail.py': blob(`sg = "SG.${random(22, 30)}.${random(43, 31)}"\n`),
  '.npmrc': blob(`//${['registry', 'npmjs', 'org'].join('.')}/:_authToken=npm_${random(36, 32)}\n`),
  'release/npm.md': blob(`Use npm_${random(36, 33)} to publish.\n`),
  'pypi.txt': blob(`pypi-AgEIcHlwaS5vcmc${random(80, 34)}\n`),
  'db.py': blob(`URL = "postgres://trainer:${random(16, 35)}@db.internal.acme.net:5432/runs"\n`),
  'mongo.json': blob(json({ url: `mongodb+srv://trainer:${random(16, 36)}@cluster0.acme.net/runs` })),
  'mirror.txt': blob(`https://trainer:${random(16, 37)}@pypi.acme.net/simple\n`),
  '.netrc': blob('machine api.wandb.ai\n'),
  'wandb/netrc.txt': blob(`machine api.wandb.ai login user password ${random(40, 38, HEX)}\n`),
  'wandb_login.py': blob(`wandb.login(key="${random(40, 39, HEX)}")\n`),
  'kaggle.txt': blob(`{"username":"trainer","key":"${random(32, 40, HEX)}"}`),
  'azure.txt': blob(`DefaultEndpointsProtocol=https;AccountName=acme;AccountKey=${random(86, 41)}==\n`),
  'session.txt': blob(`eyJhbGciOiJIUzI1NiIs.eyJ${random(40, 42)}.${random(43, 43)}\n`),
  'discord.py': blob(`https://discord.com/api/webhooks/${random(18, 44, '123456789')}/${random(68, 45)}\n`),
  'databricks.cfg': blob(`token = dapi${random(32, 46, HEX)}\n`),
  'app.properties': blob(`db.password="${random(18, 47)}"\n`),
  'run.ps1': blob(`$env:API_KEY = "${random(32, 48)}"\n`),
  Dockerfile: blob(`ENV SECRET_KEY=${random(40, 49)}\n`),
  'explore.ipynb': blob(notebook(`login(token="${hf(50)}")`, '')),
  'outputs.ipynb': blob(notebook('print(os.environ)', `HF_TOKEN=${hf(51)}\n`)),
  'windows.txt': blob(Buffer.from(`\ufefftoken ${hf(52)}\n`, 'utf16le')),
  'powershell.log': blob(Buffer.from(`the token is ${hf(53)}\r\n`, 'utf16le')),
  'big-endian.txt': blob(utf16be(`\ufefftoken ${hf(54)}\n`)),
  'long.log': blob(`${lines(3000)}HF_TOKEN=${hf(55)}\n${lines(3000)}`),
  'tracked.log': lfs(`${lines(10)}HF_TOKEN=${hf(56)}\n`),
  'tracked.csv': lfs(`${lines(5000)}user,${hf(57)}\n`),
  // The token stands across the border of two parts that are read.
  'border.txt': blob(`${'x'.repeat(64 * 1024 - 20)} ${hf(58)} ${lines(100)}`),
  'hidden.py': blob(`# secretlint-disable\nlogin("ghp_${random(36, 59)}")\n`),
};

/** What models have, and is no secret. */
export const ORDINARY_FILES: Readonly<Record<string, HandMade>> = {
  'tokenizer.json': blob(
    json({
      model: {
        type: 'BPE',
        vocab: Object.fromEntries(Array.from({ length: 3000 }, (_, at) => [random(6, at + 100), at])),
      },
      added_tokens: [{ id: 0, content: '<|endoftext|>' }],
    }),
  ),
  'tokenizer_config.json': blob(
    json({
      bos_token: '<|begin_of_text|>',
      eos_token: '<|end_of_text|>',
      pad_token: '<pad>',
      tokenizer_class: 'LlamaTokenizerFast',
      model_max_length: 131072,
    }),
  ),
  'special_tokens_map.json': blob(
    json({ unk_token: '[UNK]', additional_special_tokens: ['<|im_start|>', '<|im_end|>'] }),
  ),
  'config.json': blob(
    json({
      model_type: 'llama',
      key_value_heads: 8,
      torch_dtype: 'bfloat16',
      _name_or_path: '/data/acme/llama-3-8b',
    }),
  ),
  'generation_config.json': blob(json({ eos_token_id: [128001, 128009], transformers_version: '4.51.0' })),
  'vocab.txt': blob(
    Array.from({ length: 3000 }, (_, at) => `##${random(5, at, UPPER.toLowerCase())}`).join('\n'),
  ),
  'merges.txt': blob(
    `#version: 0.2\n${Array.from({ length: 3000 }, (_, at) => `${random(2, at)} ${random(3, at)}`).join('\n')}`,
  ),
  SHA256SUMS: blob(
    Array.from({ length: 50 }, (_, at) => `${random(64, at, HEX)}  model-${at}.safetensors`).join('\n'),
  ),
  'checksums.json': blob(json({ 'model.safetensors': { sha256: random(64, 9, HEX), key: 'model' } })),
  'README.md': blob(
    [
      '---\nlicense: mit\n---\n# A model',
      '    export HF_TOKEN=hf_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
      '    huggingface-cli login --token hf_YOUR_TOKEN_HERE_PLEASE_REPLACE_IT',
      '    login(token="hf_...")',
      '    OPENAI_API_KEY=sk-your-key-goes-here-and-nowhere-else-000000',
      '    AWS_ACCESS_KEY_ID=AKIAIOSFODNN7' + 'EXAMPLE',
      '    AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCY' + 'EXAMPLEKEY',
      '    Authorization: Bearer ${HF_TOKEN}',
      '    curl -H "Authorization: Bearer $HF_TOKEN" https://huggingface.co',
      '    api_key = os.environ["OPENAI_API_KEY"]',
      '    password = getpass.getpass("Password: ")',
      '    postgres://user:password@localhost:5432/db and https://user:pass@example.com/x',
      '    api_key="<your api key>" secret_key="${SECRET_KEY}"',
    ].join('\n'),
  ),
  'train.py': blob(
    [
      'api_key: str | None = None',
      'token = os.getenv("HF_TOKEN")',
      'secret = secrets.token_hex(32)',
      'parser.add_argument("--hub_token", type=str, default=None)',
      'access_token = config["access_token"]',
      'client = OpenAI(api_key=settings.openai_api_key)',
      'hf_hub_download(repo_id="meta-llama/Llama-3.1-8B", filename="config.json")',
      'hf_xet_high_performance_reconstruct_write_sequentially = True',
    ].join('\n'),
  ),
  'explore.ipynb': blob(
    json({
      cells: [
        { cell_type: 'code', outputs: [{ data: { 'image/png': random(60_000, 7, `${ALPHABET}+/`) } }] },
      ],
    }),
  ),
  'requirements.txt': blob(`torch==2.8.0 --hash=sha256:${random(64, 8, HEX)}\n`),
  'package-lock.json': blob(
    json({
      integrity: `sha512-${random(86, 5, `${ALPHABET}+/`)}==`,
      resolved: 'https://npm.acme.test/a/-/a-1.0.0.tgz',
    }),
  ),
  '.gitattributes': blob('*.safetensors filter=lfs diff=lfs merge=lfs -text\n'),
  '.env.example': blob('HF_TOKEN=\nOPENAI_API_KEY=\n'),
  'cert.crt': blob(`-----BEGIN CERTIFICATE-----\n${random(64, 6)}\n-----END CERTIFICATE-----\n`),
  'keys/id_rsa.pub': blob(`ssh-rsa AAAAB3NzaC1yc2E${random(300, 6)} me@acme\n`),
  'chat_template.jinja': blob('{% for m in messages %}{{ m["content"] }}{% endfor %}\n'),
  'model.safetensors.index.json': blob(
    json({ weight_map: { 'model.layers.0.self_attn.k_proj.weight': 'model-00001-of-00002.safetensors' } }),
  ),
  'trainer_state.json': blob(
    json({ log_history: [{ epoch: 0.1, grad_norm: 1.234567890123456, loss: 2.3 }] }),
  ),
  'adapter_config.json': blob(
    json({
      base_model_name_or_path: 'acme/base',
      modules_to_save: null,
      target_modules: ['q_proj', 'v_proj'],
    }),
  ),
  'embeddings.csv': lfs(
    Array.from({ length: 5000 }, (_, at) => `${at},0.${random(16, at, '0123456789')},${random(22, at)}`).join(
      '\n',
    ),
  ),
  'model.safetensors': lfs(Buffer.concat([Buffer.from([80, 1, 0, 0, 0, 0, 0, 0]), Buffer.from(hf(60))])),
};
