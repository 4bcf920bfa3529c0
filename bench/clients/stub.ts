import type { DynamoDB, DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import { benchClient } from "./client.js";

type Handler = Exclude<NonNullable<DynamoDBClientConfig["requestHandler"]>, Record<string, unknown>>;
type Request = Parameters<DynamoDB["config"]["requestHandler"]["handle"]>[0];

interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

const utf8 = new TextEncoder();
const headers = { "content-type": "application/x-amz-json-1.0" };

function answer(json: unknown): Answer {
  return { statusCode: 200, headers, body: utf8.encode(JSON.stringify(json)) };
}

/** The answers about one item that was put. */
interface Known {
  /** The item's key as it stands in requests, for example `"a"`. */
  readonly text: string;
  readonly got: Answer;
  readonly updated: Answer;
}

const nothing = answer({});
const returnsAll = '"ReturnValues":"ALL';

/**
 * Stands in the place of HTTP: answers at once, with bodies made beforehand, so that what is measured is the client alone.
 * The items that were put while it was learning are those it knows; so each contestant reads items as it wrote them.
 */
export class Stub {
  learning = true;
  readonly metadata = { handlerProtocol: "http/1.1" };
  readonly #known: Known[] = [];
  readonly #hashKey: string;

  constructor(hashKey: string) {
    this.#hashKey = hashKey;
  }

  async handle(request: Request): Promise<{ response: Answer }> {
    // True: the SDK makes bodies of this protocol as bytes.
    const { buffer, byteOffset, byteLength } = request.body as Uint8Array<ArrayBuffer>;
    const body = Buffer.from(buffer, byteOffset, byteLength);
    return { response: this.#answer(request.headers["x-amz-target"] ?? "", body) };
  }

  #answer(target: string, body: Buffer): Answer {
    if (target.endsWith(".GetItem")) return this.#about(body).got;
    if (target.endsWith(".UpdateItem") && body.includes(returnsAll)) return this.#about(body).updated;
    if (target.endsWith(".PutItem") && this.learning) this.#learn(body);
    return nothing;
  }

  #about(body: Buffer): Known {
    const known = this.#known.find(({ text }) => body.includes(text));
    if (known === undefined) throw new Error(`asked for an item that was never put: ${body.toString()}`);
    return known;
  }

  #learn(body: Buffer): void {
    // True: a PutItem has an item, and its table's key is a string.
    const { Item } = JSON.parse(body.toString()) as { Item: Record<string, { S: string }> };
    const text = JSON.stringify(Item[this.#hashKey]?.S);
    this.#known.push({ text, got: answer({ Item }), updated: answer({ Attributes: Item }) });
  }
}

/** A client whose requests end at a stub. */
export function stubbedClient(stub: Stub): DynamoDB {
  // True: the SDK asks no more of a handler than what the stub has; the types of its answers say "any".
  return benchClient("http://stub.invalid", { requestHandler: stub as unknown as Handler });
}
