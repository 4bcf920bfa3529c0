import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** What the server does with one request, once it has arrived whole. */
export type Answer = (response: ServerResponse, request: IncomingMessage) => void;

export interface WireServer {
  readonly endpoint: string;
  /** The headers of the requests that arrived, in order. */
  readonly requests: readonly IncomingMessage["headers"][];
}

/** A server on a real socket that answers each request by the next of `answers`, the last one for ever. Ends with the test. */
export async function wireServer(...answers: readonly Answer[]): Promise<WireServer> {
  const requests: IncomingMessage["headers"][] = [];
  const server = createServer((request, response) => {
    request.resume().once("end", () => {
      requests.push(request.headers);
      answers[Math.min(requests.length, answers.length) - 1]?.(response, request);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  // True: a server that listens on a port has an address of this form.
  const { port } = server.address() as AddressInfo;
  return { endpoint: `http://127.0.0.1:${port}`, requests };
}

/** A complete answer. */
export function reply(status: number, body: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return (response) => {
    response.writeHead(status, { "content-type": "application/x-amz-json-1.0", ...headers });
    response.end(body);
  };
}

/** DynamoDB's answer to a request it refuses, or fails to carry out. */
export function failure(status: number, name: string, headers?: Readonly<Record<string, string>>): Answer {
  return reply(status, JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: name }), headers);
}

/** The connection breaks after the request arrived. */
export const reset: Answer = (response) => void response.socket?.destroy();

/** The connection breaks in the middle of the answer. */
export const cut: Answer = (response) => {
  response.writeHead(200, { "content-length": "100" });
  response.write('{"Attr', () => response.socket?.destroy());
};

/** No answer at all. */
export const silence: Answer = () => {};
