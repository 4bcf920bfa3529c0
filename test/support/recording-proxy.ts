import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { Upstream, bodyOf } from "../../src/testing/upstream.js";

/** A write that the database has executed. */
export interface Executed {
  /** What the header `x-deed` said: who wanted it. */
  readonly deed: string;
  readonly operation: string;
  /** The request as JSON. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** Stands directly before a database, and tells `executed` of every write it has answered with success, at once. Ends with the test. */
export async function recordingProxy(endpoint: string, executed: (write: Executed) => void): Promise<string> {
  const upstream = new Upstream(endpoint);
  const carry = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = "POST", url: path = "/", headers } = request;
    const body = await bodyOf(request);
    const answer = await upstream.send({ method, path, headers, body });
    const operation = String(headers["x-amz-target"]).replace(/^.*\./, "");
    if (answer.status === 200 && /^(Put|Update|Delete)Item$/.test(operation)) {
      // True: DynamoDB has understood the request, so it is a JSON object.
      const json = JSON.parse(body.toString()) as Record<string, unknown>;
      executed({ deed: String(headers["x-deed"] ?? ""), operation, body: json });
    }
    response.writeHead(answer.status, { ...answer.headers, "content-length": answer.body.length });
    response.end(answer.body);
  };
  // A sender that went away, or the database's end, breaks the connection.
  const server = createServer((request, response) => {
    carry(request, response).catch(() => response.socket?.destroy());
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
    upstream.close();
  });
  // True: a server that listens on a port has an address of this form.
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
