import {
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  ScanCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { Connection } from "dynatx";

export type RawItem = Record<string, AttributeValue>;

/** A table as another program sees it: the SDK alone, without this library's conditions and write ids. */
export interface RawTable {
  put(item: RawItem): Promise<void>;
  get(key: RawItem): Promise<RawItem | undefined>;
  /** Sets one attribute of an item. */
  set(key: RawItem, name: string, value: AttributeValue): Promise<void>;
  delete(key: RawItem): Promise<void>;
  scan(): Promise<RawItem[]>;
}

/** `table`: the model's table name, without the connection's prefix. */
export function rawTable(connection: Connection, table: string): RawTable {
  const { client } = connection;
  const TableName = connection.tableName(table);
  return {
    async put(Item) {
      await client.send(new PutItemCommand({ TableName, Item }));
    },
    async get(Key) {
      return (await client.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }))).Item;
    },
    async set(Key, name, value) {
      const names = { ExpressionAttributeNames: { "#n": name }, ExpressionAttributeValues: { ":v": value } };
      await client.send(new UpdateItemCommand({ TableName, Key, UpdateExpression: "SET #n = :v", ...names }));
    },
    async delete(Key) {
      await client.send(new DeleteItemCommand({ TableName, Key }));
    },
    async scan() {
      return (await client.send(new ScanCommand({ TableName, ConsistentRead: true }))).Items ?? [];
    },
  };
}

/** An intent of an atomic transaction in flight, as it lies in an item. */
export const intent: AttributeValue.MMember = {
  M: { id: { S: "T1" }, c: { S: "c" }, n: { S: "n" }, q: { N: "0" } },
};
/** The intent of a placeholder: an item that is logically absent. */
export const placeholderIntent: AttributeValue.MMember = { M: { ...intent.M, new: { BOOL: true } } };
