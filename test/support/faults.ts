import { DynamoDBClient } from "@aws-sdk/client-dynamodb";

/** What happens to one HTTP request. */
export type Fault = "lose request" | "lose reply" | "throttle" | undefined;

/** Decides about a request by the name of its operation (`PutItem`) and its input as JSON. */
export type FaultPlan = (operation: string, body: Record<string, unknown>) => Fault | Promise<Fault>;

type Handler = DynamoDBClient["config"]["requestHandler"];
type Request = Parameters<Handler["handle"]>[0];

function reset(): Error {
  return Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
}

function throttled(): Error {
  return Object.assign(new Error("slow down"), {
    name: "ThrottlingException",
    $fault: "client",
    $metadata: { httpStatusCode: 400 },
  });
}

/** A client whose requests meet faults between the SDK and the endpoint; `sent` lists the operations that reached the HTTP layer. */
export function faultyClient(
  endpoint: string,
  plan: FaultPlan,
): { readonly client: DynamoDBClient; readonly sent: string[] } {
  const sent: string[] = [];
  const client = new DynamoDBClient({
    endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    maxAttempts: 1,
  });
  const inner = client.config.requestHandler;
  const handle = inner.handle.bind(inner);
  inner.handle = async (request: Request, ...rest) => {
    const operation = (request.headers["x-amz-target"] ?? "").split(".").at(-1) ?? "";
    sent.push(operation);
    const fault = await plan(operation, JSON.parse(Buffer.from(request.body as Uint8Array | string).toString()));
    if (fault === "lose request") throw reset();
    if (fault === "throttle") throw throttled();
    const reply = await handle(request, ...rest);
    if (fault === "lose reply") throw reset();
    return reply;
  };
  return { client, sent };
}
