import { setImmediate as turn } from "node:timers/promises";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";

type Handler = DynamoDBClient["config"]["requestHandler"];
type Request = Parameters<Handler["handle"]>[0];

/** Turns of the event loop without a new request, after which everybody waits for an answer. */
const idleTurns = 40;

/** The requests that went out together: each wave is one round trip, however far the database is. */
export type Wave = readonly string[];

/**
 * A client on a network where all requests take exactly the same time: those that are sent while others are under way wait
 * until all of these were answered, and then go together. So the number of waves is that of sequential round trips.
 */
export class WaveClient {
  readonly client: DynamoDBClient;
  readonly waves: Wave[] = [];
  readonly #waiting: { readonly operation: string; readonly go: () => void }[] = [];
  #underWay = 0;
  #arrivals = 0;
  #watching = false;

  constructor(endpoint: string) {
    this.client = new DynamoDBClient({
      endpoint,
      region: "us-east-1",
      credentials: { accessKeyId: "local", secretAccessKey: "local" },
      requestHandler: { httpAgent: { maxSockets: 1000 } }, // else the sockets make waves of their own
    });
    const inner = this.client.config.requestHandler;
    const handle = inner.handle.bind(inner);
    inner.handle = async (request: Request, ...rest) => {
      await this.#together((request.headers["x-amz-target"] ?? "").split(".").at(-1) ?? "");
      try {
        return await handle(request, ...rest);
      } finally {
        this.#underWay--;
        void this.#watch();
      }
    };
  }

  #together(operation: string): Promise<void> {
    this.#arrivals++;
    return new Promise((go) => {
      this.#waiting.push({ operation, go });
      void this.#watch();
    });
  }

  /** Sends the next wave when nothing is under way and nobody adds to it any more. */
  async #watch(): Promise<void> {
    if (this.#watching) return;
    this.#watching = true;
    for (let idle = 0, seen = this.#arrivals; idle < idleTurns && this.#underWay === 0; idle++) {
      await turn();
      if (seen !== this.#arrivals) [idle, seen] = [0, this.#arrivals];
    }
    this.#watching = false;
    if (this.#underWay > 0 || this.#waiting.length === 0) return;
    const wave = this.#waiting.splice(0);
    this.#underWay = wave.length;
    this.waves.push(wave.map(({ operation }) => operation));
    for (const { go } of wave) go();
  }
}
