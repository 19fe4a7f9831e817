import { InvalidBody, type Exchange } from '../routing.ts';
import { HubRefusal } from './refusal.ts';

/** Does what answers a request, or tells why not. */
export async function answeredOrRefused(
  exchange: Exchange,
  inText: boolean,
  answer: () => Promise<void>,
): Promise<void> {
  try {
    await answer();
  } catch (error) {
    if (error instanceof InvalidBody) await refuse(exchange, new HubRefusal(400, error.message), inText);
    else if (error instanceof HubRefusal) await refuse(exchange, error, inText);
    else throw error;
  }
}

async function refuse(exchange: Exchange, refusal: HubRefusal, inText: boolean): Promise<void> {
  const ascii = refusal.message
    .replace(/[“”]/g, '"')
    .replace(/’/g, "'")
    .replace(/[^\x20-\x7e]/g, '?');
  const headers = {
    'x-error-message': ascii,
    ...(refusal.code && { 'x-error-code': refusal.code }),
    ...refusal.headers,
  };
  if (inText) {
    const type = { 'content-type': 'text/plain; charset=utf-8' };
    await exchange.answer(refusal.status, { ...type, ...headers }, refusal.message);
  } else await exchange.answerJson(refusal.status, { error: refusal.message }, headers);
}
