import { Agent, request as sendHttp } from "node:http";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { ValidationError } from "../base/errors.js";

/** DynamoDB's own limit for a request, with room to spare. */
const maxBodyBytes = 32 * 1024 * 1024;
const maxSockets = 128;
/** Of one connection only, so not passed on. */
const hopByHop = ["connection", "keep-alive", "transfer-encoding", "content-length"];

/** A request as it came in, whole. */
export interface Sent {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** The whole body of a message. Rejects when it breaks off or is too long. */
export async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  // True: a message without an encoding comes in buffers.
  for await (const part of message as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > maxBodyBytes) throw new ValidationError(`a body of more than ${maxBodyBytes} bytes is not passed on`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function passedOn(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !hopByHop.includes(name)));
}

/** The endpoint behind a proxy. */
export class Upstream {
  readonly #url: URL;
  readonly #agent = new Agent({ keepAlive: true, maxSockets });

  /** Throws `ValidationError` for anything but an address of plain HTTP. */
  constructor(endpoint: string) {
    const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
    if (url?.protocol !== "http:")
      throw new ValidationError(`a fault proxy needs an endpoint like http://127.0.0.1:8000, not ${endpoint}`);
    this.#url = url;
  }

  /** Sends a request on as it came, signature included, and resolves with the answer. */
  async send({ method, path, headers, body }: Sent): Promise<Answer> {
    const incoming = await new Promise<IncomingMessage>((resolve, reject) => {
      const request = sendHttp(this.#url, {
        agent: this.#agent,
        method,
        path,
        headers: { ...passedOn(headers), "content-length": String(body.length) },
      });
      request.once("response", resolve).once("error", reject).end(body);
    });
    // A message that answers a request has a status.
    return { status: incoming.statusCode ?? 500, headers: passedOn(incoming.headers), body: await bodyOf(incoming) };
  }

  close(): void {
    this.#agent.destroy();
  }
}
