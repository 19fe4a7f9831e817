import { randomUUID } from 'node:crypto';
import { hasScope } from '../access.ts';
import { z } from 'zod';
import { modelName, repositoryOf, type HubCall } from './call.ts';
import { HubRefusal, checked } from './refusal.ts';
import { transferPaths } from './transfers.ts';

const lfsType = { 'content-type': 'application/vnd.git-lfs+json' };

/** Milliseconds a signed download URL lives. */
export const downloadUrlLifetimeMs = 60 * 60 * 1000;

const pointer = z.object({
  oid: z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in lower-case hex'),
  size: z.number().int().nonnegative(),
});

const batchBody = z.object({
  operation: z.enum(['upload', 'download']),
  transfers: z.array(z.string()).default(['basic']),
  // Python says sha256, JavaScript sha_256.
  hash_algo: z.enum(['sha256', 'sha_256']).optional(),
  ref: z.object({ name: z.string() }).nullish(),
  objects: z.array(pointer),
});

/** Git LFS batch, https://github.com/git-lfs/git-lfs/blob/main/docs/api/batch.md, with the Hub's multipart transfer. */
export async function lfsBatch(call: HubCall): Promise<void> {
  const { exchange, caller, registry, behaviour } = call;
  const repository = repositoryOf(call);
  const body = checked(batchBody, await exchange.json());
  if (body.operation === 'upload' && (caller.kind !== 'user' || !hasScope(caller.token, 'write_packages'))) {
    throw new HubRefusal(403, 'Your access token doesn’t have the write_packages scope.');
  }
  if (body.operation === 'upload') call.needWrite?.(modelName(call));
  const canMultipart = body.transfers.includes('multipart');
  if (!canMultipart && !body.transfers.includes('basic')) {
    throw new HubRefusal(422, 'This registry knows the transfers basic and multipart.');
  }
  const once = new Map(body.objects.map((object) => [object.oid, object]));
  let multipart = false;
  const objects: unknown[] = [];
  for (const { oid, size } of once.values()) {
    const stored = await repository.objects.sizeOf(oid);
    if (body.operation === 'download') {
      objects.push(
        stored === undefined
          ? { oid, size, error: { code: 404, message: `Object ${oid} is not stored in this registry.` } }
          : {
              oid,
              size: stored,
              authenticated: true,
              actions: {
                download: {
                  href: call.urls.download(
                    exchange.roots.packages,
                    transferPaths.download(registry.id, oid),
                    {},
                    downloadUrlLifetimeMs,
                  ),
                },
              },
            },
      );
    } else if (stored === size) {
      objects.push({ oid, size });
    } else if (stored !== undefined) {
      const message = `Object ${oid} is stored with ${String(stored)} bytes, not ${String(size)}.`;
      objects.push({ oid, size, error: { code: 422, message } });
    } else {
      const inParts = canMultipart && size >= behaviour.multipartThresholdBytes && size > 0;
      multipart ||= inParts;
      const verify = { href: `${call.endpoint}/${modelPath(call)}.git/info/lfs/objects/verify` };
      objects.push({
        oid,
        size,
        authenticated: true,
        actions: {
          upload: {
            ...(inParts ? multipartAction(call, oid, size) : basicAction(call, oid, size)),
            expires_at: new Date(Date.now() + behaviour.uploadUrlLifetimeMs).toISOString(),
          },
          ...(behaviour.verifyAction === 'present' && { verify }),
        },
      });
    }
  }
  await exchange.answerJson(
    200,
    {
      ...(behaviour.batchTransfer === 'stated' && { transfer: multipart ? 'multipart' : 'basic' }),
      objects,
      hash_algo: 'sha256',
    },
    lfsType,
  );
}

export async function lfsVerify(call: HubCall): Promise<void> {
  const { oid, size } = checked(pointer, await call.exchange.json());
  const stored = await repositoryOf(call).objects.sizeOf(oid);
  if (stored === undefined) throw new HubRefusal(404, `Object ${oid} was not uploaded.`);
  if (stored !== size) {
    throw new HubRefusal(422, `Object ${oid} has ${String(stored)} bytes, not ${String(size)}.`);
  }
  await call.exchange.answerJson(200, {}, lfsType);
}

function modelPath({ params, shown }: HubCall): string {
  return shown(`${params.namespace ?? ''}/${params.model ?? ''}`);
}

function basicAction({ exchange, urls, registry, behaviour }: HubCall, oid: string, size: number) {
  return {
    href: urls.upload(
      exchange.roots.packages,
      transferPaths.upload(registry.id, oid),
      { size },
      behaviour.uploadUrlLifetimeMs,
    ),
  };
}

/** `header` holds the size of a part and the URL of each: how the Hub extends the LFS protocol. */
function multipartAction({ exchange, urls, registry, behaviour }: HubCall, oid: string, size: number) {
  const { partBytes, uploadUrlLifetimeMs } = behaviour;
  const upload = randomUUID();
  const parts = Math.ceil(size / partBytes);
  const header: Record<string, string> = { chunk_size: String(partBytes) };
  const digits = String(Math.max(parts, 10000)).length;
  for (let part = 1; part <= parts; part += 1) {
    const offset = (part - 1) * partBytes;
    header[String(part).padStart(digits, '0')] = urls.upload(
      exchange.roots.packages,
      transferPaths.part(registry.id, oid, upload, part),
      { offset, bytes: Math.min(partBytes, size - offset) },
      uploadUrlLifetimeMs,
    );
  }
  const href = urls.upload(
    exchange.roots.packages,
    transferPaths.completion(registry.id, oid, upload),
    { size, parts },
    uploadUrlLifetimeMs,
  );
  return { href, header };
}
