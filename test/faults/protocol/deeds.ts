/** Requests of the protocol, told by what they are for: by their JSON, as a client sends it and a proxy sees it. */
import type { FaultProxyOptions, PlannedFault } from "dynatx/testing";

export type Deed =
  | "begin"
  | "commit"
  | "push"
  | "abort"
  | "look at record"
  | "intent"
  | "apply" // a new state; a deletion is a `delete`
  | "roll back" // a placeholder is a `delete`, too
  | "delete"
  | "look"
  | "transact"
  | "other";

export interface Sent {
  /** The operation's name in DynamoDB's API. */
  readonly operation: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** What the stories' requests have in them, as far as it is looked at. */
interface Body {
  readonly TableName?: string;
  readonly Key?: { readonly id?: { readonly S?: string } };
  readonly Item?: { readonly id?: { readonly S?: string }; readonly _tx?: object };
  readonly UpdateExpression?: string;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues?: Readonly<Record<string, { readonly M?: object }>>;
}

const changes: readonly (readonly [sign: string, Deed])[] = [
  [":committed", "commit"],
  [":aborted", "abort"],
  ["ADD", "push"], // or a sign of life
];

export function deedOf({ operation, body }: Sent): Deed {
  // True: requests of this library about one item have no other form; of the others nothing but the name is asked.
  const { TableName = "", Item, UpdateExpression = "", ...rest } = body as Body;
  const names = Object.values(rest.ExpressionAttributeNames ?? {});
  const values = Object.values(rest.ExpressionAttributeValues ?? {});
  const ofRecord = TableName.endsWith("dynatx") || TableName.endsWith("elsewhere");
  switch (operation) {
    case "GetItem":
      return ofRecord ? "look at record" : "look";
    case "PutItem":
      if (ofRecord) return "begin";
      return Item?._tx === undefined ? "other" : "intent";
    case "DeleteItem":
      return ofRecord ? "other" : "delete";
    case "UpdateItem":
      if (ofRecord) return changes.find(([sign]) => UpdateExpression.includes(sign))?.[1] ?? "other";
      if (values.some(({ M }) => M !== undefined && "op" in M)) return "intent";
      if (UpdateExpression.startsWith("REMOVE")) return "roll back";
      return names.includes("_tx") && UpdateExpression.includes(" REMOVE ") ? "apply" : "other";
    case "TransactWriteItems":
      return "transact";
    default:
      return "other";
  }
}

/** The id of the one item that a request is about. */
export function idIn({ body }: Sent): string | undefined {
  // True: as above.
  const { Key, Item } = body as Body;
  return Key?.id?.S ?? Item?.id?.S;
}

/** Stands between a client and the network: may wait, act and count before it lets a request through, or after. */
export type Around = (sent: Sent, next: () => Promise<void>) => Promise<void>;

/** Before the n-th request for a deed goes out, `happens` is awaited. */
export function before(deed: Deed, happens: () => Promise<void>, { id, time = 1 }: Which = {}): Around {
  let met = 0;
  return async (sent, next) => {
    if (deedOf(sent) === deed && (id === undefined || idIn(sent) === id) && ++met === time) await happens();
    await next();
  };
}

export interface Which {
  /** Of which item; default: of any. */
  readonly id?: string | undefined;
  /** From 1, which is the default. */
  readonly time?: number | undefined;
}

/** The first request for each of these deeds meets a fault, the others none. */
export function meets(faults: { readonly [D in Deed]?: PlannedFault }): NonNullable<FaultProxyOptions["plan"]> {
  const left = new Map(Object.entries(faults));
  return (request) => {
    const deed = deedOf(request);
    const fault = left.get(deed);
    left.delete(deed);
    return fault;
  };
}
