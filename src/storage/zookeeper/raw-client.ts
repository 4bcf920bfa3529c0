// @ts-expect-error the package has no types of its own
import untyped from "node-zookeeper-client";

/** What this library uses of `node-zookeeper-client`, which has no types of its own; its inner parts are those of version 1.1. */
export interface RawClient {
  connect(): void;
  close(): void;
  addAuthInfo(scheme: string, auth: Buffer): void;
  getState(): { readonly code: number };
  getSessionId(): Buffer;
  getSessionTimeout(): number;
  on(event: "state", listener: (state: { readonly code: number }) => void): unknown;
  removeListener(event: "state", listener: (state: { readonly code: number }) => void): unknown;
  create(path: string, data: Buffer, acl: readonly RawAcl[], mode: number, callback: RawCallback<string>): void;
  remove(path: string, version: number, callback: RawCallback<undefined>): void;
  setData(path: string, data: Buffer, version: number, callback: RawCallback<RawStat>): void;
  getData(path: string, watcher: RawWatcher | undefined, callback: RawCallback<Buffer | undefined, RawStat>): void;
  exists(path: string, watcher: RawWatcher | undefined, callback: RawCallback<RawStat | null>): void;
  getChildren(path: string, watcher: RawWatcher | undefined, callback: RawCallback<string[], RawStat>): void;
  transaction(): RawTransaction;
  readonly options: { readonly retries?: number };
  readonly connectionManager: RawConnectionManager;
}

export type RawCallback<T, S = undefined> = (error: RawError | null | undefined, value: T, more: S) => void;

export type RawWatcher = () => void;

export interface RawError extends Error {
  readonly code?: number;
}

/** 64-bit numbers are eight bytes. */
export interface RawStat {
  readonly ephemeralOwner: Buffer;
  readonly version: number;
}

export type RawAcl = object;

export interface RawOp {
  readonly type: number;
  readonly path: string;
  readonly data?: Buffer;
  readonly version?: number;
  readonly acls?: readonly RawAcl[];
  readonly mode?: number;
}

export interface RawTransaction {
  readonly ops: RawOp[];
  commit(callback: RawCallback<readonly RawResult[] | undefined>): void;
}

export interface RawResult {
  readonly path?: string;
  readonly stat?: RawStat;
  readonly err?: number;
}

export interface RawPacket {
  readonly callback: (error: Error) => void;
}

/** The inner part that holds the connection. */
export interface RawConnectionManager {
  state: number;
  /** The number of the next request. */
  xid: number;
  connectTimeoutHandler: NodeJS.Timeout | null;
  socket?: RawSocket | undefined;
  pendingBuffer: Buffer | null;
  readonly packetQueue: { queue: RawPacket[] };
  readonly pendingQueue: RawPacket[];
  onSocketData(buffer: Buffer): void;
  onSocketConnected(): void;
}

export interface RawSocket {
  destroy(): void;
  on(event: "data" | "close", listener: () => void): unknown;
  removeListener(event: "data", listener: () => void): unknown;
  listenerCount(event: "data"): number;
}

/** Codes of states, operations, modes and errors, as the library and the protocol number them. */
export const rawState = { disconnected: 0, connected: 3, authFailed: 4, readOnly: 5, expired: -122 } as const;
export const managerState = { closing: -1 } as const;
export const opCode = { create: 1, delete: 2, set: 5, check: 13 } as const;
export const createMode = { ephemeral: 1, sequential: 2 } as const;
export const errorCode = {
  runtimeInconsistency: -2,
  connectionLoss: -4,
  noNode: -101,
  badVersion: -103,
  notEmpty: -111,
  nodeExists: -110,
  sessionExpired: -112,
} as const;

interface RawLibrary {
  createClient(hosts: string, options: { sessionTimeout: number; spinDelay: number; retries: number }): RawClient;
  readonly ACL: { new (permission: number, id: object): RawAcl; readonly OPEN_ACL_UNSAFE: readonly RawAcl[] };
  readonly Exception: { create(code: number): Error };
  readonly Id: new (scheme: string, id: string) => object;
}

// The cast states what version 1.1 exports.
export const rawLibrary = untyped as RawLibrary;

/** A client of `node-zookeeper-client`, as its users have it. */
export interface GivenClient {
  connect(): void;
  close(): void;
  getSessionId(): Buffer;
  getSessionTimeout(): number;
}

/** Whether a value is a client of the library. */
export function isRawClient(value: object): value is RawClient {
  return "connectionManager" in value && "getSessionId" in value;
}
